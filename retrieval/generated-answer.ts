import type { Answer, Claim, QueryEvent } from '../contracts/query.ts';
import type { Embedder } from '../inference/embedder.ts';
import type { GenerateRequest, LanguageModel } from '../inference/language-model.ts';
import { ANSWER_EXAMPLES, ANSWER_SYSTEM_PROMPT, NOT_IN_LECTURES, toAnswerPrompt } from './answer-prompt.ts';
import { createClaimReader, type WrittenClaim } from './claims.ts';
import { rankQuotes, type RankedQuote } from './quote-ranker.ts';
import { toCitation, toQuotes, type Quote } from './quotes.ts';
import type { FoundPassage } from './read-passages.ts';

export interface GenerateAnswerInput {
  question: string;
  passages: readonly FoundPassage[];
  embedder: Embedder;
  languageModel: LanguageModel;
  signal: AbortSignal | undefined;
  /** Told each citation and each piece of the text, once it is verified. */
  onEvent: ((event: QueryEvent) => void) | undefined;
}

/** A claim and a quote of the passage that it names must share meaning or words at least this much; below, the mark is dropped. */
const NAMED = { minSimilarity: 0.35, minOverlap: 0.3 };

/** A claim before the one that names the passage may have it from there too, or from nowhere. */
const LEANING = { minSimilarity: 0.5, minOverlap: 0.5 };

/** A claim that names no passage which bears it out must share nearly all of its words, and its meaning, with a quote of any. */
const UNNAMED = { minSimilarity: 0.6, minOverlap: 0.75 };

const MAX_ANSWER_TOKENS = 400;

/** What a model writes when it goes on to the next question by itself. */
const STOP = ['\nQuestion:', '<passage', '</passage'];

/**
 * A language model's answer, as far as the passages bear it out. The model writes marks only; passage, speaker, seconds
 * and quoted words come from the index. A mark that was not given, or whose passage says nothing like the sentence, is
 * removed; a sentence left without one, as small models often leave it, gets the quote that says nearly the same (post-hoc
 * citation, Gao et al., ALCE, 2023), or is marked as unsupported; an answer with no supported sentence is `unsupported`.
 */
export async function generateAnswer(input: GenerateAnswerInput): Promise<Answer | 'not-in-lectures' | 'unsupported'> {
  const { question, passages, languageModel, signal } = input;
  let model = languageModel.name;
  const request: GenerateRequest = {
    system: ANSWER_SYSTEM_PROMPT,
    prompt: toAnswerPrompt(question, passages),
    examples: ANSWER_EXAMPLES,
    maxTokens: MAX_ANSWER_TOKENS,
    stop: STOP,
    onModel: (name) => {
      model = name;
    },
    ...(signal === undefined ? {} : { signal }),
  };
  const reader = createClaimReader();
  const page = createPage(input);
  let refused = false;
  const take = async (written: readonly WrittenClaim[]): Promise<void> => {
    for (const claim of written) {
      if (isRefusal(claim.text)) refused = true;
      else await page.add(claim);
    }
  };
  for await (const piece of languageModel.stream(request)) await take(reader.write(piece));
  await take(reader.end());
  const { text, claims, citations } = page;
  if (citations.length === 0) return refused ? 'not-in-lectures' : 'unsupported';
  return { text, kind: 'generated', model, citations, claims };
}

interface Page {
  readonly text: string;
  readonly claims: Claim[];
  readonly citations: Answer['citations'];
  /** Verifies a claim and puts it on the page. */
  add(written: WrittenClaim): Promise<void>;
}

/** The answer as it grows. Sentences without support wait for one with it: without any, another answer takes their place. */
function createPage(input: GenerateAnswerInput): Page {
  const quotable = input.passages.map((passage) => toQuotes([passage]));
  const quotes: Quote[] = [];
  const claims: Claim[] = [];
  let text = '';
  let shownLength = 0;
  return {
    get text() {
      return text;
    },
    claims,
    get citations() {
      return quotes.map(toCitation);
    },
    async add(written) {
      const numbers = new Set<number>();
      for (const quote of await findSupport(written, quotable, input)) {
        if (!quotes.includes(quote)) {
          quotes.push(quote);
          input.onEvent?.({ event: 'citation', data: { number: quotes.length, citation: toCitation(quote) } });
        }
        numbers.add(quotes.indexOf(quote) + 1);
      }
      const claim = { text: written.text, supported: numbers.size > 0, citations: [...numbers] };
      claims.push(claim);
      text += `${text === '' ? '' : ' '}${withMarks(claim)}`;
      if (quotes.length === 0) return;
      input.onEvent?.({ event: 'delta', data: { text: text.slice(shownLength) } });
      shownLength = text.length;
    },
  };
}

/** `It is so.` as `It is so [1][2].`, or `It is so [?].` */
function withMarks({ text, supported, citations }: Claim): string {
  const marks = supported ? citations.map((number) => `[${number}]`).join('') : '[?]';
  const [, sentence = text, end = ''] = /^([\s\S]*?)([.!?…]*)$/.exec(text) ?? [];
  return `${sentence} ${marks}${end}`;
}

function isRefusal(text: string): boolean {
  return text.replaceAll(/[^a-z_]/gi, '').toUpperCase() === NOT_IN_LECTURES;
}

/** Quotes that bear a claim out: one of each passage that it names, else one of all. `quotable`: the quotes of each passage. */
async function findSupport(
  { text, marks, isMarked }: WrittenClaim,
  quotable: readonly (readonly Quote[])[],
  { embedder, signal }: GenerateAnswerInput,
): Promise<Quote[]> {
  const [vector] = await embedder.embed([text], signal);
  const rank = (quotes: readonly Quote[]): Promise<RankedQuote[]> => rankQuotes(quotes, text, vector!, embedder, signal);
  const { minSimilarity, minOverlap } = isMarked ? NAMED : LEANING;
  const support: Quote[] = [];
  for (const mark of marks) {
    const [best] = await rank(quotable[mark - 1] ?? []);
    if (best && (best.similarity >= minSimilarity || best.overlap >= minOverlap)) support.push(best.quote);
  }
  if (support.length > 0) return support;
  const best = (await rank(quotable.flat())).find(
    ({ similarity, overlap }) => similarity >= UNNAMED.minSimilarity && overlap >= UNNAMED.minOverlap,
  );
  return best === undefined ? [] : [best.quote];
}
