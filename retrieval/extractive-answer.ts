import { joinWords } from '../contracts/join-words.ts';
import type { Answer } from '../contracts/query.ts';
import type { RankedQuote } from './quote-ranker.ts';
import { stemWord } from './porter-stemmer.ts';
import { toCitation, type Quote } from './quotes.ts';
import { toSearchTerms } from './terms.ts';

/** Someone asking the same thing, or a turn of two words from it, is the best match and the worst answer. */
const ECHO_PENALTY = 0.25;
const MIN_ANSWER_WORDS = 4;

/** Cosine from which a spoken question counts as the one asked, so that its reply answers both. */
const SAME_QUESTION = 0.9;
const REPLY_SECONDS = 10;

/** A sentence that begins so speaks of the one before it. English and German, as the stop words. */
const LEANS_BACK =
  /^(?:and|but|so|because|therefore|thus|hence|then|this|that|these|those|it|its|he|she|they|his|her|their|such|und|aber|denn|also|deshalb|daher|dann|das|dies|diese|dieser|dieses|es|er|sie)\b/iu;
const MAX_LEANING_WORDS = 60;

/** Telling terms that a sentence must have beyond those of the question to be quoted alone. */
const MIN_ADDED_TERMS = 5;

/** Whoever asks who asked wants the question. */
const ASKS_WHO_ASKED =
  /\b(?:who|(?:what|which) (?:student|speaker|person|participant)s?|wer|welcher? (?:student|sprecher)\w*)\b.{0,30}\b(?:ask|wonder|want(?:s|ed)? to know|question|fragt|wissen)/iu;

const ASKS_TO_EXPLAIN =
  /^\W*(?:why|how(?! (?:many|much|long|old|often|far|big|large|fast|high)\b)|explain|warum|wieso|weshalb|wie(?! (?:viele?|lange?|oft|groß|weit|hoch)\b)|erklär)/iu;
const MAX_EXPLAINING_WORDS = 75;

/**
 * The best sentence found, exactly as it was spoken, with what it leans on or what explains it. `quotes` are all there are, `ranked`
 * at least one of them. One stretch and not more: with three, 54 % of the quotes spoke to the question, with one 84 %.
 */
export function toExtract(question: string, quotes: readonly Quote[], ranked: readonly RankedQuote[], notice: string): Answer {
  const standing = withAntecedent(chooseQuote(question, quotes, ranked), quotes);
  const whole = ASKS_TO_EXPLAIN.test(question)
    ? withSequel(standing, quotes)
    : addsLittle(question, standing)
      ? withNext(standing, quotes, MAX_LEANING_WORDS)
      : standing;
  return { text: `${whole.text} [1]`, kind: 'extractive', model: null, citations: [toCitation(whole)], notice };
}

function chooseQuote(question: string, quotes: readonly Quote[], ranked: readonly RankedQuote[]): Quote {
  const first = ranked[0]!;
  if (ASKS_WHO_ASKED.test(question)) return first.quote;
  // What was said to the very question is its answer, whatever words it was put in.
  const reply = first.similarity >= SAME_QUESTION ? findReply(quotes, first.quote) : undefined;
  if (reply !== undefined) return reply;
  const scoreOf = ({ quote, score }: RankedQuote): number => score - (isEcho(quote) ? ECHO_PENALTY : 0);
  return [...ranked].sort((a, b) => scoreOf(b) - scoreOf(a))[0]!.quote;
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

/** "This made him angry" says little without what this was: such a sentence is quoted from the one before it in its passage. */
function withAntecedent(quote: Quote, quotes: readonly Quote[]): Quote {
  if (!LEANS_BACK.test(quote.text)) return quote;
  const before = quotes.findLast(({ passage, endSeconds }) => passage === quote.passage && endSeconds <= quote.startSeconds + 0.01);
  return (before && join(before, quote, MAX_LEANING_WORDS)) ?? quote;
}

/** An explanation takes more than a sentence: what follows in the passage is quoted along. */
function withSequel(quote: Quote, quotes: readonly Quote[]): Quote {
  const longer = withNext(quote, quotes, MAX_EXPLAINING_WORDS);
  return longer === quote ? quote : withSequel(longer, quotes);
}

/** "We call such damage a burst": a sentence of hardly more than the question's own words only opens what is said about it. */
function addsLittle(question: string, quote: Quote): boolean {
  const asked = new Set(toSearchTerms(question).map((term) => stemWord(term)));
  return toSearchTerms(quote.text).filter((term) => !asked.has(stemWord(term))).length < MIN_ADDED_TERMS;
}

function withNext(quote: Quote, quotes: readonly Quote[], maxWords: number): Quote {
  const next = quotes.find(({ passage, startSeconds }) => passage === quote.passage && startSeconds >= quote.endSeconds - 0.01);
  return (next && join(quote, next, maxWords)) ?? quote;
}

/** Two quotes as one, where they stand side by side in the transcript: what lay between may have been left to another passage. */
function join(first: Quote, second: Quote, maxWords: number): Quote | undefined {
  const text = joinWords([first.text, second.text]);
  const spoken = first.passage.chunk.words.filter(
    ({ startSeconds }) => startSeconds >= first.startSeconds && startSeconds < second.endSeconds,
  );
  if (spoken.length > maxWords || joinWords(spoken.map((word) => word.text)) !== text) return undefined;
  return { ...second, text, startSeconds: first.startSeconds };
}
