import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWhisperModel, openWhisperSessions, releaseWhisperSessions } from '../../inference/graphs/whisper-model.ts';
import { openModelStore } from '../../inference/models/store.ts';
import { findSpeechModel } from '../../inference/models/speech-model.ts';
import { ensureWhisperGraphs } from '../../inference/whisper/ensure-graphs.ts';
import { readWhisperLanguage } from '../../inference/whisper/whisper-folder.ts';

interface Golden {
  ids: number[];
  /** By folder, `[ids, every 25th token]`. */
  logits: Record<string, number[][]>;
}

/** Made by `make_whisper_folders.py` with transformers and CTranslate2. */
const folders = join(import.meta.dirname, '../golden/whisper-folders');
const golden = JSON.parse(readFileSync(join(folders, 'golden.json'), 'utf8')) as Golden;
const MEL_BINS = 128;

let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'lectern-whisper-folders-'));
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

async function find(choice: string): ReturnType<typeof findSpeechModel> {
  return findSpeechModel(choice, await openModelStore({ cacheDir: work, offline: true, hub: 'http://127.0.0.1:1' }));
}

/** By the same formula as the script's. */
function goldenMel(): Float32Array {
  return Float32Array.from({ length: MEL_BINS * 3000 }, (_, index) => Math.sin(0.1 * Math.floor(index / 3000) + 0.01 * (index % 3000)));
}

describe.each(Object.keys(golden.logits))('a folder as %s', (layout) => {
  it('computes what transformers computes with these weights', async () => {
    const model = await find(join(folders, layout));
    const sessions = await openWhisperSessions(await ensureWhisperGraphs(model, work, 'fp32'), { threads: 1 });
    const whisper = createWhisperModel(sessions);
    const audio = await whisper.encode(goldenMel(), 1);
    const { logits } = await whisper.start(
      audio,
      [golden.ids],
      golden.ids.map((_, index) => index),
    );
    const [, rows = 0, vocabulary = 0] = logits.dims;
    const expected = golden.logits[layout]!;
    expect(rows).toBe(expected.length);
    for (const [row, values] of expected.entries()) {
      for (const [step, value] of values.entries()) expect(logits.data[row * vocabulary + 25 * step]).toBeCloseTo(value, 3);
    }
    expect(whisper.shape).toMatchObject({ layers: 1, melBins: MEL_BINS, alignmentHeads: [[0, 1]] });
    releaseWhisperSessions(sessions);
  });

  it('is English by its vocabulary, and suppresses what its makers say', async () => {
    const { tokenizer, suppressions } = await readWhisperLanguage(join(folders, layout));
    expect(tokenizer.startSequence('en')).toEqual([257]);
    expect(tokenizer.special).toMatchObject({ endOfText: 256, noSpeech: 262, timestampBegin: 264 });
    expect(tokenizer.decode(golden.ids)).toBe('Hello');
    expect(suppressions.always.slice(0, 2)).toEqual([1, 2]);
    expect(suppressions.first).toEqual([32, 256]);
  });
});

it('a folder is known by its content, not by its place', async () => {
  const moved = join(work, 'moved');
  cpSync(join(folders, 'int8'), moved, { recursive: true });
  const before = await find(join(folders, 'int8'));
  expect((await find(moved)).identity).toEqual({ name: 'moved', revision: before.identity.revision });
  const config = join(moved, 'config.json');
  writeFileSync(config, readFileSync(config, 'utf8').replace('"suppress_ids"', ' "suppress_ids"'));
  expect((await find(moved)).identity.revision).not.toBe(before.identity.revision);
  const cached = join(work, 'models--someone--whisper-small-da/snapshots/0123abcd');
  cpSync(moved, cached, { recursive: true });
  expect((await find(cached)).identity.name).toBe('whisper-small-da');
});

