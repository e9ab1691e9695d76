import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHUNK_SAMPLES, DEFAULT_SPAN_OPTIONS, toSpeechSpans } from './speech-spans.ts';

const CHUNK_SECONDS = CHUNK_SAMPLES / 16_000;

/** Probabilities from runs of `[value, chunks]`. */
function runs(...parts: [number, number][]): number[] {
  return parts.flatMap(([value, chunks]) => Array.from({ length: chunks }, () => value));
}

describe('toSpeechSpans', () => {
  it('pads speech and keeps to the recording', () => {
    const probabilities = runs([0.1, 5], [0.9, 100], [0.1, 100]);
    const [span, ...rest] = toSpeechSpans(probabilities, probabilities.length * CHUNK_SAMPLES);
    expect(rest).toEqual([]);
    expect(span!.startSeconds).toBe(0);
    expect(span!.endSeconds).toBeCloseTo(105 * CHUNK_SECONDS + 0.4, 9);
  });

  it('bridges a dip between the thresholds and a silence under 160 ms', () => {
    const probabilities = runs([0.9, 20], [0.4, 30], [0.9, 5], [0.1, 4], [0.9, 20]);
    expect(toSpeechSpans(probabilities, probabilities.length * CHUNK_SAMPLES)).toHaveLength(1);
  });

  it('cuts at a longer silence, gives most of a short pause to its neighbours, and leaves its length to be seen', () => {
    const probabilities = runs([0.9, 20], [0.1, 10], [0.9, 20]);
    const [first, second] = toSpeechSpans(probabilities, probabilities.length * CHUNK_SAMPLES);
    expect(first!.endSeconds).toBeCloseTo(24 * CHUNK_SECONDS, 9);
    expect(second!.startSeconds).toBeCloseTo(26 * CHUNK_SECONDS, 9);
  });

  it('drops a click', () => {
    expect(toSpeechSpans(runs([0.1, 50], [0.9, 2], [0.1, 50]), 102 * CHUNK_SAMPLES)).toEqual([]);
  });

  it('cuts unbroken speech at its quietest moment', () => {
    const probabilities = runs([0.9, 600], [0.6, 3], [0.9, 600]);
    const spans = toSpeechSpans(probabilities, probabilities.length * CHUNK_SAMPLES);
    expect(spans).toHaveLength(2);
    expect(spans[0]!.endSeconds).toBeCloseTo(601.5 * CHUNK_SECONDS, 9);
    expect(spans[1]!.startSeconds).toBe(spans[0]!.endSeconds);
  });

  it('gives ascending, bounded spans that hold all speech of some length, for any probabilities', () => {
    const run = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 1500 }));
    fc.assert(
      fc.property(fc.array(run, { maxLength: 12 }), fc.integer({ min: 0, max: CHUNK_SAMPLES - 1 }), (parts, missing) => {
        const probabilities = runs(...parts);
        const totalSamples = Math.max(0, probabilities.length * CHUNK_SAMPLES - missing);
        const spans = toSpeechSpans(probabilities, totalSamples);
        let previousEnd = 0;
        for (const span of spans) {
          expect(span.startSeconds).toBeGreaterThanOrEqual(previousEnd - 1e-9);
          expect(span.endSeconds).toBeGreaterThan(span.startSeconds);
          expect(span.endSeconds - span.startSeconds).toBeLessThanOrEqual(DEFAULT_SPAN_OPTIONS.maxSpeechSeconds);
          previousEnd = span.endSeconds;
        }
        expect(previousEnd).toBeLessThanOrEqual(totalSamples / 16_000 + 1e-9);
        let chunk = 0;
        for (const [value, length] of parts) {
          const middle = (chunk + length / 2) * CHUNK_SECONDS;
          const isSpeech = value >= 0.5 && length >= 4 && middle < totalSamples / 16_000;
          const isHeld = spans.some((span) => span.startSeconds <= middle && middle <= span.endSeconds);
          expect(isHeld || !isSpeech).toBe(true);
          chunk += length;
        }
      }),
    );
  });
});
