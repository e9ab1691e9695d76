import { describe, expect, it } from 'vitest';
import type { Turn } from '../../contracts/transcript.ts';
import { findLectureKind } from './lecture-kind.ts';

function toTurns(spoken: readonly (readonly [speaker: string | null, text: string, times?: number])[]): Turn[] {
  let clock = 0;
  return spoken.map(([speaker, text, times = 1]) => {
    const words = Array.from({ length: times }, () => text.split(' '))
      .flat()
      .map((word) => {
        const startSeconds = clock++;
        return { text: word, startSeconds, endSeconds: clock, confidence: 1, speaker, speakerSource: 'overlap' as const };
      });
    return { speaker, words, startSeconds: clock - words.length, endSeconds: clock };
  });
}

describe('findLectureKind', () => {
  it.each([
    ['monologue', [['S1', 'We begin now. Is that clear?', 40]]],
    [
      'monologue',
      [
        ['S1', 'So we add two numbers here.', 100],
        ['S2', 'Yes.'],
        ['S1', 'And so on.', 20],
      ],
    ],
    ['reading', [['S1', 'It was in the year of the great frost that my uncle, who had never left the village before, went away.', 10]]],
    [
      'questions',
      [
        ['S1', 'The tree is cut in two parts.', 20],
        ['S2', 'Could you tell us once more why the tree is cut in two parts and not in three or in four of them?'],
        ['S1', 'Because each comparison has two outcomes.', 10],
        ['S3', 'And what if two of the keys are the same, does it then still find the one that was put in there first?'],
      ],
    ],
    [
      'seminar',
      [
        ['S1', 'I think it is red.'],
        ['S2', 'No, blue.'],
        ['S3', 'Why not green?'],
        ['S1', 'Fine.'],
      ],
    ],
    ['monologue', []],
  ] as const)('finds a %s', (kind, spoken) => {
    expect(findLectureKind(toTurns(spoken))).toBe(kind);
  });
});
