import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPace, createSimulatedClock } from '../../src/simulator/clock.ts';

describe('simulated clock', () => {
  it('moves when it is moved, and never back', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 })), (times) => {
        const clock = createSimulatedClock(500);
        for (const time of times) {
          const before = clock.now();
          clock.advanceTo(time);
          expect(clock.now()).toBe(Math.max(before, time));
        }
      }),
    );
  });
});

describe('pace', () => {
  const wallAt = (time: { now: number }) => ({ now: () => time.now });

  it('makes `speed` simulated seconds of a second, and ends at the end', () => {
    const time = { now: 1000 };
    const pace = createPace({ speed: 3600, wall: wallAt(time), from: 50_000, to: 10_000_000 });
    expect(pace.due()).toBe(50_000);
    time.now += 1000;
    expect(pace.due()).toBe(50_000 + 3_600_000);
    time.now += 1_000_000;
    expect(pace.due()).toBe(10_000_000);
  });

  it('does not go back when the machine’s clock is set back', () => {
    const time = { now: 1000 };
    const pace = createPace({ speed: 10, wall: wallAt(time), from: 0, to: 1_000_000 });
    time.now += 500;
    expect(pace.due()).toBe(5000);
    time.now -= 5000;
    expect(pace.due()).toBe(5000);
  });

  it('has everything due at once at full speed', () => {
    expect(createPace({ speed: 'max', wall: wallAt({ now: 0 }), from: 0, to: 77 }).due()).toBe(77);
  });
});
