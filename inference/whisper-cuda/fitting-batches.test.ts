import { expect, it } from 'vitest';
import { toRunError } from '../onnx/cuda-errors.ts';
import type { HearingOptions, WindowsTranscript } from '../whisper/whisper-engine.ts';
import { createFittingHearing } from './fitting-batches.ts';

const windows = Array.from({ length: 5 }, (_, index) => Float32Array.of(index));
const options: HearingOptions = { languages: ['en', 'de', 'en', 'fr', 'it'], expectedLanguage: null, vocabulary: [] };

/** A device with room for `room` windows at once, which fails as CUDA does. */
function device(room: number, tried: number[]): Parameters<typeof createFittingHearing>[0] {
  return async (batch, { languages }): Promise<WindowsTranscript> => {
    tried.push(batch.length);
    if (batch.length > room) throw toRunError(new Error('CUDA failure 2: out of memory ; GPU=0'), 'search', 'cuda');
    const segments = batch.map(([sample]) => [
      { startSeconds: sample!, endSeconds: sample!, words: [], averageLogProbability: 0, noSpeechProbability: 0, temperature: 0 },
    ]);
    return { languages: [...languages!], languageProbabilities: [], segments };
  };
}

it.each([
  [5, [5], [5]],
  [4, [5, 3, 2], [3, 2]],
  [2, [5, 3, 2, 1, 2], [2, 1, 2]],
  [1, [5, 3, 2, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1]],
])('where %i windows fit at once, %j are tried at first and then %j, and nothing changes place', async (room, first, then) => {
  const tried: number[] = [];
  const hear = createFittingHearing(device(room, tried));
  for (const expected of [first, then]) {
    tried.length = 0;
    const heard = await hear(windows, options);
    expect(tried).toEqual(expected);
    expect(heard.languages).toEqual(options.languages);
    expect(heard.segments.flat().map(({ startSeconds }) => startSeconds)).toEqual([0, 1, 2, 3, 4]);
  }
});

it('a device without room for a single window says so', async () => {
  const hear = createFittingHearing(device(0, []));
  await expect(hear(windows, options)).rejects.toMatchObject({ kind: 'out-of-resources' });
});
