import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCircuitBreaker, type BreakerState, type CircuitBreaker, type Permit } from './circuit-breaker.ts';

function breakerAt(clock: { ms: number }): CircuitBreaker {
  return createCircuitBreaker({ maxFailures: 3, coolDownMs: 1_000, now: () => clock.ms });
}

describe('createCircuitBreaker', () => {
  it('opens after failures in a row, lets one probe through after the cool-down, and closes when it succeeds', () => {
    const clock = { ms: 0 };
    const breaker = breakerAt(clock);
    for (let call = 0; call < 3; call++) {
      expect(breaker.state).toBe('closed');
      breaker.enter()!.fail();
    }
    expect(breaker).toMatchObject({ state: 'open', failures: 3, remainingMs: 1_000 });
    expect(breaker.enter()).toBeUndefined();
    clock.ms = 1_000;
    expect(breaker.state).toBe('half-open');
    const probe = breaker.enter()!;
    expect(breaker.enter()).toBeUndefined();
    probe.succeed();
    expect(breaker).toMatchObject({ state: 'closed', failures: 0, remainingMs: 0 });
  });

  it('opens again for the whole cool-down when the probe fails', () => {
    const clock = { ms: 0 };
    const breaker = breakerAt(clock);
    for (let call = 0; call < 3; call++) breaker.enter()!.fail();
    clock.ms = 1_500;
    breaker.enter()!.fail();
    expect(breaker).toMatchObject({ state: 'open', remainingMs: 1_000 });
  });

  it('lets the next probe through when the one before was given up', () => {
    const clock = { ms: 0 };
    const breaker = breakerAt(clock);
    for (let call = 0; call < 3; call++) breaker.enter()!.fail();
    clock.ms = 1_000;
    breaker.enter()!.abandon();
    expect(breaker.state).toBe('half-open');
    expect(breaker.enter()).toBeDefined();
  });

  it('is not closed by a call that began before it opened', () => {
    const clock = { ms: 0 };
    const breaker = breakerAt(clock);
    const early = breaker.enter()!;
    for (let call = 0; call < 3; call++) breaker.enter()!.fail();
    early.succeed();
    expect(breaker.state).toBe('open');
  });

  it('lets calls through while closed, none while open, one at a time while half-open, whatever happens', () => {
    const step = constantFrom('enter', 'succeed', 'fail', 'abandon', 'wait');
    assert(
      property(array(step, { maxLength: 60 }), (steps) => {
        for (const { state, probing, granted } of drive(steps)) {
          expect(granted).toBe(state === 'closed' || (state === 'half-open' && !probing));
        }
      }),
    );
  });
});

type Step = 'enter' | 'wait' | keyof Permit;

/** What became of each `enter`; the other steps end the oldest call under way, or let time pass. */
function drive(steps: readonly Step[]): { state: BreakerState; probing: boolean; granted: boolean }[] {
  const clock = { ms: 0 };
  const breaker = breakerAt(clock);
  const underWay: { permit: Permit; isProbe: boolean }[] = [];
  const entries: { state: BreakerState; probing: boolean; granted: boolean }[] = [];
  for (const step of steps) {
    if (step === 'wait') clock.ms += 400;
    else if (step === 'enter') {
      const { state } = breaker;
      const permit = breaker.enter();
      entries.push({ state, probing: underWay.some(({ isProbe }) => isProbe), granted: permit !== undefined });
      if (permit !== undefined) underWay.push({ permit, isProbe: state === 'half-open' });
    } else underWay.shift()?.permit[step]();
  }
  return entries;
}
