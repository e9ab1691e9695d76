import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LecternError } from '../contracts/errors.ts';
import { createOutput, formatBytes, formatTable, formatTime, type OutputStream } from './output.ts';

function capture(isTTY: boolean): OutputStream & { text: string } {
  return {
    text: '',
    isTTY,
    columns: 40,
    write(text) {
      this.text += text;
    },
  };
}

describe('createOutput', () => {
  it('prints one JSON document and nothing else on stdout with --json', () => {
    const [stdout, stderr] = [capture(false), capture(false)];
    const output = createOutput(stdout, stderr, { json: true, color: false });
    output.line('for people');
    output.note('about');
    output.progress('10 %', 'a');
    output.document({ a: [1, 'x\ny'] });
    expect(JSON.parse(stdout.text)).toEqual({ a: [1, 'x\ny'] });
    expect(stderr.text).toBe('about\n10 %\n');
  });

  it('prints progress as one plain line a milestone without a terminal', () => {
    const stderr = capture(false);
    const output = createOutput(capture(false), stderr, { json: false, color: true });
    for (const percent of [0, 5, 10, 15]) output.progress(`${percent} %`, String(Math.floor(percent / 10)));
    expect(stderr.text).toBe('0 %\n10 %\n');
  });

  it('rewrites progress within the width of a terminal and clears it before anything else', () => {
    const stderr = capture(true);
    const output = createOutput(capture(true), stderr, { json: false, color: false });
    output.progress('x'.repeat(100), 'a');
    output.note('done');
    const [shown = '', blank = '', rest = ''] = stderr.text.split('\r');
    expect(shown).toBe('x'.repeat(39));
    expect(blank.trim()).toBe('');
    expect(rest).toBe('done\n');
  });

  it('colours only a terminal that wants it', () => {
    const errors = [capture(true), capture(true), capture(false)];
    for (const [at, stderr] of errors.entries()) {
      createOutput(capture(false), stderr, { json: false, color: at === 0 }).error(
        new LecternError('internal', 'broken', { cure: 'Mend it.' }),
      );
    }
    expect(errors.map(({ text }) => text.includes('\u001B['))).toEqual([true, false, false]);
    expect(errors[2]!.text).toBe('error (internal): broken\n  Mend it.\n');
  });
});

describe('formats', () => {
  it('writes times, sizes and tables as people read them', () => {
    expect([0, 83.9, 3600, 3661].map(formatTime)).toEqual(['0:00', '1:23', '1:00:00', '1:01:01']);
    expect([0, 999, 1500, 2_340_000].map(formatBytes)).toEqual(['0 B', '999 B', '1.5 kB', '2.3 MB']);
    expect(formatTable(['A', 'LONG'], [['value', 'x']])).toBe('A      LONG\nvalue  x');
  });

  it('writes any size in at most four digits and a unit', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e15 }), (bytes) => {
        expect(formatBytes(bytes)).toMatch(/^\d{1,4}(\.\d)? (B|kB|MB|GB|TB)$/);
      }),
    );
  });
});
