import { expect, test } from 'vitest';
import { toMarkdown } from './markdown.ts';
import { spoken, transcriptOf } from './transcript.fixture.ts';

test('turns with names and times, a new paragraph after a pause', () => {
  const first = spoken('Send every bit three times.');
  const second = spoken('Then vote.', 'S1', 8);
  const file = toMarkdown(
    transcriptOf({ ...first, words: [...first.words, ...second.words] }, spoken('Why?', null, 10)),
    { S1: 'Dr. Reyes' },
    'Codes',
  );
  expect(file).toBe(`# Codes

*en, 1:00*

**Dr. Reyes**

\\[0:00\\] Send every bit three times.

\\[0:08\\] Then vote.

**Unknown speaker**

\\[0:10\\] Why?
`);
});

test('what is spoken or typed never becomes a link, an image or a heading', () => {
  const file = toMarkdown(
    transcriptOf(spoken('![x](http://a/b.png) <img src=x> # no')),
    { S1: '[me](javascript:0)' },
    '# Title\n\n![y](z)',
  );
  expect(file.replace(/\\./g, '')).not.toMatch(/[[\]<>`]/);
  expect(file.split('\n').filter((line) => line.startsWith('#'))).toHaveLength(1);
});
