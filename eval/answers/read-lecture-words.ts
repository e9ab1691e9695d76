import type { ApiClient } from '../../cli/api-client.ts';
import { TranscriptViewSchema } from '../../contracts/api.ts';
import type { LectureWords } from './citation-words.ts';

/** What a lecture says and who is who, as its transcript is served. */
export async function readLectureWords(api: Pick<ApiClient, 'getTranscript'>, lectureId: string): Promise<LectureWords> {
  const transcript = TranscriptViewSchema.parse(JSON.parse(await api.getTranscript(lectureId, 'json')));
  return { lectureId, words: transcript.turns.flatMap(({ words }) => words), speakerNames: transcript.speakerNames };
}
