import { SAMPLE_RATE } from '../contracts/media.ts';

/** What a player draws and a lecturer wants to know about the level. */
export interface Waveform {
  /** RMS over active frames in dBFS; -120 for digital silence. */
  loudnessDbfs: number;
  /** Largest absolute sample in each of equal slices, 0 to 1; at most `MAX_PEAKS`. */
  peaks: number[];
}

const MAX_PEAKS = 2_000;
const FRAME_SAMPLES = SAMPLE_RATE / 10;
/** Frames below are silence whatever else is in the recording. */
const FLOOR_DBFS = -60;
/** Frames so far below the others are pauses: the relative gate of ITU-R BS.1770, without its frequency weighting. */
const PAUSE_DB = -10;
const SILENCE_DBFS = -120;

/** Measures raw s16le mono at `SAMPLE_RATE` as it streams by: memory is a number for each 0.1 s. Chunks may cut a sample in two. */
export async function measureWaveform(chunks: AsyncIterable<Uint8Array>, totalSamples: number): Promise<Waveform> {
  const meter = createMeter(totalSamples);
  let half: number | undefined;
  for await (const chunk of chunks) {
    let at = 0;
    if (half !== undefined && chunk.length > 0) {
      meter.add(toSigned(half | ((chunk[0] ?? 0) << 8)));
      at = 1;
    }
    for (; at + 1 < chunk.length; at += 2) meter.add(toSigned((chunk[at] ?? 0) | ((chunk[at + 1] ?? 0) << 8)));
    if (chunk.length > 0) half = at < chunk.length ? chunk[at] : undefined;
  }
  return meter.result();
}

function createMeter(totalSamples: number): { add: (sample: number) => void; result: () => Waveform } {
  const peaks = new Float64Array(Math.min(MAX_PEAKS, totalSamples));
  const powers: number[] = [];
  let index = 0;
  let energy = 0;
  let inFrame = 0;
  const endFrame = (): void => {
    if (inFrame > 0) powers.push(energy / inFrame);
    energy = 0;
    inFrame = 0;
  };
  return {
    add(sample) {
      const slice = Math.floor((index * peaks.length) / totalSamples);
      const size = Math.abs(sample);
      if (size > (peaks[slice] ?? 0)) peaks[slice] = size;
      energy += sample * sample;
      index += 1;
      inFrame += 1;
      if (inFrame === FRAME_SAMPLES) endFrame();
    },
    result() {
      endFrame();
      return { loudnessDbfs: gatedLoudness(powers), peaks: Array.from(peaks, (peak) => Math.round(peak * 10_000) / 10_000) };
    },
  };
}

/** Loudness of frames of mean power `powers`, pauses left out; where all is pause, of everything. */
export function gatedLoudness(powers: readonly number[]): number {
  const loud = powers.filter((power) => toDbfs(power) >= FLOOR_DBFS);
  if (loud.length === 0) return toDbfs(mean(powers));
  const gate = toDbfs(mean(loud)) + PAUSE_DB;
  return toDbfs(mean(loud.filter((power) => toDbfs(power) >= gate)));
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function toDbfs(power: number): number {
  return power === 0 ? SILENCE_DBFS : Math.max(SILENCE_DBFS, Math.round(1000 * Math.log10(power)) / 100);
}

function toSigned(word: number): number {
  return (word > 32_767 ? word - 65_536 : word) / 32_768;
}
