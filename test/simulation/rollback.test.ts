import { beforeAll, describe, expect, test } from 'vitest';
import { CLEAN, calm, human, INSTANT } from './calm.ts';
import { PLANTED } from './planted.ts';
import { reportOf } from './report.ts';
import { drawScenario, MINUTE, type Scenario } from './scenario.ts';
import { loadSettings } from './settings.ts';
import { shrink } from './shrink.ts';
import { type Outcome, simulate } from './simulate.ts';
import { add, NOTHING, tallyOf } from './tally.ts';
import { INVARIANTS } from './violation.ts';
import { runSeeds } from './worker.ts';

const SEEDS = 200;

beforeAll(loadSettings);

async function traceOf(seed: number): Promise<readonly string[]> {
  const lines: string[] = [];
  await simulate(seed, { trace: (line) => lines.push(line) });
  return lines;
}

describe('the rollback of driftwarden in a simulated workspace', () => {
  test(`${SEEDS} seeds break nothing`, async () => {
    const tally = await runSeeds(1, SEEDS);
    // node bench/rollback-simulation.mjs --seed N --trace shows what happened in one of them.
    expect(tally.violations).toEqual([]);
    const { counts } = tally;
    for (const what of [
      'ended: done',
      'ended: superseded',
      'ended: needs_human',
      'ended: blocked',
      'ended: expired',
    ]) {
      expect(counts[what], what).toBeGreaterThan(0);
    }
    for (const what of [
      'incident: human',
      'incident: crash',
      'incident: pause',
      'fault: lost response',
      'fault: stale read',
    ]) {
      expect(counts[what], what).toBeGreaterThan(0);
    }
  });

  test('a seed is one run, whenever and after whatever it is run', async () => {
    const alone = await traceOf(7);
    await simulate(8);
    expect(await traceOf(7)).toEqual(alone);
    expect(alone.length).toBeGreaterThan(5);
    expect(await traceOf(9)).not.toEqual(alone);
  });

  test('a stuck write that is carried out under the next rollback is told as what it is', async () => {
    const lines = await traceOf(175_981);
    expect(lines.filter((line) => line.includes('VIOLATION'))).toEqual([]);
    expect(lines.some((line) => line.includes('has come into force after all'))).toBe(true);
  });

  test.each([
    [303_243, 'an old answer shows an update that had ended before the plan'],
    [592_997, 'the same, with every write refused for a while'],
    [645_441, 'our late write asks for what somebody has done meanwhile'],
    [855_981, 'the same, in another order'],
  ])('seed %d is no mistake of the program: %s', async (seed) => {
    expect((await traceOf(seed)).filter((line) => line.includes('VIOLATION'))).toEqual([]);
  });

  test('a write that lands on a change which no read had shown is found', async () => {
    const incidents = [human('other routes', 'leaves')];
    for (const seed of [1, 2, 3]) {
      const scenario = calm(drawScenario(seed), { updates: INSTANT, incidents });
      const { violations, counts } = await simulate(seed, { scenario });
      expect(violations).toEqual([]);
      expect(counts).toMatchObject({ 'traffic: written over a change, ended: superseded': 1 });
    }
  });
});

describe('every invariant can fail', () => {
  test('and there is a mistake for each', () => {
    expect(new Set(PLANTED.map(({ breaks }) => breaks))).toEqual(new Set(Object.keys(INVARIANTS)));
  });

  test.each(PLANTED.map((planted) => [planted.breaks, planted.mistake, planted] as const))(
    '%s: %s',
    async (breaks, _, { plant, tilt }) => {
      for (let seed = 1; seed <= 40; seed += 1) {
        const drawn = drawScenario(seed);
        const scenario = tilt === undefined ? drawn : tilt(drawn);
        if (
          (await simulate(seed, { scenario, plant })).violations.some(({ invariant }) => invariant === breaks)
        ) {
          // The same run without the mistake is fine: it is the mistake that was noticed.
          expect((await simulate(seed, { scenario })).violations).toEqual([]);
          return;
        }
      }
      expect.unreachable('40 seeds did not notice it');
    },
  );
});

/** Writes whose answer is lost arrive up to five minutes late, long after the program takes a read at its word. */
function veryLate(seed: number): Scenario {
  return calm(drawScenario(seed), { network: { ...CLEAN, lostResponse: 0.4, latestArrival: 5 * MINUTE } });
}

test('beyond what is assumed of the network a write can be sent twice, and then the configuration version tells', async () => {
  const outcomes: Outcome[] = [];
  for (let seed = 1; seed <= 60; seed += 1) outcomes.push(await simulate(seed, { scenario: veryLate(seed) }));
  const twice = outcomes.filter(({ violations }) =>
    violations.some(({ invariant }) => invariant === 'second effect'),
  );
  expect(twice.length).toBeGreaterThan(0);
  for (const { counts } of twice) expect(counts['ended: done'] ?? 0).toBe(0);
});

describe('what is told of a failing seed', () => {
  const planted = PLANTED.find(({ breaks }) => breaks === 'lost ticket');

  test('everything is left out that the failure does not need', async () => {
    const plant = planted?.plant ?? {};
    let seed = 1;
    while ((await simulate(seed, { plant })).violations.length === 0) seed += 1;
    const drawn = drawScenario(seed);
    const smallest = await shrink(seed, plant);
    expect(smallest?.incidents.length).toBeLessThanOrEqual(drawn.incidents.length);
    expect(smallest?.windows).toBe(1);
    expect(
      (await simulate(seed, { plant, ...(smallest === null ? {} : { scenario: smallest }) })).violations,
    ).not.toEqual([]);
  });

  test('a seed that does not fail has nothing to leave out', async () => {
    expect(await shrink(1)).toBeNull();
  });

  test('the report says it, and counts runs rather than violations', () => {
    const facts = { first: 1, last: 2, seconds: 1, processes: 1, node: 'v20', command: 'it', commit: 'abc' };
    const violation = { invariant: 'too late', why: 'by a minute' } as const;
    const failed = tallyOf({ seed: 2, violations: [violation, violation], counts: { 'ended: done': 1234 } });
    const report = reportOf(add(tallyOf({ seed: 1, violations: [], counts: {} }), failed), facts);
    expect(report).toContain('**Some runs broke an invariant.**');
    expect(report).toContain(', at commit `abc`.');
    expect(report).toMatch(/\| too late \|.*\| 1 \|/);
    expect(report).toContain('- seed 2, too late: by a minute');
    expect(report).toContain('| done | 1 234 | 100.00 % |');
    expect(reportOf(NOTHING, facts)).toContain('No run broke an invariant.');
  });
});
