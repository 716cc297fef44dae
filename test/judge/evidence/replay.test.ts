import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { logAdd } from '../../../src/judge/evidence/detector.ts';
import type { Library } from '../../../src/judge/evidence/libraries.ts';
import { startRecovery } from '../../../src/judge/evidence/recovery.ts';
import { decided, replay, settle } from '../../../src/judge/evidence/replay.ts';
import {
  freshDetector,
  freshState,
  type OpenCase,
  restoreState,
  type TestState,
} from '../../../src/judge/evidence/state.ts';
import { logTotal } from '../../../src/judge/evidence/step.ts';
import { logEvidence } from '../../../src/judge/evidence/table.ts';
import { CASES, DECILES, decileLibrary, draw, RISING, STEEP, uniforms } from './support.ts';

let library: Library;
let fixed = 0;
beforeEach(() => {
  library = decileLibrary();
  fixed = library.logRatios.length / library.cells;
});
const LOG_WEIGHT = Math.log(0.2);

function fresh(): TestState {
  return freshState(library.identity, library.logShares.length);
}

function entered(state: TestState, end: number, counts: readonly number[] | null): TestState {
  return replay(library, state, { end, counts, logWeight: LOG_WEIGHT }).state;
}

/** The state with its final windows folded away, as the judgement of its newest window leaves it. */
function settledTo(state: TestState, finalTo: number): TestState {
  const newest = state.records.at(-1);
  if (newest === undefined) throw new Error('nothing has been entered');
  return settle(replay(library, state, newest), finalTo);
}

/** The recursion of the theory, written out: every window's final counts under the tables it had from the start. */
function batch({ records }: TestState): readonly number[] {
  return library.logShares.map((share, alternative) => {
    let logM = -Infinity;
    for (const { counts, adaptive, logWeight } of records) {
      if (counts === null) continue;
      const table =
        alternative < fixed
          ? Array.from(
              library.logRatios.slice(alternative * library.cells, (alternative + 1) * library.cells),
            )
          : (adaptive?.[alternative - fixed] ?? null);
      logM =
        table === null
          ? logM + Math.log(0.9)
          : logEvidence(counts, { logRatio: table }) + logAdd(logWeight + share, logM);
    }
    return logM;
  });
}

function expectSame(logM: readonly number[], expected: readonly number[]): void {
  for (const [alternative, value] of expected.entries()) {
    const least = LOG_WEIGHT + (library.logShares[alternative] ?? 0) - 40;
    const found = logM[alternative] ?? Number.NaN;
    if (found === -Infinity) expect(value).toBeLessThan(least + 1e-9);
    else expect(Math.abs(found - value)).toBeLessThan(1e-9 * Math.max(1, Math.abs(value)));
  }
}

interface Script {
  readonly seed: number;
  readonly windows: number;
  /** Window and rows of each late arrival. */
  readonly late: readonly (readonly [number, number])[];
}

const script = fc.record({
  seed: fc.integer({ min: 1, max: 2_000_000_000 }),
  windows: fc.integer({ min: 1, max: 12 }),
  late: fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 80 })), {
    maxLength: 10,
  }),
});

function play({ seed, windows, late }: Script): TestState {
  const uniform = uniforms(seed);
  let state = fresh();
  const seen = new Map<number, readonly number[]>();
  const arrive = (end: number, rows: readonly number[]): void => {
    const counts = rows.map((count, cell) => count + (seen.get(end)?.[cell] ?? 0));
    seen.set(end, counts);
    state = entered(state, end, counts);
  };
  for (let end = 1; end <= windows; end += 1) {
    arrive(end, draw(end % 4 === 0 ? 0 : 150, end > windows / 2 ? STEEP : DECILES.q, uniform));
    for (const [window, rows] of late)
      if (window < end && (window + end) % 3 === 0) arrive(window, draw(rows, RISING, uniform));
  }
  return state;
}

