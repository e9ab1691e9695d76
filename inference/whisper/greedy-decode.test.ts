import { describe, expect, it } from 'vitest';
import { decodeGreedily, type DecodingRules, type SlotDecoder } from './greedy-decode.ts';

const END = 20;
const BEGIN = 26;
const VOCABULARY = BEGIN + 1501;
const rules: DecodingRules = {
  special: { endOfText: END, startOfTranscript: 21, transcribe: 22, noSpeech: 23, noTimestamps: 25, timestampBegin: BEGIN },
  suppressed: [9],
  suppressedFirst: [END],
  temperature: 0,
  seed: 1,
};

/** A decoder that says each slot's script, and would rather say what is forbidden. */
class ScriptedDecoder implements SlotDecoder {
  readonly vocabularySize = VOCABULARY;
  readonly maxTokens = 60;
  readonly batchSizes: number[] = [];
  readonly fed: number[][];
  readonly #scripts: number[][];
  readonly #positions: number[];

  constructor(scripts: number[][]) {
    this.#scripts = scripts.map((script) => [...script]);
    this.#positions = scripts.map(() => 0);
    this.fed = scripts.map(() => []);
  }

  async step(tokens: readonly (readonly number[])[]): Promise<Float32Array> {
    this.batchSizes.push(tokens.length);
    const logits = new Float32Array(tokens.length * VOCABULARY);
    for (const [slot, script] of this.#scripts.entries()) {
      this.fed[slot]!.push(...tokens[slot]!);
      const next = script[this.#positions[slot]!] ?? script.at(-1)!;
      this.#positions[slot]!++;
      logits[slot * VOCABULARY + next] = 20;
      logits[slot * VOCABULARY + 9] = 30;
      logits[slot * VOCABULARY + 25] = 30;
    }
    return logits;
  }

  drop(slot: number): void {
    for (const list of [this.#scripts, this.#positions, this.fed] as unknown[][]) {
      const last = list.pop();
      if (slot < list.length) list[slot] = last;
    }
  }
}

describe('decodeGreedily', () => {
  it('gives every window its own tokens while the batch shrinks', async () => {
    const scripts = [
      [BEGIN, 1, 2, 3, BEGIN + 40, BEGIN + 40, 4, BEGIN + 90, END],
      [BEGIN, 5, BEGIN + 10, END],
      [BEGIN + 3, 6, 7, BEGIN + 30, END],
    ];
    const decoder = new ScriptedDecoder(scripts);
    const results = await decodeGreedily(decoder, 3, [22], rules);
    expect(results.map((result) => result.tokens)).toEqual(scripts.map((script) => script.slice(0, -1)));
    expect(results.every((result) => result.averageLogProbability > -0.01 && !result.isRunaway)).toBe(true);
    expect(results[0]!.logProbabilities).toHaveLength(8);
    expect(decoder.batchSizes).toEqual([3, 3, 3, 3, 2, 1, 1, 1, 1]);
  });

  it('stops a loop and says so', async () => {
    const [result] = await decodeGreedily(new ScriptedDecoder([[BEGIN, 1, 1]]), 1, [22], rules);
    expect(result!.isRunaway).toBe(true);
    expect(result!.tokens.length).toBeLessThan(60);
  });

  it('stops where the model can hear no further', async () => {
    const script = [BEGIN, ...Array.from({ length: 100 }, (_, index) => 1 + (index % 8) + (index % 5))];
    const [result] = await decodeGreedily(new ScriptedDecoder([script]), 1, [22], rules);
    expect(result!.tokens).toHaveLength(60);
    expect(result!.isRunaway).toBe(true);
  });
});
