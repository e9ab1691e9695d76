import type { PcmSource } from '../pcm-source.ts';
import type { AudioWindow } from './window-plan.ts';

/** A window's samples: its stretches of the recording, joined. */
export async function readWindow(audio: PcmSource, window: AudioWindow): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  for (const { startSample, endSample } of window.pieces) parts.push(await audio.read(startSample, endSample - startSample));
  const samples = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    samples.set(part, offset);
    offset += part.length;
  }
  return samples;
}