describe('late rows', () => {
  test('leave the detector that would have stood had they come in time', () => {
    fc.assert(
      fc.property(script, (played) => {
        const state = play(played);
        const newest = state.records.at(-1);
        if (newest === undefined) throw new Error('no window was entered');
        const { detector } = replay(library, state, { ...newest, logWeight: 0 });
        expectSame(detector.logM, batch(state));
      }),
      { numRuns: Math.min(60, CASES), seed: 20_260_201 },
    );
  });

  test('do not change tables or weight of a window', () => {
    const uniform = uniforms(6);
    let state = fresh();
    for (let end = 1; end <= 6; end += 1) state = entered(state, end, draw(400, STEEP, uniform));
    const before = state.records.map(({ adaptive, logWeight }) => ({ adaptive, logWeight }));
    const late = replay(library, state, { end: 3, counts: draw(900, STEEP, uniform), logWeight: 99 });
    expect(late.state.records.map(({ adaptive, logWeight }) => ({ adaptive, logWeight }))).toEqual(before);
    expect(before.slice(1).every(({ adaptive }) => adaptive?.some((table) => table !== null))).toBe(true);
  });

  test('of a window that was missing until now stand where they belong', () => {
    const uniform = uniforms(6);
    const counts = [1, 2, 3].map(() => draw(400, STEEP, uniform));
    let state = entered(fresh(), 1, counts[0] ?? null);
    state = entered(state, 3, counts[2] ?? null);
    state = entered(state, 2, counts[1] ?? null);
    expect(state.records.map(({ end }) => end)).toEqual([1, 2, 3]);
    expectSame(
      replay(library, state, { end: 3, counts: counts[2] ?? null, logWeight: 0 }).detector.logM,
      batch(state),
    );
  });

  test('of a window that is final change nothing', () => {
    const uniform = uniforms(6);
    let state = fresh();
    for (let end = 1; end <= 5; end += 1) state = entered(state, end, draw(400, RISING, uniform));
    const settled = settledTo(state, 3);
    expect(settled.baseEnd).toBe(3);
    expect(settled.records.map(({ end }) => end)).toEqual([4, 5]);
    expect(entered(settled, 3, draw(400, STEEP, uniform))).toEqual(settled);
    expect(entered(settled, 4, draw(400, STEEP, uniform))).not.toEqual(settled);
  });
});

describe('the state', () => {
  test('gives the same detector whether windows have been settled or not, and after a trip through JSON', () => {
    fc.assert(
      fc.property(script, fc.integer({ min: 0, max: 14 }), (played, finalTo) => {
        const state = play(played);
        const newest = state.records.at(-1);
        if (newest === undefined) return;
        const stored: unknown = JSON.parse(JSON.stringify(settledTo(state, finalTo)));
        const restored = restoreState(stored, library.identity, library.logShares.length);
        const again = replay(library, restored, { ...newest, logWeight: 0 });
        expect(again.detector).toEqual(replay(library, state, { ...newest, logWeight: 0 }).detector);
        expect(JSON.stringify(stored)).not.toMatch(/NaN|Infinity/);
        expect(stored).toEqual(settledTo(state, finalTo));
      }),
      { numRuns: Math.min(40, CASES), seed: 20_260_202 },
    );
  });

  test('never settles the newest window, so that it may be judged again', () => {
    const state = settledTo(
      entered(
        entered(
          fresh(),
          1,
          STEEP.map(() => 10),
        ),
        2,
        STEEP.map(() => 20),
      ),
      9,
    );
    expect(state.records.map(({ end }) => end)).toEqual([2]);
    expect(
      entered(
        state,
        2,
        STEEP.map(() => 20),
      ),
    ).toEqual(state);
  });

  test('of another library, another version of the program or no state at all starts anew', () => {
    const state = entered(
      fresh(),
      1,
      STEEP.map(() => 10),
    );
    const restore = (stored: unknown): TestState =>
      restoreState(stored, library.identity, library.logShares.length);
    expect(restore(state)).toBe(state);
    for (const stored of [
      null,
      undefined,
      'x',
      7,
      {},
      { ...state, identity: 'other' },
      { ...state, version: 0 },
    ])
      expect(restore(stored)).toEqual(fresh());
  });

  test('a window without rows is missing: nothing happens and no product starts', () => {
    const state = entered(fresh(), 1, draw(500, STEEP, uniforms(9)));
    const before = replay(library, state, { end: 1, counts: state.records[0]?.counts ?? null, logWeight: 0 });
    for (const counts of [null, STEEP.map(() => 0)])
      expect(replay(library, state, { end: 2, counts, logWeight: 0 }).detector).toEqual(before.detector);
  });
});

