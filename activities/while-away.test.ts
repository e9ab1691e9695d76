import { expect, it } from 'vitest';
import { LecternError } from '../contracts/errors.ts';
import { patientAudio, whileAway } from './while-away.ts';

const going = new AbortController().signal;

function failing(kind: 'unavailable' | 'not-found', times: number): () => Promise<Float32Array> {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls <= times) throw new LecternError(kind, 'the store');
    return Float32Array.of(0.5);
  };
}

it('reads audio to its end although the store is away in between', async () => {
  const audio = patientAudio({ totalSamples: 1, read: failing('unavailable', 1) }, going);
  expect(await audio.read(0, 1)).toEqual(Float32Array.of(0.5));
});

it('does not wait for what is not there', async () => {
  await expect(whileAway(failing('not-found', 1), going)).rejects.toMatchObject({ kind: 'not-found' });
});

it('waits no longer when it is told to stop', async () => {
  const activity = new AbortController();
  const waiting = whileAway(failing('unavailable', Infinity), activity.signal);
  setImmediate(() => activity.abort());
  await expect(waiting).rejects.toThrow('aborted');
});
