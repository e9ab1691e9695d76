import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Span, SpeakerTurn } from '../../contracts/transcript.ts';
import { normalizeBasicText } from './basic-text.ts';
import { countDiarizationErrors, diarizationErrorRate, type DiarizationErrors } from './diarization-error-rate.ts';
import { normalizeEnglishText } from './english-text.ts';
import { countJaccardErrors, jaccardErrorRate, type JaccardErrors } from './jaccard-error-rate.ts';
import { alignSequences } from './sequence-alignment.ts';
import {
  countSpeakerWordErrors,
  countTimedSpeakerWordErrors,
  speakerWordErrorRate,
  type SpeakerWordErrors,
  type TimedWord,
} from './speaker-word-error-rate.ts';
import { countSpeakerErrors, wordDiarizationErrorRate } from './word-diarization-error.ts';
import { countCharacterErrors, countWordErrors, toScoredWords, wordErrorRate } from './word-error-rate.ts';

// Made by tests/golden/make_metrics.py with whisper-normalizer, jiwer, pyannote.metrics and meeteval.
const golden = JSON.parse(readFileSync(new URL('../../tests/golden/metrics.json', import.meta.url), 'utf8')) as {
  english: { text: string; normalized: string }[];
  basic: { text: string; normalized: string }[];
  characters: { text: string; normalized: string }[];
  words: {
    reference: string;
    hypothesis: string;
    wrong: number;
    referenceWords: number;
    wrongCharacters: number;
    referenceCharacters: number;
  }[];
  diarization: {
    reference: SpeakerTurn[];
    hypothesis: SpeakerTurn[];
    collarSeconds: number;
    scored: Span[] | null;
    errors: DiarizationErrors;
    jaccard: JaccardErrors | null;
  }[];
  speakerWords: { reference: TimedWord[]; hypothesis: TimedWord[]; concatenated: SpeakerWordErrors; timed: SpeakerWordErrors }[];
};

describe('text is normalised as the Whisper paper does', () => {
  test.each(golden.english)('English: $text', ({ text, normalized }) => expect(normalizeEnglishText(text)).toBe(normalized));
  test.each(golden.basic)('others: $text', ({ text, normalized }) => expect(normalizeBasicText(text)).toBe(normalized));
  test.each(golden.characters)('by character: $text', ({ text, normalized }) => expect(normalizeBasicText(text, true)).toBe(normalized));
});

describe('word error rate', () => {
  test.each(golden.words)('equals jiwer: $hypothesis', ({ reference, hypothesis, wrong, referenceWords }) => {
    const { substitutions, deletions, insertions, reference: count } = countWordErrors(reference, hypothesis, 'de');
    expect([substitutions + deletions + insertions, count]).toEqual([wrong, referenceWords]);
  });

  test.each(golden.words)('by character equals jiwer: $hypothesis', ({ reference, hypothesis, wrongCharacters, referenceCharacters }) => {
    const { substitutions, deletions, insertions, reference: count } = countCharacterErrors(reference, hypothesis, 'de');
    expect([substitutions + deletions + insertions, count]).toEqual([wrongCharacters, referenceCharacters]);
  });

  test('pools errors, not rates, and has none without a reference', () => {
    const errors = [countWordErrors('a b c d', 'a b c', 'en'), countWordErrors('x', 'y', 'en')];
    expect(wordErrorRate(errors)).toBe(2 / 5);
    expect(wordErrorRate([countWordErrors('', 'noise', 'en')])).toBeNull();
    expect(toScoredWords('[music]', 'en')).toEqual([]);
    expect(countCharacterErrors('你好 世界', '你好世', 'zh')).toMatchObject({ deletions: 1, reference: 4 });
    expect(toScoredWords('你好 世界', 'zh')).toEqual(['你', '好', '世', '界']);
  });

  test('an alignment uses every word once, in order, and is no dearer than deleting and inserting all', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
    fc.assert(
      fc.property(words, words, (reference, hypothesis) => {
        const pairs = alignSequences(reference, hypothesis);
        expect(pairs.flatMap((pair) => pair.reference ?? [])).toEqual([...reference.keys()]);
        expect(pairs.flatMap((pair) => pair.hypothesis ?? [])).toEqual([...hypothesis.keys()]);
        const cost = (list: typeof pairs, from: readonly string[], to: readonly string[]): number =>
          list.filter((pair) => pair.reference === null || pair.hypothesis === null || from[pair.reference] !== to[pair.hypothesis]).length;
        expect(cost(pairs, reference, hypothesis)).toBe(cost(alignSequences(hypothesis, reference), hypothesis, reference));
        expect(cost(pairs, reference, hypothesis)).toBeLessThanOrEqual(Math.max(reference.length, hypothesis.length));
        expect(cost(pairs, reference, hypothesis) === 0).toBe(reference.join() === hypothesis.join());
      }),
    );
  });
});

