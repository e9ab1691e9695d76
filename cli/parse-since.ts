import { LecternError } from '../contracts/errors.ts';

const SECONDS_OF: Record<string, number> = { m: 60, h: 3600, d: 86_400 };

/** A time as ISO 8601: `2h`, `30m` or `7d` before `nowMs`, or a time as it is. Errors: `invalid-input`. */
export function parseSince(text: string, nowMs: number): string {
  const [, amount, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (amount !== undefined) return new Date(nowMs - Number(amount) * (SECONDS_OF[unit] ?? 0) * 1000).toISOString();
  const time = Date.parse(text);
  if (!Number.isNaN(time) && /^\d{4}-\d{2}-\d{2}/.test(text)) return new Date(time).toISOString();
  throw new LecternError('invalid-input', `--since ${text}: neither a time nor a while ago`, {
    cure: 'Give minutes, hours or days as 30m, 2h, 7d, or a time as 2026-11-20T10:15:00+01:00.',
  });
}
