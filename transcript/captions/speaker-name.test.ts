import { expect, test } from 'vitest';
import { speakerName } from './speaker-name.ts';
import { spoken, transcriptOf } from './transcript.fixture.ts';
import { toMarkdown } from './markdown.ts';
import { toSubRip } from './sub-rip.ts';
import { toWebVtt } from './web-vtt.ts';

const ROLES = { S1: 'lecturer', S2: 'questioner', S3: 'speaker' } as const;

test.each([
  ['S1', {}, 'Lecturer S1'],
  ['S2', {}, 'Questioner S2'],
  ['S3', {}, 'S3'],
  ['S4', {}, 'S4'],
  ['S1', { S1: ' Ines\nNoether ' }, 'Ines Noether'],
  ['constructor', {}, 'constructor'],
])('%s with the names %o is shown as %s', (speaker, names, shown) => {
  expect(speakerName(speaker, names, ROLES)).toBe(shown);
});

test('without roles a label stands for itself', () => {
  expect(speakerName('S1', {})).toBe('S1');
});

test('captions and text call unnamed speakers by their roles', () => {
  const transcript = { ...transcriptOf(spoken('So it is.', 'S1'), spoken('Why so?', 'S2', 10)), roles: ROLES };
  expect(toWebVtt(transcript, { S2: 'Ines' })).toMatch(/<v Lecturer S1>So it is\.\n[^]*<v Ines>Why so\?/);
  expect(toSubRip(transcript, {})).toMatch(/Lecturer S1: So it is\.\n[^]*Questioner S2: Why so\?/);
  expect(toMarkdown(transcript, { S2: 'Ines' }, 'Title')).toMatch(/\*\*Lecturer S1\*\*[^]*\*\*Ines\*\*/);
});
