import { array, assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClaimReader, type WrittenClaim } from './claims.ts';

function read(text: string, sizes: readonly number[] = [text.length + 1]): WrittenClaim[] {
  const reader = createClaimReader();
  const claims: WrittenClaim[] = [];
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    claims.push(...reader.write(text.slice(at, at + size)));
    at += size;
  }
  return [...claims, ...reader.end()];
}

const claim = (text: string, ...marks: number[]): WrittenClaim => ({ text, marks, isMarked: marks.length > 0 });
/** One whose marks stand at the end of a sentence after it. */
const leaning = (text: string, ...marks: number[]): WrittenClaim => ({ text, marks, isMarked: false });

describe('createClaimReader', () => {
  it.each([
    ['Cells divide [p1]. Then they rest [p2][p3].', [claim('Cells divide.', 1), claim('Then they rest.', 2, 3)]],
    ['Cells divide. [p1] Then they rest. [p2, p3]', [claim('Cells divide.', 1), claim('Then they rest.', 2, 3)]],
    ['Cells divide. Then they rest [2].', [leaning('Cells divide.', 2), claim('Then they rest.', 2)]],
    ['Cells divide [p1]. Nobody said this.', [claim('Cells divide.', 1), claim('Nobody said this.')]],
    ['No marks at all', [claim('No marks at all')]],
    ['Dr. Meyer says so [p1]', [claim('Dr. Meyer says so', 1)]],
    ['[p1]', []],
    ['', []],
    ['<think>[p1] is about cells.</think>Cells divide [p2].', [claim('Cells divide.', 2)]],
    ['Cells divide [p2]. <think>is that', [claim('Cells divide.', 2)]],
    ['See [p1](https://evil.test/x) and <img src=x [p2] onerror=y>', [claim('See', 1), claim('and img src=x', 2), claim('onerror=y>')]],
  ])('reads %j', (text, claims) => {
    expect(read(text)).toEqual(claims);
  });

  it('hands a claim on as soon as the next one begins', () => {
    const reader = createClaimReader();
    expect(reader.write('Cells divide [p1')).toEqual([]);
    expect(reader.write(']. ')).toEqual([]);
    expect(reader.write('Th')).toEqual([claim('Cells divide.', 1)]);
  });

  it('reads the same claims whatever pieces the text comes in', () => {
    const part = constantFrom('Cells divide', '. ', ' [p1]', '[p2]', '[3, p4]', ' and ', '<think>', '</think>', 'Rest', '? ', ' [x] ');
    assert(
      property(array(part, { maxLength: 14 }), array(integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }), (parts, sizes) => {
        expect(read(parts.join(''), sizes)).toEqual(read(parts.join('')));
      }),
    );
  });

  it('lets no address and no tag through, wherever marks cut it', () => {
    const part = constantFrom('https://', 'evil.test/a', '<img ', 'src=x', '>', '![a]', '(', ')', '[p1]', ' ', 'www.', 'javascript:', 'x');
    assert(
      property(array(part, { maxLength: 14 }), (parts) => {
        for (const { text } of read(parts.join(''))) expect(text).not.toMatch(/:\/\/|<[a-z/]|\]\(|\bjavascript:[a-z]|\bwww\.[a-z]/i);
      }),
    );
  });
});
