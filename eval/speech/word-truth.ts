import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { SpanSchema, type Span, type SpeakerTurn } from '../../contracts/transcript.ts';
import { alignSequences } from '../metrics/sequence-alignment.ts';
import type { TimedWord } from '../metrics/speaker-word-error-rate.ts';
import type { SpokenWord } from '../metrics/word-diarization-error.ts';
import { toScoredWords } from '../metrics/word-error-rate.ts';

const WordTruthSchema = z.object({
  turns: z.array(z.object({ speaker: z.string(), words: z.array(SpanSchema.extend({ text: z.string() })) })),
});

/** Words of a reference with speakers and times, in order of time. */
export async function readWordTruth(path: string): Promise<TimedWord[]> {
  const { turns } = WordTruthSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  return turns.flatMap(({ speaker, words }) => words.map((word) => ({ ...word, speaker }))).sort((a, b) => a.startSeconds - b.startSeconds);
}

/**
 * The speakers of a text of which only the turns are known: a word is theirs in (or nearest to) whose turn it was heard; one that was
 * not heard, the speaker's before it. For recordings whose turns do not overlap.
 */
export function attributeText(
  text: string,
  turns: readonly SpeakerTurn[],
  heard: readonly (Span & { text: string })[],
  language: string,
): SpokenWord[] {
  const said = toScoredWords(text, language);
  const found = heard.flatMap((word) =>
    toScoredWords(word.text, language).map((token) => ({ token, at: (word.startSeconds + word.endSeconds) / 2 })),
  );
  const pairs = alignSequences(
    said,
    found.map(({ token }) => token),
  );
  const speakers: (string | undefined)[] = said.map(() => undefined);
  for (const { reference, hypothesis } of pairs) {
    if (reference !== null && hypothesis !== null) speakers[reference] = nearestSpeaker(found[hypothesis]?.at ?? 0, turns);
  }
  let last = speakers.find((speaker) => speaker !== undefined) ?? turns[0]?.speaker ?? null;
  return said.map((token, index) => ({ text: token, speaker: (last = speakers[index] ?? last) }));
}

function nearestSpeaker(seconds: number, turns: readonly SpeakerTurn[]): string | undefined {
  const distance = (turn: SpeakerTurn): number => Math.max(turn.startSeconds - seconds, seconds - turn.endSeconds, 0);
  return turns.reduce<SpeakerTurn | undefined>(
    (best, turn) => (best === undefined || distance(turn) < distance(best) ? turn : best),
    undefined,
  )?.speaker;
}
