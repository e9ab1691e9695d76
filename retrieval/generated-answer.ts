import type { Answer } from '../contracts/query.ts';
import type { Embedder } from '../inference/embedder.ts';
import type { LanguageModel } from '../inference/language-model.ts';
import { ANSWER_SYSTEM_PROMPT, NOT_IN_LECTURES, toAnswerPrompt, toPlainProse } from './answer-prompt.ts';
import { rankQuotes } from './quote-ranker.ts';
import { toCitation, toQuotes, type Quote } from './quotes.ts';
import type { FoundPassage } from './read-passages.ts';

export interface GenerateAnswerInput {
  question: string;
  passages: readonly FoundPassage[];
  embedder: Embedder;
  languageModel: LanguageModel;
  signal: AbortSignal | undefined;
}

/** A claim and its quote must share meaning or words at least this much; below, the citation is dropped. */
const MIN_SIMILARITY = 0.35;
const MIN_OVERLAP = 0.3;

const MARKS = /\[\s*p?\d+(?:\s*[,;]\s*p?\d+)*\s*\]/gi;
const MAX_ANSWER_TOKENS = 400;

/**
 * A language model's answer, as far as the passages bear it out. The model writes marks only; passage, speaker, seconds
 * and quoted words come from the index. A mark that was not given, or whose passage says nothing like the sentence it
 * ends, is removed; an answer left without a citation is `unsupported`.
 */
export async function generateAnswer(input: GenerateAnswerInput): Promise<Answer | 'not-in-lectures' | 'unsupported'> {
  const { question, passages, languageModel, signal } = input;
  const prompt = toAnswerPrompt(question, passages);
  const request = { system: ANSWER_SYSTEM_PROMPT, prompt, maxTokens: MAX_ANSWER_TOKENS };
  const written = toPlainProse(await languageModel.generate(signal === undefined ? request : { ...request, signal }));
  if (written.replaceAll(/[^a-z_]/gi, '').toUpperCase() === NOT_IN_LECTURES) return 'not-in-lectures';

  const quotable = passages.map((passage) => toQuotes([passage]));
  const cited: Quote[] = [];
  let text = '';
  for (const { claim, marks } of splitClaims(written)) {
    const numbers: number[] = [];
    for (const mark of marks) {
      const quote = await findSupport(claim, quotable[mark - 1] ?? [], input);
      if (quote === undefined) continue;
      if (!cited.includes(quote)) cited.push(quote);
      numbers.push(cited.indexOf(quote) + 1);
    }
    text += claim + [...new Set(numbers)].map((number) => ` [${number}]`).join('');
  }
  if (cited.length === 0) return 'unsupported';
  return { text: text.trim(), kind: 'generated', model: languageModel.name, citations: cited.map(toCitation) };
}

/** Stretches of text with the marks that end them; the rest of the text has none. */
function splitClaims(written: string): { claim: string; marks: number[] }[] {
  const claims: { claim: string; marks: number[] }[] = [];
  let from = 0;
  for (const match of written.matchAll(MARKS)) {
    const claim = written.slice(from, match.index);
    const marks = (match[0].match(/\d+/g) ?? []).map(Number);
    from = match.index + match[0].length;
    const before = claims.at(-1);
    // `[p1] [p2]` and `[p1].` belong to the sentence before.
    if (before && !/[\p{L}\p{N}]/u.test(claim)) {
      before.marks.push(...marks);
      before.claim = before.claim.trimEnd() + claim.trim();
    } else claims.push({ claim: claim.trimEnd(), marks });
  }
  const rest = written.slice(from);
  if (rest.trim() !== '') claims.push({ claim: rest, marks: [] });
  return claims;
}

async function findSupport(claim: string, quotes: readonly Quote[], { embedder, signal }: GenerateAnswerInput): Promise<Quote | undefined> {
  if (quotes.length === 0 || !/[\p{L}\p{N}]/u.test(claim)) return undefined;
  const [vector] = await embedder.embed([claim], signal);
  const [best] = await rankQuotes(quotes, claim, vector!, embedder, signal);
  return best && (best.similarity >= MIN_SIMILARITY || best.overlap >= MIN_OVERLAP) ? best.quote : undefined;
}
