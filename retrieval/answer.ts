import { toLecternError } from '../contracts/errors.ts';
import type { Answer } from '../contracts/query.ts';
import type { Embedder } from '../inference/embedder.ts';
import type { LanguageModel } from '../inference/language-model.ts';
import { generateAnswer } from './generated-answer.ts';
import { rankQuotes, type RankedQuote } from './quote-ranker.ts';
import { toCitation, toQuotes, type Quote } from './quotes.ts';
import { isRelevant } from './relevance.ts';
import type { SearchResult } from './search.ts';

/** Answers from what a search found and from nothing else. Never throws for a language model's sake: it falls back and says so. */
export interface Answerer {
  answer(question: string, found: SearchResult, signal?: AbortSignal): Promise<Answer>;
}

export interface AnswererDeps {
  embedder: Embedder;
  /** `null`: answers are extractive. */
  languageModel: LanguageModel | null;
}

const NOTHING = 'The lectures found do not seem to answer this; the nearest passages are listed.';
const NO_MODEL = 'No language model is configured: these are the speakers’ own words.';

/** Sentences of an extractive answer, and how near to the best one each must score. */
const MAX_QUOTES = 3;
const NEAR_BEST = 0.85;

/** Someone asking the same thing, or a turn of two words from it, is the best match and the worst answer. */
const ECHO_PENALTY = 0.25;
const MIN_ANSWER_WORDS = 4;

/** Cosine from which a spoken question counts as the one asked, so that its reply answers both. */
const SAME_QUESTION = 0.9;
const REPLY_SECONDS = 10;

export function createAnswerer({ embedder, languageModel }: AnswererDeps): Answerer {
  return {
    async answer(question, found, signal) {
      const quotes = toQuotes(found.passages);
      const ranked = await rankQuotes(quotes, question, found.questionVector, embedder, signal);
      if (!isRelevant(found.passages, ranked)) return toNothing(NOTHING);
      if (languageModel === null) return toExtract(quotes, ranked, NO_MODEL);
      try {
        const generated = await generateAnswer({ question, passages: found.passages, embedder, languageModel, signal });
        if (generated === 'not-in-lectures') return toNothing(NOTHING, languageModel.name);
        if (generated !== 'unsupported') return generated;
        return toExtract(
          quotes,
          ranked,
          `What ${languageModel.name} wrote is not borne out by the passages; these are the speakers’ own words.`,
        );
      } catch (error) {
        signal?.throwIfAborted();
        const { message } = toLecternError(error);
        return toExtract(quotes, ranked, `${languageModel.name} did not answer (${message}); these are the speakers’ own words.`);
      }
    },
  };
}

function toNothing(notice: string, model: string | null = null): Answer {
  return { text: 'Not in the lectures.', kind: 'none', model, citations: [], notice };
}

function toExtract(quotes: readonly Quote[], ranked: readonly RankedQuote[], notice: string): Answer {
  const scored = ranked.map(({ quote, score }) => ({ quote, score: score - (isEcho(quote) ? ECHO_PENALTY : 0) }));
  const reply = ranked[0]!.similarity >= SAME_QUESTION ? findReply(quotes, ranked[0]!.quote) : undefined;
  // What was said to the very question stands first, whatever words it was put in.
  if (reply !== undefined) scored.push({ quote: reply, score: ranked[0]!.score });
  scored.sort((a, b) => b.score - a.score);
  const best = scored[0]!.score;
  const chosen = [...new Set(scored.filter(({ score }) => score >= best * NEAR_BEST).map(({ quote }) => quote))].slice(0, MAX_QUOTES);
  return {
    text: chosen.map(({ text }, index) => `${text} [${index + 1}]`).join(' '),
    kind: 'extractive',
    model: null,
    citations: chosen.map(toCitation),
    notice,
  };
}

function isEcho(quote: Quote): boolean {
  return isQuestion(quote) || quote.text.split(' ').length < MIN_ANSWER_WORDS;
}

function isQuestion({ text }: Quote): boolean {
  return /[?？]["'”’»]*$/u.test(text);
}

/** The sentence after a question, where one follows within a breath. */
function findReply(quotes: readonly Quote[], asked: Quote): Quote | undefined {
  if (!isQuestion(asked)) return undefined;
  return quotes
    .filter(({ passage, startSeconds }) => {
      const pause = startSeconds - asked.endSeconds;
      return passage.chunk.lectureId === asked.passage.chunk.lectureId && pause > -0.01 && pause < REPLY_SECONDS;
    })
    .sort((a, b) => a.startSeconds - b.startSeconds)
    .find((quote) => !isQuestion(quote));
}