describe('a folder that cannot be run is refused before anything is heard, with the name of what is wrong:', () => {
  const copy = (layout: string): string => {
    const dir = join(work, layout);
    cpSync(join(folders, layout), dir, { recursive: true });
    return dir;
  };
  const patchJson = (path: string, change: (value: Record<string, unknown>) => void): void => {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    change(value);
    writeFileSync(path, JSON.stringify(value));
  };
  /** Changes one tensor's entry in the header of a safetensors file, whose length stays. */
  const patchHeader = (path: string, from: string, to: string): void => {
    const bytes = readFileSync(path);
    const at = bytes.indexOf(from);
    expect([at > 0, from.length]).toEqual([true, to.length]);
    bytes.write(to, at, 'latin1');
    writeFileSync(path, bytes);
  };

  it.each<[string, string, (dir: string) => void, RegExp]>([
    ['no folder', 'shards', (dir) => rmSync(dir, { recursive: true }), /there is no such folder/],
    ['no weights', 'safetensors', (dir) => rmSync(join(dir, 'model.safetensors')), /holds no weights: none of model\.bin, /],
    ['no configuration', 'ctranslate2', (dir) => rmSync(join(dir, 'config.json')), /config\.json is not there/],
    ['no tokenizer', 'torch', (dir) => rmSync(join(dir, 'vocab.json')), /holds no tokenizer: none of tokenizer\.json, /],
    ['no control tokens', 'torch', (dir) => rmSync(join(dir, 'added_tokens.json')), /vocab\.json is not a vocabulary/],
    ['a shard that is missing', 'shards', (dir) => rmSync(join(dir, 'model-00002-of-00004.safetensors')), /model-00002-of-00004/],
    [
      'a file cut short',
      'safetensors',
      (dir) => truncateSync(join(dir, 'model.safetensors'), 40_000),
      /model\.safetensors: its tensors end at/,
    ],
    ['a model.bin cut short', 'int8', (dir) => truncateSync(join(dir, 'model.bin'), 40_000), /model\.bin: it ends within a variable/],
    [
      'a torch file cut short',
      'torch',
      (dir) => truncateSync(join(dir, 'pytorch_model.bin'), 40_000),
      /pytorch_model\.bin is not a readable zip/,
    ],
    [
      'a tensor that is missing',
      'safetensors',
      (dir) => patchHeader(join(dir, 'model.safetensors'), 'decoder.layers.0.fc1.weight', 'decoder.layers.0.fcX.weight'),
      /no tensor model\.decoder\.layers\.0\.fc1\.weight/,
    ],
    [
      'a layer that is missing',
      'safetensors',
      (dir) => patchHeader(join(dir, 'model.safetensors'), 'encoder.layers.0.fc2.weight', 'encoder.layers.9.fc2.weight'),
      /no tensor model\.encoder\.layers\.0\.fc2\.weight/,
    ],
    [
      'a tensor of another size',
      'safetensors',
      (dir) => patchHeader(join(dir, 'model.safetensors'), '"shape":[16,24]', '"shape":[24,16]'),
      /encoder\.layers\.\d\.fc2\.weight is \[24,16\], a Whisper of width 16 needs \[16,24\]/,
    ],
    ['another model', 'shards', (dir) => patchJson(join(dir, 'config.json'), (c) => (c['model_type'] = 'bart')), /model_type/],
    [
      'heads that differ',
      'shards',
      (dir) => patchJson(join(dir, 'config.json'), (c) => (c['encoder_attention_heads'] = 4)),
      /must be the same/,
    ],
    [
      'heads that do not divide',
      'torch',
      (dir) => patchJson(join(dir, 'config.json'), (c) => Object.assign(c, { encoder_attention_heads: 3, decoder_attention_heads: 3 })),
      /3 heads do not divide the width 16/,
    ],
    ['a configuration that is no JSON', 'int8', (dir) => writeFileSync(join(dir, 'config.json'), '{'), /config\.json is not a JSON object/],
    [
      'suppressions of another model',
      'int8',
      (dir) => patchJson(join(dir, 'config.json'), (c) => (c['suppress_ids'] = [50_258])),
      /suppresses the token 50258/,
    ],
    [
      'the tokenizer of another model',
      'int8',
      (dir) => writeFileSync(join(dir, 'vocabulary.txt'), `one more\n${readFileSync(join(dir, 'vocabulary.txt'), 'utf8')}`),
      /vocabulary\.txt has 1766 tokens, the weights have 1765/,
    ],
    [
      'a tokenizer of something else',
      'ctranslate2',
      (dir) => writeFileSync(join(dir, 'vocabulary.json'), '["a", "b"]'),
      /no token <\|notimestamps\|>/,
    ],
  ])('%s', async (_, layout, spoil, message) => {
    const dir = copy(layout);
    spoil(dir);
    await expect(find(dir)).rejects.toMatchObject({
      kind: expect.stringMatching(/^(model-missing|invalid-input)$/) as string,
      message: expect.stringMatching(message) as string,
      cure: expect.stringContaining('models list') as string,
    });
    await expect(find(dir)).rejects.toThrow(`the model in ${dir} cannot be used`);
  });

  it('numbers that are none, while its graphs are built', async () => {
    const dir = copy('shards');
    const path = join(dir, 'model-00003-of-00004.safetensors');
    const bytes = readFileSync(path);
    bytes.writeFloatLE(NaN, bytes.length - 8);
    writeFileSync(path, bytes);
    const model = await find(dir);
    await expect(ensureWhisperGraphs(model, work, 'int8')).rejects.toMatchObject({
      kind: 'invalid-input',
      message: expect.stringMatching(/shards cannot be used: weights: .*model\.(en|de)coder\..* holds NaN at \d+/) as string,
      cure: expect.stringContaining('models list') as string,
    });
  });

  it('a file in the place of a folder', async () => {
    const path = join(copy('int8'), 'model.bin');
    await expect(find(path)).rejects.toThrow('it is a file: name the folder that holds it');
  });
});

describe('a name', () => {
  it.each(['whisper-huge', 'silero-vad'])('that is no speech model is refused with those that are: %s', async (name) => {
    await expect(find(name)).rejects.toMatchObject({
      kind: 'not-found',
      cure: expect.stringMatching(new RegExp(`whisper-tiny\\.en, .*; a folder is written with a slash: \\./${name}`)) as string,
    });
  });

  it('of a model that this build cannot run is refused with the reason, and nothing is fetched', async () => {
    await expect(find('parakeet-tdt-0.6b-v3')).rejects.toMatchObject({
      kind: 'invalid-input',
      message: expect.stringContaining('no adapter') as string,
    });
  });
});
