import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { LecternError } from '../../contracts/errors.ts';
import { pairedRandomisation } from '../metrics/paired-randomisation.ts';
import type { AnswerScore } from './score-answer.ts';

const OutcomeSchema = z.object({
  question: z.string(),
  /** Answered where the lectures answer, refused where they do not. */
  right: z.boolean(),
  /** A citation lies where the answer is said; `null` where no place is known. */
  found: z.boolean().nullable(),
  /** The answer holds the words expected; `null` where none are. */
  hit: z.boolean().nullable(),
});
/** What became of one question, without words of a lecture. */
export type Outcome = z.infer<typeof OutcomeSchema>;

const MeasuredSchema = z.object({ value: z.number().nullable(), of: z.number() });
/** What `lectern eval --save` wrote, as far as a later one compares itself with it. */
const SavedSchema = z.object({ rates: z.record(z.string(), z.unknown()), outcomes: z.array(OutcomeSchema) });
export type SavedEvaluation = z.infer<typeof SavedSchema>;

export interface Comparison {
  /** Questions that both were asked. */
  questions: number;
  /** Of those, questions that are treated better or worse than before, by their words. */
  better: string[];
  worse: string[];
  /** How often chance alone makes so large a difference in questions treated rightly. */
  p: number;
}

export function toOutcome(question: string, { answerable, answered, places, found, hit }: AnswerScore): Outcome {
  return { question, right: answered === answerable, found: places === 0 ? null : found, hit: answered ? hit : null };
}

/** Errors: `not-found`, `invalid-input`. */
export async function readSavedEvaluation(path: string): Promise<SavedEvaluation> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new LecternError('not-found', `${path} cannot be read`, { cause, cure: 'Name a file that `lectern eval --save` wrote.' });
  });
  try {
    return SavedSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new LecternError('invalid-input', `${path} is no evaluation`, { cause, cure: 'Name a file that `lectern eval --save` wrote.' });
  }
}

/** A rate of an earlier evaluation; `null` where it had none. */
export function savedRate(rate: unknown): number | null {
  const parsed = MeasuredSchema.safeParse(rate);
  return parsed.success ? parsed.data.value : null;
}

/** Question by question: a question counts by being treated rightly, by its citation and by its words, as far as these are known. */
export function compareOutcomes(now: readonly Outcome[], before: readonly Outcome[]): Comparison {
  const earlier = new Map(before.map((outcome) => [outcome.question, outcome]));
  const pairs = now.flatMap((outcome) => {
    const other = earlier.get(outcome.question);
    return other === undefined ? [] : [[outcome, other] as const];
  });
  const { p } = pairedRandomisation(
    pairs.map(([ours]) => Number(ours.right)),
    pairs.map(([, theirs]) => Number(theirs.right)),
  );
  const worthOf = ({ right, found, hit }: Outcome): number => Number(right) + Number(found === true) + Number(hit === true);
  const changed = (sign: number): string[] =>
    pairs.filter(([ours, theirs]) => Math.sign(worthOf(ours) - worthOf(theirs)) === sign).map(([ours]) => ours.question);
  return { questions: pairs.length, better: changed(1), worse: changed(-1), p };
}
