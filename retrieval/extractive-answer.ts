import { joinWords } from '../contracts/join-words.ts';
import type { Answer } from '../contracts/query.ts';
import type { RankedQuote } from './quote-ranker.ts';
import { isSameSpeech, toCitation, type Quote } from './quotes.ts';

/** Sentences of an extractive answer, and how near to the best one each must score. */
const MAX_QUOTES = 3;
const NEAR_BEST = 0.85;

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

const ASKS_TO_EXPLAIN =
  /^\W*(?:why|how(?! (?:many|much|long|old|often|far|big|large|fast|high)\b)|explain|warum|wieso|weshalb|wie(?! (?:viele?|lange?|oft|groß|weit|hoch)\b)|erklär)/iu;
const MAX_EXPLAINING_WORDS = 75;

/** The best sentences found, exactly as they were spoken. `quotes` are all there are, `ranked` at least one of them. */
export function toExtract(question: string, quotes: readonly Quote[], ranked: readonly RankedQuote[], notice: string): Answer {
  const scored = ranked.map(({ quote, score }) => ({ quote, score: score - (isEcho(quote) ? ECHO_PENALTY : 0) }));
  const reply = ranked[0]!.similarity >= SAME_QUESTION ? findReply(quotes, ranked[0]!.quote) : undefined;
  // What was said to the very question stands first, whatever words it was put in.
  if (reply !== undefined) scored.push({ quote: reply, score: ranked[0]!.score });
  scored.sort((a, b) => b.score - a.score);
  const best = scored[0]!.score;
  const chosen: Quote[] = [];
  for (const { quote, score } of scored) {
    if (score < best * NEAR_BEST || chosen.length === MAX_QUOTES) break;
    const standing = withAntecedent(quote, quotes);
    const whole = chosen.length === 0 && ASKS_TO_EXPLAIN.test(question) ? withSequel(standing, quotes) : standing;
    if (!chosen.some((other) => isSameSpeech(other, whole))) chosen.push(whole);
  }
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

/** "This made him angry" says little without what this was: such a sentence is quoted from the one before it in its passage. */
function withAntecedent(quote: Quote, quotes: readonly Quote[]): Quote {
  if (!LEANS_BACK.test(quote.text)) return quote;
  const before = quotes.findLast(({ passage, endSeconds }) => passage === quote.passage && endSeconds <= quote.startSeconds + 0.01);
  return (before && join(before, quote, MAX_LEANING_WORDS)) ?? quote;
}

/** An explanation takes more than a sentence: what follows in the passage is quoted along. */
function withSequel(quote: Quote, quotes: readonly Quote[]): Quote {
  const next = quotes.find(({ passage, startSeconds }) => passage === quote.passage && startSeconds >= quote.endSeconds - 0.01);
  const longer = next && join(quote, next, MAX_EXPLAINING_WORDS);
  return longer === undefined ? quote : withSequel(longer, quotes);
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
