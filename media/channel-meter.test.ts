import { expect, test } from 'vitest';
import type { ChannelComparison } from '../contracts/media.ts';
import { createChannelMeter } from './channel-meter.ts';

/** Compares channels that are a function of time each, -1 to 1, over 20 s. */
function compare(left: (seconds: number) => number, right: (seconds: number) => number): ChannelComparison {
  const meter = createChannelMeter();
  for (let index = 0; index < 20 * 16_000; index += 1) {
    meter.add(Math.round(32_767 * left(index / 16_000)), Math.round(32_767 * right(index / 16_000)));
  }
  return meter.result();
}

const low = (seconds: number): number => 0.3 * Math.sin(2 * Math.PI * 220 * seconds);
const high = (seconds: number): number => 0.3 * Math.sin(2 * Math.PI * 550 * seconds);
const silence = (): number => 0;

test('the same sound in both', () => {
  expect(compare(low, low)).toEqual({ correlation: 1, leftShare: 0, rightShare: 0 });
});

test('the same sound upside down in one', () => {
  expect(compare(low, (seconds) => -low(seconds)).correlation).toBe(-1);
});

test('two in turns of a second, each softer by 20 dB on the other side', () => {
  const isLeft = (seconds: number): boolean => seconds % 2 < 1;
  const compared = compare(
    (seconds) => (isLeft(seconds) ? low(seconds) : 0.1 * high(seconds)),
    (seconds) => (isLeft(seconds) ? 0.1 * low(seconds) : high(seconds)),
  );
  expect(compared).toMatchObject({ leftShare: 0.5, rightShare: 0.5 });
  expect(compared.correlation).toBeCloseTo(0.2, 1);
});

test('one side dead, and nothing at all', () => {
  expect(compare(low, silence)).toEqual({ correlation: 0, leftShare: 1, rightShare: 0 });
  expect(compare(silence, silence)).toEqual({ correlation: 0, leftShare: 0, rightShare: 0 });
});

test('a soft second speaker counts, the noise of a pause does not', () => {
  const hiss = (seconds: number): number => 0.0005 * Math.sin(2 * Math.PI * 3000 * seconds);
  const compared = compare(
    (seconds) => (seconds < 10 ? low(seconds) : hiss(seconds)),
    (seconds) => (seconds >= 10 && seconds < 15 ? 0.15 * high(seconds) : 0),
  );
  expect(compared.leftShare).toBeCloseTo(2 / 3, 1);
  expect(compared.rightShare).toBeCloseTo(1 / 3, 1);
});
