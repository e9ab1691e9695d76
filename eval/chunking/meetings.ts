import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LecternError, toLecternError } from '../../contracts/errors.ts';
import type { Transcript, Turn } from '../../contracts/transcript.ts';
import { assignRoles } from '../../transcript/roles.ts';

/** A meeting of QMSum (Zhong et al., NAACL 2021) as Lectern would have it after `align`. */
export interface Meeting {
  name: string;
  transcript: Transcript;
  questions: { text: string; /** Positions in the meeting of the words of the turns that answer. */ relevantWords: ReadonlySet<number> }[];
}

const MeetingFileSchema = z.object({
  meeting_transcripts: z.array(z.object({ speaker: z.string(), content: z.string() })),
  specific_query_list: z.array(
    z.object({ query: z.string(), relevant_text_span: z.array(z.tuple([z.coerce.number(), z.coerce.number()])) }),
  ),
});

/** QMSum has no times: words follow one another at the pace of speech, and a word's time tells its position. */
const SECONDS_PER_WORD = 0.4;

export function positionOf({ startSeconds }: { startSeconds: number }): number {
  return Math.round(startSeconds / SECONDS_PER_WORD);
}

/** All meetings of a folder of QMSum's JSON files, by name. Errors: `invalid-input`. */
export async function readMeetings(folder: string): Promise<Meeting[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  if (files.length === 0)
    throw new LecternError('invalid-input', `${folder} holds no .json files`, { cure: "Name QMSum's folder val or train." });
  return Promise.all(files.map(async (file) => toMeeting(file.replace(/\.json$/, ''), await readText(join(folder, file)))));
}

async function readText(path: string): Promise<z.infer<typeof MeetingFileSchema>> {
  try {
    return MeetingFileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new LecternError('invalid-input', `${path} is no meeting of QMSum: ${toLecternError(error).message}`, { cause: error });
  }
}

function toMeeting(
  name: string,
  { meeting_transcripts: spoken, specific_query_list: queries }: z.infer<typeof MeetingFileSchema>,
): Meeting {
  const labels = new Map([...new Set(spoken.map(({ speaker }) => speaker))].map((speaker, index) => [speaker, `S${index + 1}`]));
  let position = 0;
  const turns = spoken.map(({ speaker, content }): Turn => {
    const label = labels.get(speaker)!;
    const words = content
      .split(/\s+/)
      .filter((text) => text !== '')
      .map((text) => {
        const startSeconds = position++ * SECONDS_PER_WORD;
        const endSeconds = startSeconds + SECONDS_PER_WORD;
        return { text, startSeconds, endSeconds, confidence: 1, speaker: label, speakerSource: 'overlap' as const };
      });
    const [startSeconds, endSeconds] = [(position - words.length) * SECONDS_PER_WORD, position * SECONDS_PER_WORD];
    return { speaker: label, words, startSeconds, endSeconds };
  });
  return {
    name,
    transcript: {
      language: 'en',
      durationSeconds: position * SECONDS_PER_WORD,
      speakers: [...labels.values()],
      roles: assignRoles(turns),
      turns,
    },
    questions: queries
      .map(({ query, relevant_text_span: spans }) => ({
        text: query,
        relevantWords: new Set(spans.flatMap(([from, to]) => turns.slice(from, to + 1).flatMap(({ words }) => words.map(positionOf)))),
      }))
      // Turns without words cannot be found.
      .filter(({ relevantWords }) => relevantWords.size > 0),
  };
}
