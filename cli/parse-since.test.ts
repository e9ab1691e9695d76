import { describe, expect, it } from 'vitest';
import { parseSince } from './parse-since.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');

describe('parseSince', () => {
  it.each([
    ['30m', '2026-11-21T11:30:00.000Z'],
    ['2h', '2026-11-21T10:00:00.000Z'],
    ['7d', '2026-11-14T12:00:00.000Z'],
    ['2026-11-20T10:15:00+01:00', '2026-11-20T09:15:00.000Z'],
    ['2026-11-20', '2026-11-20T00:00:00.000Z'],
  ])('reads %s', (text, time) => {
    expect(parseSince(text, NOW)).toBe(time);
  });

  it.each(['', 'yesterday', '2 h', '-2h', '2w', '12', '2026-13-40'])('refuses %j', (text) => {
    expect(() => parseSince(text, NOW)).toThrow(/--since/);
  });
});
