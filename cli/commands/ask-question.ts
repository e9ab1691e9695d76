import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { QueryRequestSchema, QueryResponse } from '../../contracts/query.ts';
import type { ApiClient } from '../api-client.ts';
import { formatTime, type Output } from '../output.ts';

export type Question = z.input<typeof QueryRequestSchema>;

/** As many turns, and as much of an answer, as the API takes. */
const MAX_TURNS = 8;
const MAX_ANSWER_CHARACTERS = 4_000;

/** With a refusal: enough to see whether asking otherwise is worth it. */
const NEAREST_SHOWN = 3;
const NEAREST_CHARACTERS = 160;

/** Asks, and prints the answer: on a terminal as it is written. */
export async function askQuestion(api: ApiClient, output: Output, question: Question): Promise<QueryResponse> {
  let shown = '';
  const response = output.isWatched
    ? await api.streamQuery(question, (event) => {
        if (event.event !== 'delta') return;
        shown += event.data.text;
        output.piece(event.data.text);
      })
    : await api.query(question);
  output.document(response);
  noteUnheardPhrases(output, response);
  if (shown !== '') output.line('');
  // A model that broke off leaves half a text, and the whole answer is another one.
  if (shown !== response.answer?.text) output.line(response.answer?.text ?? '');
  printCitations(output, response);
  return response;
}

/** Goes on with each line of `lines`, which may lean on what was asked before, until an empty one or their end. */
export async function converse(api: ApiClient, output: Output, question: Question, input: Readable): Promise<void> {
  const history: NonNullable<Question['history']> = [];
  const ask = async (words: string): Promise<void> => {
    const response = await askQuestion(api, output, { ...question, question: words, history });
    if (response.rewritten !== undefined) output.note(`looked for: ${response.rewritten}`);
    history.push({ question: words, answer: (response.answer?.text ?? '').slice(0, MAX_ANSWER_CHARACTERS) });
    history.splice(0, history.length - MAX_TURNS);
  };
  await ask(question.question);
  for await (const line of createInterface({ input })) {
    if (line.trim() === '') return;
    await ask(line.trim());
  }
}

/** The answer and its numbered citations, each with the second it begins at. */
export function printAnswer(output: Output, response: QueryResponse): void {
  if (response.answer === undefined) return;
  output.line(response.answer.text);
  printCitations(output, response);
}

function printCitations(output: Output, { answer, hits }: QueryResponse): void {
  if (answer === undefined) return;
  for (const [at, { lectureId, speaker, speakerName, startSeconds, endSeconds, quote }] of answer.citations.entries()) {
    const title = hits.find((hit) => hit.lectureId === lectureId)?.title ?? lectureId;
    const who = speakerName ?? speaker ?? 'speaker unknown';
    output.line(`  [${at + 1}] ${title}, ${formatTime(startSeconds)} to ${formatTime(endSeconds)}, ${who}: "${quote}"`);
  }
  if (answer.claims?.some(({ supported }) => !supported) === true) output.note('[?]: no passage found says so.');
  if (answer.notice !== undefined) output.note(answer.notice);
  if (answer.kind === 'none') printNearest(output, hits);
}

/** What comes nearest to a question that nothing answers, each passage in a line. */
function printNearest(output: Output, hits: QueryResponse['hits']): void {
  for (const { title, lectureId, startSeconds, speakerName, speaker, text } of hits.slice(0, NEAREST_SHOWN)) {
    const words = text.length > NEAREST_CHARACTERS ? `${text.slice(0, NEAREST_CHARACTERS).replace(/\s+\S*$/u, '')} ...` : text;
    output.line(
      `  nearest: ${title ?? lectureId}, ${formatTime(startSeconds)}, ${speakerName ?? speaker ?? 'speaker unknown'}: "${words}"`,
    );
  }
}

/** Tells which phrases in quotation marks nobody says. */
export function noteUnheardPhrases(output: Output, { unheardPhrases }: QueryResponse): void {
  if (unheardPhrases.length === 0) return;
  const phrases = unheardPhrases.map((phrase) => `"${phrase}"`).join(' and ');
  output.note(`no passage holds ${phrases} word for word: this is what comes nearest`);
}
