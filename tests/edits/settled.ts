import { joinWords } from '../../contracts/join-words.ts';
import type { LectureId } from '../../contracts/identity.ts';
import type { EditBench } from './edit-bench.ts';

/** What is wrong with what readers find of a lecture whose publication has settled; nothing, if all is well. */
export async function findStaleness(bench: EditBench, lectureId: LectureId): Promise<string[]> {
  const transcript = await bench.transcriptOf(lectureId);
  const lecture = (await bench.deps.lectures.get(bench.tenantId, lectureId))!;
  const said = transcript.turns.flatMap(({ speaker, words }) => words.map((word) => keyOf(speaker, word)));
  const known = new Set(said);
  const found = new Set<string>();
  const wrong: string[] = [];
  const vocabulary = new Set(
    [lecture.metadata.title ?? '', ...transcript.turns.flatMap(({ words }) => words.map(({ text }) => text))].flatMap(lettersOf),
  );
  for (const { speaker, speakerName, words, text, context } of await bench.passagesOf(lectureId)) {
    for (const word of words) {
      const key = keyOf(speaker, word);
      found.add(key);
      if (!known.has(key)) wrong.push(`a passage says ${key}, which the transcript does not`);
    }
    if (text !== joinWords(words.map((word) => word.text))) wrong.push(`a passage's text is not its words: ${text}`);
    const name = speaker === null ? undefined : lecture.speakerNames[speaker];
    if (speakerName !== name) wrong.push(`${speaker} is called ${speakerName}, not ${name}`);
    for (const word of lettersOf(context ?? '')) if (!vocabulary.has(word)) wrong.push(`a context says ${word}, which nobody says`);
  }
  for (const key of known) if (!found.has(key)) wrong.push(`no passage says ${key}`);
  if (lecture.artifacts.transcript !== lecture.revision?.transcript.key && lecture.revision !== undefined)
    wrong.push('the document names another transcript');
  if (lecture.revision !== undefined && lecture.revision.published.digest !== lecture.revision.transcript.digest)
    wrong.push('the head is not published');
  return wrong;
}

function keyOf(
  speaker: string | null,
  { text, startSeconds, endSeconds }: { text: string; startSeconds: number; endSeconds: number },
): string {
  return `${speaker} ${startSeconds.toFixed(4)}-${endSeconds.toFixed(4)} ${text}`;
}

function lettersOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
