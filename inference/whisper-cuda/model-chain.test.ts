import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LecternError } from '../../contracts/errors.ts';
import { toRunError } from '../onnx/cuda-errors.ts';
import { inferenceLog, type InferenceLogEntry } from '../onnx/inference-log.ts';
import type { PcmSource } from '../pcm-source.ts';
import type { Transcriber } from '../transcriber.ts';
import { estimateDeviceBytes, parseFreeMemory } from './device-memory.ts';
import { createModelChain, type ChainLink } from './model-chain.ts';

const GIB = 2 ** 30;
const OUT_OF_MEMORY = new Error('CUDA failure 2: out of memory ; GPU=0 ; hostname=gpu ; expr=cudaMalloc((void**)&p, size);');
const audio: PcmSource = { totalSamples: 0, read: async () => new Float32Array(0) };
const options = { language: null, speech: [] };

let events: string[];
let log: string[];
const onLog = (entry: unknown): void => {
  const { fields } = entry as InferenceLogEntry;
  log.push(`${fields['model']} -> ${fields['next']}: ${fields['reason']}`);
};
beforeEach(() => {
  events = [];
  log = [];
  inferenceLog.subscribe(onLog);
});
afterEach(() => {
  inferenceLog.unsubscribe(onLog);
});

/** A link whose model fails with the words of CUDA, when it is opened or at its first transcription, as it is on a device. */
function link(name: string, fails?: 'opening' | 'running', neededBytes?: number): ChainLink {
  const run = { runs: 0 };
  return {
    name,
    ...(neededBytes === undefined ? {} : { neededBytes }),
    async open(): Promise<Transcriber> {
      events.push(`open ${name}`);
      if (fails === 'opening') throw toRunError(OUT_OF_MEMORY, 'encoder', 'cuda');
      return {
        model: { name, revision: 'r', precision: 'fp16' },
        languages: ['en'],
        async transcribe() {
          run.runs++;
          if (fails === 'running') throw toRunError(OUT_OF_MEMORY, 'search', 'cuda');
          return { language: 'en', languageProbability: 1, segments: [] };
        },
        close: async () => void events.push(`close ${name}`),
      };
    },
  };
}
const unknown = async (): Promise<undefined> => undefined;

describe('createModelChain', () => {
  it('takes the first model where it fits, and says nothing', async () => {
    const transcriber = await createModelChain([link('large-v3'), link('CPU')], unknown).open();
    expect(transcriber.model.name).toBe('large-v3');
    expect(await transcriber.transcribe(audio, options)).not.toHaveProperty('degradation');
    expect(log).toEqual([]);
  });

  it('goes on to smaller models while the device has no room to open them, and says so in every transcription', async () => {
    const links = [link('large-v3', 'opening'), link('turbo', 'opening'), link('medium', 'opening'), link('base', 'opening'), link('CPU')];
    const transcriber = await createModelChain(links, unknown).open();
    expect(transcriber.model.name).toBe('CPU');
    expect((await transcriber.transcribe(audio, options)).degradation).toBe(
      "CPU transcribed: large-v3, turbo, medium, base did not fit into the device's memory",
    );
    expect(log.map((line) => line.split(':')[0])).toEqual(['large-v3 -> turbo', 'turbo -> medium', 'medium -> base', 'base -> CPU']);
    expect(log[0]).toContain('CUDA failure 2: out of memory');
  });

  it('does not open what cannot fit by its weights', async () => {
    const links = [
      link('large-v3', undefined, estimateDeviceBytes(3 * GIB)),
      link('turbo', undefined, estimateDeviceBytes(1.6 * GIB)),
      link('CPU'),
    ];
    const transcriber = await createModelChain(links, async () => 5 * GIB).open();
    expect(transcriber.model.name).toBe('turbo');
    expect(events).toEqual(['open turbo']);
    expect(log).toEqual(['large-v3 -> turbo: it needs about 7.0 GiB of device memory, 5.0 GiB are free']);
  });

  it('changes the model between attempts, never within one, when memory runs out while it transcribes', async () => {
    const chain = createModelChain([link('large-v3', 'running'), link('turbo'), link('CPU')], unknown);
    const transcriber = await chain.open();
    const attempt = transcriber.transcribe(audio, options);
    await expect(attempt).rejects.toMatchObject({
      kind: 'out-of-resources',
      message: expect.stringContaining('turbo transcribes') as string,
    });
    expect(transcriber.model.name).toBe('turbo');
    expect((await transcriber.transcribe(audio, options)).degradation).toContain('large-v3 did not fit');
    await transcriber.close();
    expect(events).toEqual(['open large-v3', 'close large-v3', 'open turbo', 'close turbo']);
    // Put away and loaded again, it begins where it ended.
    expect((await chain.open()).model.name).toBe('turbo');
  });

  it('is no way around CUDA that does not load, and ends where the last one has no room either', async () => {
    const broken: ChainLink = {
      name: 'large-v3',
      open: () => Promise.reject(new LecternError('unavailable', 'libcudnn.so.9 is not there')),
    };
    await expect(createModelChain([broken, link('CPU')], unknown).open()).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(createModelChain([link('base', 'opening')], unknown).open()).rejects.toMatchObject({ kind: 'out-of-resources' });
  });
});

describe('parseFreeMemory', () => {
  it('reads the first device of what nvidia-smi prints, or nothing', () => {
    expect(parseFreeMemory('15109\n81076\n')).toBe(15_109 * 2 ** 20);
    expect(parseFreeMemory('NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.\n')).toBeUndefined();
  });
});
