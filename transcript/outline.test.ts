import { describe, expect, it } from 'vitest';
import type { Transcript, Turn } from '../contracts/transcript.ts';
import { chunkTranscript } from './chunk.ts';
import { outlineLecture } from './outline.ts';

const tokenizer = { name: 'words', count: (text: string) => text.split(' ').filter(Boolean).length };

function toTranscript(spoken: readonly (readonly [speaker: string | null, text: string, pauseSeconds?: number])[]): Transcript {
  let clock = 0;
  const turns = spoken.map(([speaker, text, pauseSeconds = 0]): Turn => {
    clock += pauseSeconds;
    const words = text.split(' ').map((word) => {
      const startSeconds = clock++;
      return { text: word, startSeconds, endSeconds: clock, confidence: 1, speaker, speakerSource: 'overlap' as const };
    });
    return { speaker, words, startSeconds: words[0]!.startSeconds, endSeconds: clock };
  });
  return { language: 'en', durationSeconds: clock, speakers: ['S1', 'S2'], turns };
}

function outline(transcript: Transcript, title?: string) {
  return outlineLecture({ title, transcript, chunks: chunkTranscript(transcript, tokenizer).chunks });
}

describe('outlineLecture', () => {
  it('heads an answer with the question that was just put, and with nothing else of the speech', () => {
    const transcript = toTranscript([
      ['S1', 'We begin with cells.'],
      ['S2', 'I see. What is a cell wall made of?'],
      ['S1', 'Of cellulose, mostly.'],
    ]);
    expect(outline(transcript, 'Biology').headers).toEqual(['Biology', 'Biology', 'Biology\nWhat is a cell wall made of?']);
    expect(outline(transcript).headers).toEqual([null, null, 'What is a cell wall made of?']);
  });

  it.each([
    ['is put by the one who goes on', 'S1', 0],
    ['lies long back', 'S2', 20],
  ])('leaves out a question that %s', (_, asker, pauseSeconds) => {
    const transcript = toTranscript([
      [asker, 'What is it made of?'],
      ['S1', 'Of cellulose, mostly.', pauseSeconds],
    ]);
    expect(outline(transcript).headers.every((header) => header === null)).toBe(true);
  });

  it('cuts a long question to its last words and never takes those of a third', () => {
    const long = Array.from({ length: 60 }, (_, index) => `word${index}`).join(' ');
    const { headers } = outline(
      toTranscript([
        ['S1', 'Before that.'],
        ['S2', `${long} right?`],
        ['S1', 'Yes.'],
      ]),
    );
    expect(headers.at(-1)!.split(' ')).toHaveLength(40);
    const short = outline(
      toTranscript([
        [null, 'somebody mumbles'],
        ['S2', 'Right?'],
        ['S1', 'Yes.'],
      ]),
    );
    expect(short.headers.at(-1)).toBe('Right?');
  });

  it('heads short passages with the terms of their topic, long ones with none', () => {
    const speakOf = (terms: string, times: number): string => Array.from({ length: times }, () => `so the ${terms} now.`).join(' ');
    const { headers } = outline(
      toTranscript([
        ['S1', speakOf('violin and sonata', 50)],
        ['S2', 'Hm.'],
        ['S1', speakOf('violin and sonata', 50)],
        ['S1', speakOf('contract and court', 50)],
        ['S2', 'Yes.'],
        ['S1', speakOf('contract and court', 50)],
        ['S1', speakOf('planet and comet', 100)],
      ]),
      'Arts',
    );
    const short = headers.filter((header) => header !== 'Arts');
    expect(short.map((header) => header!.split('\n')[1]!.split(', ').toSorted())).toEqual([
      ['sonata', 'violin'],
      ['contract', 'court'],
    ]);
  });

  it('tells how each topic begins and what was said before a passage', () => {
    const transcript = toTranscript([
      ['S1', 'We begin with cells.'],
      ['S2', 'What is a wall?'],
    ]);
    const { outline: told, passages } = outline({ ...transcript, roles: { S1: 'lecturer' } }, 'Biology');
    expect(told).toEqual({ title: 'Biology', topics: [{ startSeconds: 0, terms: [], opening: 'We begin with cells. What is a wall?' }] });
    expect(passages).toEqual([
      { startSeconds: 0, speaker: 'lecturer', text: 'We begin with cells.', before: '' },
      { startSeconds: 4, speaker: 'S2', text: 'What is a wall?', before: 'We begin with cells.' },
    ]);
  });
});
