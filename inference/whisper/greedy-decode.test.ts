import { describe, expect, it } from 'vitest';
import type { DecodingRules } from './decoding-rules.ts';
import { decodeGreedily, type DecodedTokens, type RowDecoder } from './greedy-decode.ts';

const END = 20;
const BEGIN = 26;
const VOCABULARY = BEGIN + 1501;
const rules: DecodingRules = {
  special: { endOfText: END, startOfTranscript: 21, transcribe: 22, noSpeech: 23, noTimestamps: 25, timestampBegin: BEGIN },
  suppressed: [9],
  suppressedFirst: [END],
  timestamps: true,
  temperature: 0,
  seed: 1,
};

/** A decoder that says each row's script, and would rather say what is forbidden. */
class ScriptedDecoder implements RowDecoder {
  readonly vocabularySize = VOCABULARY;
  readonly maxTokens = 60;
  readonly batchSizes: number[] = [];
  readonly moved: number[][] = [];
  #rows: { script: number[]; position: number }[];

  constructor(scripts: number[][]) {
    this.#rows = scripts.map((script) => ({ script, position: 0 }));
  }

  start(): Float32Array {
    return this.#logits();
  }

  async step(tokens: readonly number[]): Promise<Float32Array> {
    this.batchSizes.push(tokens.length);
    const said = this.#rows.map(({ script, position }) => script[Math.min(position - 1, script.length - 1)]);
    const heard = tokens.map((token, row) => (token === 0 ? said[row] : token));
    if (heard.join() !== said.join()) throw new Error(`fed ${tokens.join()} instead of ${said.join()}`);
    return this.#logits();
  }

  keepRows(rows: readonly number[]): void {
    this.moved.push([...rows]);
    this.#rows = rows.map((row) => this.#rows[row]!);
  }

  #logits(): Float32Array {
    const logits = new Float32Array(this.#rows.length * VOCABULARY);
    for (const [index, row] of this.#rows.entries()) {
      const next = row.script[Math.min(row.position++, row.script.length - 1)]!;
      logits[index * VOCABULARY + next] = 20;
      logits[index * VOCABULARY + 9] = 30;
      logits[index * VOCABULARY + 25] = 30;
    }
    return logits;
  }
}

async function decode(decoder: ScriptedDecoder, timestamps = true): Promise<DecodedTokens[]> {
  return decodeGreedily(decoder, decoder.start(), { ...rules, timestamps });
}

describe('decodeGreedily', () => {
  it('gives every window its own tokens while the batch shrinks', async () => {
    const scripts = [
      [BEGIN, 5, BEGIN + 10, END],
      [BEGIN, 1, 2, 3, BEGIN + 40, BEGIN + 40, 4, BEGIN + 90, END],
      [BEGIN + 3, 6, 7, BEGIN + 30, END],
      [BEGIN + 3, 6, 7, 8, 8, BEGIN + 30, END],
    ];
    const decoder = new ScriptedDecoder(scripts);
    const results = await decode(decoder);
    expect(results.map((result) => result.tokens)).toEqual(scripts.map((script) => script.slice(0, -1)));
    expect(results.every((result) => result.averageLogProbability > -0.01 && !result.isRunaway)).toBe(true);
    expect(results[1]!.logProbabilities).toHaveLength(8);
    expect(decoder.batchSizes).toEqual([4, 4, 4, 3, 2, 2, 1, 1]);
    // The last row fills the gap; the others stay where they are.
    expect(decoder.moved[0]).toEqual([3, 1, 2]);
  });

  it('stops a loop and says so', async () => {
    const [result] = await decode(new ScriptedDecoder([[BEGIN, 1, 1]]));
    expect(result!.isRunaway).toBe(true);
    expect(result!.tokens.length).toBeLessThan(60);
  });

  it('says no times where none are wanted', async () => {
    const [result] = await decode(new ScriptedDecoder([[1, 2, BEGIN + 5, 3, END]]), false);
    expect(result!.tokens).toEqual([1, 2, 0, 3]);
  });

  it('stops where the model can hear no further', async () => {
    const script = [BEGIN, ...Array.from({ length: 100 }, (_, index) => 10 + (((index % 8) + (index % 5)) % 9))];
    const [result] = await decode(new ScriptedDecoder([script]));
    expect(result!.tokens).toHaveLength(60);
    expect(result!.isRunaway).toBe(true);
  });
});
