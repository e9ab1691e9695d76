import { toLecternError } from '../contracts/errors.ts';
import type { Answer, QueryEvent } from '../contracts/query.ts';
import type { Embedder } from '../inference/embedder.ts';
import type { LanguageModel } from '../inference/language-model.ts';
import { toExtract } from './extractive-answer.ts';
import { generateAnswer } from './generated-answer.ts';
import { rankQuotes } from './quote-ranker.ts';
import { toQuotes } from './quotes.ts';
import { isRelevant } from './relevance.ts';
import type { SearchResult } from './search.ts';

/** Answers from what a search found and from nothing else. Never throws for a language model's sake: it falls back and says so. */
export interface Answerer {
  answer(question: string, found: SearchResult, options?: AnswerOptions): Promise<Answer>;
}

export interface AnswerOptions {
  signal?: AbortSignal | undefined;
  /** Told what is written, once it is verified. The answer that comes in the end may be another. */
  onEvent?: ((event: QueryEvent) => void) | undefined;
}

export interface AnswererDeps {
  embedder: Embedder;
  /** `null`: answers are extractive. */
  languageModel: LanguageModel | null;
}

const NOTHING = 'The lectures found do not seem to answer this; the nearest passages are listed.';
const NO_MODEL = 'No language model is configured: these are the speakers’ own words.';

export function createAnswerer({ embedder, languageModel }: AnswererDeps): Answerer {
  return {
    async answer(question, found, { signal, onEvent } = {}) {
      const quotes = toQuotes(found.passages);
      const ranked = await rankQuotes(quotes, question, found.questionVector, embedder, signal);
      if (!isRelevant(question, found.passages, ranked)) return toNothing(NOTHING);
      if (languageModel === null) return toExtract(question, quotes, ranked, NO_MODEL);
      try {
        const generated = await generateAnswer({ question, passages: found.passages, embedder, languageModel, signal, onEvent });
        if (generated === 'not-in-lectures') return toNothing(NOTHING, languageModel.name);
        if (generated !== 'unsupported') return generated;
        return toExtract(
          question,
          quotes,
          ranked,
          `What ${languageModel.name} wrote is not borne out by the passages; these are the speakers’ own words.`,
        );
      } catch (error) {
        signal?.throwIfAborted();
        const { message } = toLecternError(error);
        return toExtract(question, quotes, ranked, `${languageModel.name} did not answer (${message}); these are the speakers’ own words.`);
      }
    },
  };
}

function toNothing(notice: string, model: string | null = null): Answer {
  return { text: 'Not in the lectures.', kind: 'none', model, citations: [], notice };
}
