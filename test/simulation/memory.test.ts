import { beforeAll, expect, test, vi } from 'vitest';
import type * as Memory from '../../src/rollback/memory.ts';
import { CLEAN, calm, human } from './calm.ts';
import { drawScenario, type Scenario } from './scenario.ts';
import { loadSettings } from './settings.ts';
import { simulate } from './simulate.ts';

/** A mistake put into the machine itself: what one of its looks has shown does not reach the next. */
const forgets = vi.hoisted(() => ({ what: null as 'changes' | 'doubts' | null }));
vi.mock('../../src/rollback/memory.ts', async (original) => {
  const real = await original<typeof Memory>();
  const remember: typeof real.remember = (look) => {
    const { seen } = look;
    return real.remember(
      forgets.what === 'changes'
        ? { ...look, seen: { ...seen, remembered: { ...seen.remembered, changed: null } } }
        : look,
    );
  };
  const tooOld: typeof real.tooOld = (look) => (forgets.what === 'doubts' ? null : real.tooOld(look));
  return { ...real, remember, tooOld };
});

beforeAll(loadSettings);

/** Old answers, and an update that takes a while; or a state that cannot be committed at first. */
const SCENARIOS = {
  doubts: (drawn: Scenario) =>
    calm(drawn, {
      updates: { instant: 0, quick: 1, slow: 0, stuck: 0, fails: 0 },
      network: { ...CLEAN, stale: 0.5 },
      incidents: [human('other routes', 'commit')],
    }),
  changes: (drawn: Scenario) =>
    calm(drawn, {
      contended: 0.5,
      network: { ...CLEAN, stale: 0.6 },
      incidents: [human('alias to another', 'commit')],
    }),
} as const;

test.each(['changes', 'doubts'] as const)(
  'a machine that forgets %s writes against a human',
  async (what) => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const scenario = SCENARIOS[what](drawScenario(seed));
      forgets.what = what;
      const { violations } = await simulate(seed, { scenario });
      forgets.what = null;
      if (!violations.some(({ invariant }) => invariant === 'against a human')) continue;
      expect((await simulate(seed, { scenario })).violations).toEqual([]);
      return;
    }
    expect.unreachable('60 seeds did not notice it');
  },
);
