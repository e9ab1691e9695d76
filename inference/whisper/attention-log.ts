import type { Numbers } from '../graphs/whisper-interface.ts';
import type { AttentionScores } from './word-alignment.ts';

/** What each window of a batch listened to, token by token, as it was decoded: its words are timed without being read again. */
export interface AttentionLog {
  /** `[windows, heads, tokens, columns]` of tokens that were just read, a row for each window that is still going. */
  add(read: Numbers): void;
  /** The windows that go on, as `keepRows` of a decoder names them; none twice. */
  keep(rows: readonly number[]): void;
  /** All that was read of a window, prompt included. */
  of(window: number): AttentionScores;
}

export function createAttentionLog(windows: number): AttentionLog {
  const read: { scores: Float32Array; tokens: number }[][] = Array.from({ length: windows }, () => []);
  let going = read;
  let [heads, columns] = [0, 0];
  return {
    add({ data, dims }) {
      const [, , tokens] = dims as [number, number, number, number];
      [, heads, , columns] = dims as [number, number, number, number];
      const size = heads * tokens * columns;
      for (const [row, window] of going.entries()) window.push({ scores: data.subarray(row * size, (row + 1) * size), tokens });
    },
    keep(rows) {
      going = rows.map((row) => going[row]!);
    },
    of(window) {
      const parts = read[window]!;
      const tokens = parts.reduce((sum, part) => sum + part.tokens, 0);
      const scores = new Float32Array(heads * tokens * columns);
      for (let head = 0; head < heads; head++) {
        let place = head * tokens * columns;
        for (const part of parts) {
          const size = part.tokens * columns;
          scores.set(part.scores.subarray(head * size, (head + 1) * size), place);
          place += size;
        }
      }
      return { scores, heads, tokens, columns };
    },
  };
}
