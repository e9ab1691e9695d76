import { expect, test } from 'vitest';
import type { Recording } from './manifest.ts';
import { parseRttm, parseUem } from './rttm.ts';
import { scoreText, speakerAt } from './score-recording.ts';
import { summarize } from './summarize.ts';

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