describe('an alarm', () => {
  const opened = (evidence: number): OpenCase => ({
    since: 3,
    verdict: 'warn',
    together: null,
    evidence,
    needed: 5,
    alternative: 'location up 1.3',
    pool: STEEP.map((share) => 100 * share),
    windows: 1,
    withdrawn: null,
    recovery: startRecovery(Array.from(library.logRatios.slice(0, library.cells)), DECILES.q),
  });

  function alarmed(): TestState {
    const uniform = uniforms(12);
    let state = fresh();
    for (let end = 1; end <= 3; end += 1) state = entered(state, end, draw(300, STEEP, uniform));
    const { detector } = replay(library, state, {
      end: 3,
      counts: state.records[2]?.counts ?? null,
      logWeight: 0,
    });
    const evidence = logTotal(detector) - LOG_WEIGHT;
    return decided(library, state, { kind: 'alarm', opened: opened(evidence) }).state;
  }

  test('sets the detector to zero and lets it rest; late rows of windows before it change nothing', () => {
    const state = alarmed();
    const uniform = uniforms(13);
    const next = replay(library, state, { end: 4, counts: draw(300, STEEP, uniform), logWeight: LOG_WEIGHT });
    expect(logTotal(next.detector)).toBe(-Infinity);
    const more = (state.records[1]?.counts ?? []).map((count, cell) => count + (STEEP[cell] ?? 0) * 100);
    const late = replay(library, next.state, { end: 2, counts: more, logWeight: 0 });
    expect(logTotal(late.detector)).toBe(-Infinity);
    expect(late.detector.open?.withdrawn).toBeNull();
  });

  test('is not taken back when rows are corrected; the case says what its evidence has become', () => {
    const state = alarmed();
    const corrected = replay(library, state, { end: 2, counts: DECILES.q.map(() => 30), logWeight: 0 });
    const { open } = corrected.detector;
    expect(open?.since).toBe(3);
    expect(open?.withdrawn).not.toBeNull();
    expect(open?.withdrawn ?? Infinity).toBeLessThan(open?.evidence ?? -Infinity);
    // Withdrawn altogether it is still a number.
    const none = [1, 2, 3].reduce(
      (current, end) =>
        replay(library, current, { end, counts: DECILES.q.map(() => 30_000), logWeight: 0 }).state,
      state,
    );
    const left = replay(library, none, { end: 3, counts: DECILES.q.map(() => 30_000), logWeight: 0 }).detector
      .open;
    expect(Number.isFinite(left?.withdrawn)).toBe(true);
  });

  test('that turns worse in the same window stays one alarm', () => {
    const worse = decided(library, alarmed(), { kind: 'worse' });
    expect(worse.state.records.at(-1)?.event?.kind).toBe('alarm');
    expect(worse.detector.open?.verdict).toBe('breach');
    const next = replay(library, alarmed(), { end: 4, counts: STEEP.map(() => 10), logWeight: 0 });
    expect(decided(library, next.state, { kind: 'worse' }).detector.open?.verdict).toBe('breach');
    const restarted = decided(library, next.state, { kind: 'restart', why: 'released', odds: null });
    expect(restarted.detector).toEqual(freshDetector(library.logShares.length));
  });

  test('a decision needs a window', () => {
    expect(() => decided(library, fresh(), { kind: 'worse' })).toThrow('needs a window');
  });
});
