import { expect, test } from 'vitest';
import type { TimedWord } from '../metrics/speaker-word-error-rate.ts';
import type { Recording } from './manifest.ts';
import { parseRttm, parseUem } from './rttm.ts';
import { scoreSpeakers, scoreText, speakerAt } from './score-recording.ts';
import { summarize } from './summarize.ts';
import { attributeText } from './word-truth.ts';

test('RTTM and UEM lines are read, comments and other types left out', () => {
  expect(parseRttm(';; comment\nSPEAKER a 1 1.500 2.25 <NA> <NA> Ines <NA> <NA>\nSPKR-INFO a 1 <NA> <NA> <NA> x Ines <NA>\n')).toEqual([
    { startSeconds: 1.5, endSeconds: 3.75, speaker: 'Ines' },
  ]);
  expect(parseUem('dev00 NA 0.000 30.000\n')).toEqual([{ startSeconds: 0, endSeconds: 30 }]);
});

test('a word is theirs who speaks alone at its middle', () => {
  const turns = [
    { startSeconds: 0, endSeconds: 2, speaker: 'A' },
    { startSeconds: 1, endSeconds: 3, speaker: 'B' },
  ];
  expect([0.5, 1.5, 2.5, 3.5].map((seconds) => speakerAt(seconds, turns))).toEqual(['A', null, 'B', null]);
});

function recording(folder: string, language: string, text: string, kind: Recording['kind'] = 'speech'): Recording {
  return { file: `${folder}/x.wav`, path: '', folder, language, text, kind };
}

test('errors are pooled: a long recording counts as much as it holds', () => {
  const pairs: [Recording, string][] = [
    [recording('long', 'en', 'a code is a promise about its errors'), 'a code is a promise about its errors'],
    [recording('short', 'en', 'parity bits'), 'parity beats'],
    [recording('short', 'ja', '客観的'), '客観'],
    [recording('noise', 'en', '', 'nonspeech'), 'thank you'],
    [recording('unwritten', 'en', ''), 'whatever'],
  ];
  const rates = summarize(pairs.map(([one, text]) => ({ recording: one, score: scoreText(one, text) })));
  expect(rates.wer).toBeCloseTo(2 / 13);
  expect(rates.werByFolder).toEqual({ long: 0, short: 2 / 5 });
  expect(rates.werByLanguage).toEqual({ en: 1 / 10, ja: 1 / 3 });
  expect(rates.nonspeechWords).toBe(2);
  expect(rates.der).toBeNull();
  expect(rates.wder).toBeNull();
});

test('a text whose turns are known is given to who was speaking, words that were not heard too', () => {
  const turns = [
    { startSeconds: 0, endSeconds: 2, speaker: 'A' },
    { startSeconds: 3, endSeconds: 5, speaker: 'B' },
  ];
  const heard = ['one', 'three', 'four', 'six'].map((text, index) => ({ text, startSeconds: index * 1.2, endSeconds: index * 1.2 + 0.4 }));
  const given = attributeText('zero one two three four five six', turns, heard, 'de');
  expect(given.map(({ speaker }) => speaker).join('')).toBe('AAAABBB');
  expect(attributeText('nobody heard', turns, [], 'de').map(({ speaker }) => speaker)).toEqual(['A', 'A']);
});

test('speakers are counted where it was labelled, and every rate has its words', () => {
  const said = (speaker: string, text: string, startSeconds: number): TimedWord => ({
    speaker,
    text,
    startSeconds,
    endSeconds: startSeconds + 0.5,
  });
  const words = [said('A', 'parity', 0), said('A', 'bits', 0.5), said('B', 'why', 1)];
  const turns = [
    { speaker: 'A', startSeconds: 0, endSeconds: 1 },
    { speaker: 'B', startSeconds: 1, endSeconds: 1.5 },
    { speaker: 'C', startSeconds: 50, endSeconds: 51 },
  ];
  const heard = [said('S1', 'parity', 0), said('S1', 'bits', 0.625)].map((word) => ({
    ...word,
    confidence: 1,
    speakerSource: 'overlap' as const,
  }));
  const found = [{ speaker: 'S1', startSeconds: 0, endSeconds: 1 }];
  const score = scoreSpeakers(
    { text: 'parity bits why' },
    { turns, scored: [{ startSeconds: 0, endSeconds: 10 }], words },
    { language: 'en', durationSeconds: 60, speakers: ['S1'], turns: [{ speaker: 'S1', startSeconds: 0, endSeconds: 1, words: heard }] },
    { speakers: ['S1'], turns: found, exclusiveTurns: found },
  );
  expect(score).toMatchObject({
    speakerCount: { expected: 2, found: 1 },
    jaccard: { referenceSpeakers: 2, speakerErrors: 1 },
    attribution: { words: 2, attributed: 2 },
    timedSpeakerWords: { wrong: 1, reference: 3 },
    wordTimes: { startSeconds: [0, 0.125], endSeconds: [0, 0.125] },
  });
  const rates = summarize([{ recording: recording('x', 'en', ''), score }]);
  expect(rates).toMatchObject({ der: 1 / 3, jer: 0.5, speakerCountRight: 0, speakerCountJudged: 1, tcpWer: 1 / 3, attributedWords: 1 });
  expect(rates.derByFolder).toEqual({ x: 1 / 3 });
  expect(rates.confidence.der).toBeNull();
});
