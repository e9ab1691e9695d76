import { z } from 'zod';
import { lineSchema } from './lecture.ts';

/** Beyond this many terms each is one of many, and the transcriber is led astray more often than helped. */
export const MAX_TERMS = 200;
const MAX_TERM_CHARACTERS = 60;

/**
 * Names and terms of a course that the transcriber shall know how to spell: the artifact `vocabulary` of a lecture. Terms may name
 * people: Temporal gets the artifact's reference only.
 */
export const VocabularySchema = z.array(lineSchema(MAX_TERM_CHARACTERS)).min(1).max(MAX_TERMS);
export type Vocabulary = z.infer<typeof VocabularySchema>;

/** Terms as people write them down: separated by commas, semicolons or line breaks; the same term twice counts once. */
export const VocabularyTextSchema = z
  .string()
  .transform((text) => [...new Set(text.split(/[,;\r\n]+/).map(oneLine))].filter((term) => term !== ''))
  .pipe(VocabularySchema);

/** Blanks, tabs among them, as one space, so that a term is the same however it was typed. */
function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Zs}\t]+/gu, ' ')
    .trim()
    .normalize('NFC');
}
