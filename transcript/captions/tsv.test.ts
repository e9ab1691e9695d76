import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toTsv } from './tsv.ts';
import { anyTranscript, spoken, transcriptOf } from './transcript.fixture.ts';

test('a word a line, with how it came by its speaker', () => {
  const turn = spoken('So it is.', null, 1.25);
  turn.words[1] = { ...turn.words[1]!, speaker: 'S1', speakerSource: 'smoothed', text: ' it\tis ' };
  expect(toTsv(transcriptOf(turn))).toBe(
    [
      'start\tend\tspeaker\tsource\tconfidence\tword',
      '1.250\t1.650\t\toverlap\t1.000\tSo',
      '1.750\t2.150\tS1\tsmoothed\t1.000\tit is',
      '2.250\t2.650\t\toverlap\t1.000\tis.',
      '',
    ].join('\n'),
  );
});

test('every word has its line and every line its six cells', () => {
  fc.assert(
    fc.property(anyTranscript, (transcript) => {
      const lines = toTsv(transcript).split('\n');
      expect(lines).toHaveLength(transcript.turns.flatMap((turn) => turn.words).length + 2);
      for (const line of lines.slice(0, -1)) expect(line.split('\t')).toHaveLength(6);
    }),
  );
});