describe('diarization error rate', () => {
  test.each(golden.diarization)(
    'equals pyannote.metrics with a collar of $collarSeconds s',
    ({ reference, hypothesis, collarSeconds, scored, errors }) => {
      const found = countDiarizationErrors(reference, hypothesis, { collarSeconds, scored: scored ?? undefined });
      for (const key of ['referenceSeconds', 'missSeconds', 'falseAlarmSeconds', 'confusionSeconds'] as const) {
        expect(found[key]).toBeCloseTo(errors[key], 4);
      }
    },
  );

  test('a perfect answer under other names has no errors, an empty one misses all', () => {
    for (const { reference } of golden.diarization) {
      const renamed = reference.map((turn) => ({ ...turn, speaker: `x${turn.speaker}` }));
      expect(diarizationErrorRate([countDiarizationErrors(reference, renamed)])).toBeCloseTo(0, 9);
      expect(diarizationErrorRate([countDiarizationErrors(reference, [])])).toBeCloseTo(1, 9);
    }
    expect(diarizationErrorRate([countDiarizationErrors([], [])])).toBeNull();
  });
});

describe('Jaccard error rate', () => {
  // Where two matchings of speakers agree equally long, the rate is not defined: the golden has none.
  test.each(golden.diarization.flatMap(({ jaccard, ...one }) => (jaccard === null ? [] : [{ ...one, jaccard }])))(
    'equals pyannote.metrics with a collar of $collarSeconds s',
    ({ reference, hypothesis, collarSeconds, scored, jaccard }) => {
      const found = countJaccardErrors(reference, hypothesis, { collarSeconds, scored: scored ?? undefined });
      expect(found.referenceSpeakers).toBe(jaccard.referenceSpeakers);
      expect(found.speakerErrors).toBeCloseTo(jaccard.speakerErrors, 4);
    },
  );

  test('is the mean over speakers, not over time', () => {
    const said = (speaker: string, startSeconds: number, endSeconds: number): SpeakerTurn => ({ speaker, startSeconds, endSeconds });
    const reference = [said('long', 0, 90), said('short', 90, 91)];
    expect(jaccardErrorRate([countJaccardErrors(reference, [said('S1', 0, 90)])])).toBe(0.5);
    expect(jaccardErrorRate([countJaccardErrors([], reference)])).toBeNull();
  });
});

describe('words by speaker', () => {
  test.each(golden.speakerWords)('cpWER and tcpWER equal meeteval', ({ reference, hypothesis, concatenated, timed }) => {
    expect(countSpeakerWordErrors(reference, hypothesis, 'de')).toEqual(concatenated);
    expect(countTimedSpeakerWordErrors(reference, hypothesis, 'de', 5)).toEqual(timed);
  });

  test('one speaker alone has the word error rate; nobody on one side is all words wrong', () => {
    const words = (text: string): { text: string; speaker: string }[] => text.split(' ').map((word) => ({ text: word, speaker: 'A' }));
    expect(countSpeakerWordErrors(words('in nineteen eighty four'), words('In 1984'), 'en')).toEqual({ wrong: 0, reference: 2 });
    expect(countSpeakerWordErrors(words('two words'), [], 'en')).toEqual({ wrong: 2, reference: 2 });
    expect(speakerWordErrorRate([{ wrong: 1, reference: 3 }, countSpeakerWordErrors([], words('x'), 'en')])).toBe(2 / 3);
    expect(speakerWordErrorRate([countSpeakerWordErrors([], [], 'en')])).toBeNull();
  });
});

describe('word diarization error rate', () => {
  const say = (text: string, speaker: string | null): { text: string; speaker: string | null }[] =>
    text.split(' ').map((word) => ({ text: word, speaker }));

  test('judges heard words by the best matching of names', () => {
    const reference = [...say('good morning all', 'lecturer'), ...say('a question please', 'student')];
    const hypothesis = [...say('good morning', 'S1'), ...say('all a question', 'S2'), ...say('Please!', null)];
    const errors = countSpeakerErrors(reference, hypothesis, 'en');
    expect(errors).toEqual({ heardWords: 6, wrongSpeakerWords: 2 });
    expect(wordDiarizationErrorRate([errors, { heardWords: 2, wrongSpeakerWords: 0 }])).toBe(0.25);
  });

  test('words that were not heard are not judged', () => {
    expect(countSpeakerErrors(say('a b c', 'x'), say('b', 'S1'), 'en')).toEqual({ heardWords: 1, wrongSpeakerWords: 0 });
    expect(wordDiarizationErrorRate([countSpeakerErrors(say('a', 'x'), [], 'en')])).toBeNull();
  });
});
