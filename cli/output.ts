import { styleText } from 'node:util';
import type { LecternError } from '../contracts/errors.ts';

/** Streams as far as output needs them; `isTTY` is absent on pipes and files. */
export interface OutputStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** Where a command says things: data to stdout, the rest to stderr. */
export interface Output {
  readonly json: boolean;
  /** One line of data for people; silent with `--json`. */
  line(text: string): void;
  /** A piece of a line of data that is still being written; silent with `--json`. */
  piece(text: string): void;
  /** Whether somebody watches the data arrive. */
  readonly isWatched: boolean;
  /** The one JSON document of `--json`; silent without it. */
  document(value: unknown): void;
  /** A line about what goes on. */
  note(text: string): void;
  /** The state of something long: rewritten in place on a terminal, else a plain line for each `milestone`. */
  progress(text: string, milestone: string): void;
  error(error: LecternError): void;
}

export function createOutput(stdout: OutputStream, stderr: OutputStream, options: { json: boolean; color: boolean }): Output {
  const isTerminal = stderr.isTTY === true;
  let shownWidth = 0;
  let lastMilestone = '';
  const clear = (): void => {
    if (shownWidth > 0) stderr.write(`\r${' '.repeat(shownWidth)}\r`);
    shownWidth = 0;
  };
  const paint = (style: 'red' | 'dim', text: string): string =>
    options.color && isTerminal ? styleText(style, text, { validateStream: false }) : text;
  return {
    json: options.json,
    line(text) {
      clear();
      if (!options.json) stdout.write(`${text}\n`);
    },
    piece(text) {
      clear();
      if (!options.json) stdout.write(text);
    },
    isWatched: stdout.isTTY === true && !options.json,
    document(value) {
      clear();
      if (options.json) stdout.write(`${JSON.stringify(value)}\n`);
    },
    note(text) {
      clear();
      stderr.write(`${text}\n`);
    },
    progress(text, milestone) {
      if (isTerminal) {
        const shown = text.slice(0, Math.max(20, (stderr.columns ?? 80) - 1));
        clear();
        stderr.write(paint('dim', shown));
        shownWidth = shown.length;
      } else if (milestone !== lastMilestone) {
        lastMilestone = milestone;
        stderr.write(`${text}\n`);
      }
    },
    error(error) {
      clear();
      stderr.write(`${paint('red', 'error')} (${error.kind}): ${error.message}\n`);
      if (error.cure !== undefined) stderr.write(`  ${error.cure}\n`);
    },
  };
}

/** `83` as `1:23`, with hours where there are some. */
export function formatTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const [hours = 0, minutes = 0, rest = 0] = parts;
  const tail = `${hours > 0 ? String(minutes).padStart(2, '0') : minutes}:${String(rest).padStart(2, '0')}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}

/** Bytes in the unit people read: `1.4 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step] ?? ''}`;
}

/** Rows under their titles, columns as wide as their widest cell. */
export function formatTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const toLine = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [toLine(titles), ...rows.map(toLine)].join('\n');
}
