import { describe, expect, it } from 'vitest';
import type { Citation, QueryResponse } from '../../contracts/query.ts';
import type { LectureWords } from './citation-words.ts';
import type { Question } from './question-set.ts';
import { scoreAnswer, type AnswerScore } from './score-answer.ts';
import { summarizeAnswers } from './summarize-answers.ts';

const lectureId = `lec_${'1'.repeat(24)}`;
const SPOKEN = 'Good morning. You need only ten parity bits. That is all.';
const words = SPOKEN.split(' ').map((text, at) => ({
  text,
  startSeconds: at,
  endSeconds: at + 0.8,
  confidence: 1,
  speaker: 'S1',
  speakerSource: 'overlap' as const,
}));
const lectures = new Map<string, LectureWords>([['demo.opus', { lectureId, words, speakerNames: { S1: 'lecturer' } }]]);

const QUESTION: Question = {
  question: 'How many parity bits are needed?',
  ground_truth: 'Ten.',
  ground_truth_contexts: [{ recording: 'demo.opus', startSeconds: 4, endSeconds: 7.8 }],
  answer_words: [['ten', '10']],
  speaker: 'lecturer',
  kind: 'factual',
  split: 'test',
};
const RIGHT: Citation = {
  chunkId: 'c',
  lectureId,
  speaker: 'S1',
  startSeconds: 2,
  endSeconds: 7.8,
  quote: 'You need only ten parity bits.',
};

const responseOf = (...citations: Citation[]): QueryResponse => ({
  question: '',
  hits: [],
  skipped: [],
  unheardPhrases: [],
  timingsMs: { total: 5 },
  answer: {
    kind: citations.length === 0 ? 'none' : 'extractive',
    model: null,
    citations,
    text: citations.map(({ quote }, at) => `${quote} [${at + 1}]`).join(' '),
  },
});
const score = (question: Partial<Question>, ...citations: Citation[]): AnswerScore =>
  scoreAnswer({ ...QUESTION, ...question }, responseOf(...citations), lectures);

describe('scoreAnswer', () => {
  it('finds a right answer right in every respect', () => {
    expect(score({}, RIGHT)).toMatchObject({ answered: true, exact: 1, onTarget: 1, found: true, hit: true, speakerRight: true });
  });

  it.each([
    ['words that nobody said', { quote: 'You need only 12 parity bits.' }],
    ['fewer words than the span has', { quote: 'You need only ten' }],
    ['a span that begins elsewhere', { startSeconds: 2.4 }],
    ['a span that ends elsewhere', { endSeconds: 8.8 }],
    ['another speaker', { speaker: 'S2' }],
    ['another lecture', { lectureId: `lec_${'2'.repeat(24)}` }],
  ])('does not hold a quote exact with %s', (_, wrong) => {
    expect(score({}, { ...RIGHT, ...wrong }).exact).toBe(0);
  });

  it('takes a place by seconds or by its words, and none of another recording', () => {
    expect(score({ ground_truth_contexts: ['as you see, you need only ten parity bits'] }, RIGHT).onTarget).toBe(1);
    expect(score({ ground_truth_contexts: [{ recording: 'demo.opus', startSeconds: 8, endSeconds: 11 }] }, RIGHT).onTarget).toBe(0);
    expect(score({ ground_truth_contexts: [{ recording: 'x', startSeconds: 4, endSeconds: 7 }] }, RIGHT).onTarget).toBe(0);
  });

  it('wants one text of each list, as whole words from their beginning', () => {
    expect(score({ answer_words: [['ten'], ['parity']] }, RIGHT).hit).toBe(true);
    expect(score({ answer_words: [['ten'], ['even']] }, RIGHT).hit).toBe(false);
    expect(score({ answer_words: [['eed only']] }, RIGHT).hit).toBe(false);
  });
});

it('sums up by question, by citation and by refusal', () => {
  const wrong = { ...RIGHT, startSeconds: 0, endSeconds: 1.8, quote: 'Good morning.' };
  const nothing: Partial<Question> = { ground_truth: null, ground_truth_contexts: [], answer_words: [] };
  const rates = summarizeAnswers([score({}, RIGHT, wrong), score({}), score(nothing), score(nothing, wrong)]);
  expect(rates.refusalAccuracy).toMatchObject({ value: 0.5, of: 4 });
  expect(rates.answeredOfAnswerable).toMatchObject({ value: 0.5, of: 2 });
  expect(rates.refusedOfUnanswerable).toMatchObject({ value: 0.5, of: 2 });
  expect(rates.spansExact).toMatchObject({ value: 1, of: 3 });
  expect(rates.citationPrecision).toMatchObject({ value: 0.5, of: 2 });
  expect(rates.citationRecall).toMatchObject({ value: 0.5, of: 2 });
  expect(rates.supportPrecision).toMatchObject({ value: 1, of: 3 });
  expect(rates.answerHit).toMatchObject({ value: 1, of: 1 });
  expect(rates.speakerRight).toMatchObject({ value: 1, of: 1 });
  expect(rates.medianMilliseconds).toBe(5);
});
