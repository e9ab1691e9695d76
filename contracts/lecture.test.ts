import { expect, it } from 'vitest';
import { LectureMetadataSchema } from './lecture.ts';

it('takes any script for titles, and no control characters: they are printed on terminals and in headings', () => {
  const { title, course } = LectureMetadataSchema.shape;
  expect(title.parse('  Fehlerkorrektur – 纠错码 👩🏽‍🏫 ')).toBe('Fehlerkorrektur – 纠错码 👩🏽‍🏫');
  for (const text of ['red \u001b[31m', 'two\nlines', 'bell\u0007', 'c1 \u009b2J']) {
    expect(title.safeParse(text).success, JSON.stringify(text)).toBe(false);
    expect(course.safeParse(text).success, JSON.stringify(text)).toBe(false);
  }
});
