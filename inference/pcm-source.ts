/** Random access to decoded audio, so that memory does not grow with the recording. */
export interface PcmSource {
  /** Mono float32 at 16,000 Hz in all. */
  readonly totalSamples: number;
  /** Samples `[startSample, startSample + count)`, clipped at the end; values in -1..1. */
  read(startSample: number, count: number): Promise<Float32Array>;
}
