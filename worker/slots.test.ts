import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseCpuSlots, readMachine } from './slots.ts';

const GIB = 2 ** 30;

describe('chooseCpuSlots', () => {
  it.each([
    { cores: 2, gib: 8, slots: 4 },
    { cores: 16, gib: 64, slots: 32 },
    { cores: 64, gib: 256, slots: 32 },
    // Many cores, little memory: a container of 3 GiB on a large machine.
    { cores: 16, gib: 3, slots: 4 },
    { cores: 4, gib: 1, slots: 1 },
  ])('gives $slots to $cores cores and $gib GiB', ({ cores, gib, slots }) => {
    expect(chooseCpuSlots({ cores, memoryBytes: gib * GIB })).toBe(slots);
  });

  it('never shrinks with a larger machine, and always works', () => {
    const cores = integer({ min: 1, max: 256 });
    const memory = integer({ min: 0, max: 1024 });
    assert(
      property(cores, cores, memory, memory, (a, b, c, d) => {
        const smaller = chooseCpuSlots({ cores: Math.min(a, b), memoryBytes: Math.min(c, d) * GIB });
        const larger = chooseCpuSlots({ cores: Math.max(a, b), memoryBytes: Math.max(c, d) * GIB });
        expect(smaller).toBeGreaterThanOrEqual(1);
        expect(larger).toBeGreaterThanOrEqual(smaller);
      }),
    );
  });
});

it('reads a machine that has something', () => {
  const { cores, memoryBytes } = readMachine();
  expect(cores).toBeGreaterThanOrEqual(1);
  expect(memoryBytes).toBeGreaterThan(GIB / 4);
});
