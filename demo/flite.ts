import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What flite speaks at. */
export const VOICE_RATE = 16_000;

export interface SpokenWord {
  text: string;
  /** Seconds from the start of the sentence's audio. */
  startSeconds: number;
  endSeconds: number;
}

export interface SpokenSentence {
  samples: Int16Array;
  words: SpokenWord[];
}

interface Phone {
  name: string;
  startSeconds: number;
  endSeconds: number;
}

const phonesOfWord = new Map<string, string[]>();

/** Speaks one sentence and finds out when each of its words is said, from the synthesizer's own phone durations. */
export function speak(sentence: string, voice: string, folder: string): SpokenSentence {
  const wav = join(folder, 'sentence.wav');
  const phones = parseDurations(flite(['-voice', voice, '-t', sentence, '-psdur', '-o', wav]));
  const samples = readWav(wav);
  const texts = sentence.split(' ');
  const expected = texts.flatMap((text, word) => dictionaryPhones(text, voice, wav).map((name) => ({ name, word })));
  const owner = assignWords(expected, phones);
  const words = texts.map((text, word) => {
    const mine = phones.filter((_, index) => owner[index] === word);
    const first = mine[0];
    const last = mine.at(-1);
    if (first === undefined || last === undefined) throw new Error(`no phone of "${sentence}" belongs to "${text}"`);
    return { text, startSeconds: first.startSeconds, endSeconds: last.endSeconds };
  });
  return { samples, words };
}

function flite(args: string[]): string {
  return execFileSync('flite', args, { encoding: 'utf8' });
}

/** `name:endSeconds` pairs to phones; the synthesizer's pauses (`pau`) only separate. */
function parseDurations(line: string): Phone[] {
  const phones: Phone[] = [];
  let startSeconds = 0;
  for (const item of line.trim().split(/\s+/)) {
    const [name, end] = item.split(':');
    const endSeconds = Number(end);
    if (name !== undefined && name !== 'pau') phones.push({ name, startSeconds, endSeconds });
    startSeconds = endSeconds;
  }
  return phones;
}

function dictionaryPhones(word: string, voice: string, wav: string): string[] {
  const known = phonesOfWord.get(`${voice} ${word}`);
  if (known !== undefined) return known;
  const phones = flite(['-voice', voice, '-t', word, '-ps', '-o', wav])
    .trim()
    .split(/\s+/)
    .filter((name) => name !== 'pau');
  phonesOfWord.set(`${voice} ${word}`, phones);
  return phones;
}

/** Edit distance between the words' own phones and the spoken ones (vowels change in context); each spoken phone gets a word. */
function assignWords(expected: { name: string; word: number }[], spoken: Phone[]): number[] {
  const width = spoken.length + 1;
  const cost = new Float64Array((expected.length + 1) * width);
  const at = (row: number, column: number): number => cost[row * width + column] ?? Infinity;
  const pair = (row: number, column: number): number =>
    at(row - 1, column - 1) + (expected[row - 1]?.name === spoken[column - 1]?.name ? 0 : 1.2);
  for (let row = 0; row <= expected.length; row += 1) {
    for (let column = 0; column <= spoken.length; column += 1) {
      if (row === 0 || column === 0) cost[row * width + column] = row + column;
      else cost[row * width + column] = Math.min(pair(row, column), at(row - 1, column) + 1, at(row, column - 1) + 1);
    }
  }
  const owner = Array.from<number>({ length: spoken.length }).fill(0);
  let row = expected.length;
  let column = spoken.length;
  while (column > 0) {
    if (row > 0 && at(row, column) === pair(row, column)) {
      owner[column - 1] = expected[row - 1]?.word ?? 0;
      row -= 1;
      column -= 1;
    } else if (row > 0 && at(row, column) === at(row - 1, column) + 1) {
      row -= 1;
    } else {
      owner[column - 1] = expected[Math.max(0, row - 1)]?.word ?? 0;
      column -= 1;
    }
  }
  return owner;
}

/** flite writes a 44-byte header, mono s16le. */
function readWav(path: string): Int16Array {
  const bytes = readFileSync(path);
  if (bytes.readUInt32LE(24) !== VOICE_RATE) throw new Error(`flite spoke at ${bytes.readUInt32LE(24)} Hz`);
  return new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + bytes.length));
}
