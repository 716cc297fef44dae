import { describe, expect, test } from 'vitest';
import { ADAPTIVE, adaptiveTables, clearestLookBack } from '../../../src/judge/evidence/adaptive.ts';
import { carrying } from '../../../src/judge/evidence/carrying.ts';
import { openingOf, progressOf, type Standing } from '../../../src/judge/evidence/decision.ts';
import { mixed } from '../../../src/judge/evidence/library.ts';
import { startRecovery } from '../../../src/judge/evidence/recovery.ts';
import { project } from '../../../src/judge/evidence/set.ts';
import { excess } from '../../../src/judge/evidence/shares.ts';
import type { Detector, OpenCase, WindowRecord } from '../../../src/judge/evidence/state.ts';
import { tableOf as exactTable } from '../../../src/judge/evidence/table.ts';
import { handLibrary, setOf } from './support.ts';

const SET = setOf('psi', [0.4, 0.3, 0.2, 0.1], 0.1);
const SCORES = [
  [-1, 0, 2],
  [0.5, -1, 0.25],
];
const question = { set: SET, scores: SCORES };

function closeTo(actual: readonly number[] | null, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [cell, value] of expected.entries()) expect(actual?.[cell]).toBeCloseTo(value, 12);
}

/** Worked out by a few lines of another language from the formulas of the decision record, for 100 rows in four cells. */
describe('what is learnt from the counts 10, 30, 40, 20', () => {
  const counts = [10, 30, 40, 20];
  const p1Of = (name: string, of = question, rows: readonly number[] = counts) =>
    ADAPTIVE.find((each) => each.name === name)?.p1(of, rows) ?? null;

  test('recent counts: three rows per cell drawn towards the baseline', () => {
    closeTo(p1Of('recent counts'), [14.8 / 112, 33.6 / 112, 42.4 / 112, 21.2 / 112]);
  });

  test('shrunk: what noise explains is taken off; nothing is left of noise, and nothing taken off three cells', () => {
    closeTo(
      p1Of('recent counts, shrunk'),
      [0.11085146782651084, 0.3, 0.39276568811565943, 0.19638284405782971],
    );
    expect(p1Of('recent counts, shrunk', question, [41, 30, 19, 10])).toBeNull();
    const three = { set: setOf('psi', [0.5, 0.3, 0.2], 0.1), scores: [] };
    closeTo(p1Of('recent counts, shrunk', three, [40, 40, 20]), [40.75 / 101.5, 40.45 / 101.5, 20.3 / 101.5]);
  });

  test('fitted tilt: of the ordered cells, special ones by their counts; none without scores', () => {
    closeTo(
      p1Of('fitted tilt'),
      [0.07900724860298668, 0.18391949175918726, 0.5390340439515515, 0.1980392156862745],
    );
    expect(p1Of('fitted tilt', { set: SET, scores: [] })).toBeNull();
  });

  test('largest cells: those beyond most noise keep their counts, the others share the rest as the baseline does', () => {
    closeTo(p1Of('largest cells'), [0.10588235294117648, 0.3, 0.396078431372549, 0.1980392156862745]);
    closeTo(
      p1Of('largest cells', question, [55, 25, 13, 7]),
      [0.5470588235294117, 0.24117647058823535, 0.13137254901960785, 0.08039215686274512],
    );
    expect(p1Of('largest cells', question, [40, 30, 20, 10])).toBeNull();
  });

  test('the threshold of a large cell is 0.8 sqrt(2 ln B) deviations: just below, just above', () => {
    // 10 000 rows, B = 4: 1.332 deviations of the first cell are 65.3 rows.
    const moved = (rows: number): readonly number[] => [
      4000 + rows,
      3000 - rows / 3,
      2000 - rows / 3,
      1000 - rows / 3,
    ];
    expect(p1Of('largest cells', question, moved(65))).toBeNull();
    expect(p1Of('largest cells', question, moved(66))?.[0]).toBeCloseTo(4066.8 / 10_002, 12);
  });

  test('each becomes the certified table of its alternative with a little of the baseline mixed in', () => {
    const tables = adaptiveTables(question, [{ windows: 1, counts }]);
    expect(tables).toHaveLength(4);
    for (const [index, { p1 }] of ADAPTIVE.entries()) {
      const projection = project(SET, mixed(p1(question, counts) ?? [], SET.q));
      if (projection === null) throw new Error('within the limit');
      expect(tables[index]).toEqual(exactTable(projection).logRatio);
    }
  });

  test('one that lies within the limit has no table, though the look-back is beyond it', () => {
    // Shrunk to next to nothing on few rows; the counts themselves are far out.
    const few = [{ windows: 1, counts: [1, 3, 4, 2] }];
    const [recent] = adaptiveTables(question, few);
    expect(clearestLookBack(SET, few)).toBeNull();
    expect(recent).toBeNull();
  });

  test('of two look-backs that speak equally clearly the newer is taken, and one within the limit never', () => {
    const memory = [
      { windows: 1, counts },
      { windows: 1, counts: [0, 0, 0, 0] },
    ];
    expect(clearestLookBack(SET, memory)).toMatchObject({ windows: 1 });
    const calm = [{ windows: 1, counts: [400, 300, 200, 100] }];
    expect(excess(SET, calm[0]?.counts ?? [])).toBe(0);
    expect(clearestLookBack(SET, calm)).toBeNull();
  });
});

const THREE = setOf('psi', [0.5, 0.3, 0.2], 0.1);
const LIBRARY = handLibrary(THREE, [
  { logRatio: [1, 0, -1], weight: 0.5 },
  { logRatio: [-1, 0, 1], weight: 0.5 },
]);
const LEARNT = [-0.5, 0, 0.7];

function detector(logM: readonly number[], fields: Partial<Detector> = {}): Detector {
  return { logM, memory: [{ windows: 1, counts: [1, 2, 7] }], open: null, ...fields };
}

function record(adaptive: WindowRecord['adaptive'] = null, fields: Partial<WindowRecord> = {}): WindowRecord {
  return { end: 5, counts: [1, 2, 7], logWeight: -2, adaptive, event: null, ...fields };
}

describe('what carries the evidence', () => {
  const NONE = -Infinity;

  test('is the largest alternative that has a table in the newest window', () => {
    const learnt = [null, LEARNT, null, null];
    const of = (logM: readonly number[], adaptive: WindowRecord['adaptive'] = learnt) =>
      carrying(LIBRARY, detector(logM), record(adaptive));
    expect(of([1, 3, 9, 2, NONE, NONE])).toMatchObject({ alternative: 'table 2', logRatio: [-1, 0, 1] });
    expect(of([4, 3, 9, 2, NONE, NONE])).toMatchObject({ alternative: 'table 1', logRatio: [1, 0, -1] });
    expect(of([1, 3, 9, 5, NONE, NONE])).toMatchObject({
      alternative: 'recent counts, shrunk',
      logRatio: LEARNT,
    });
    expect(of([1, 3, 9, 5, NONE, NONE], null)?.alternative).toBe('table 2');
    expect(of([2, 2, NONE, 2, NONE, NONE])?.alternative).toBe('table 1');
    expect(of([NONE, NONE, NONE, NONE, NONE, NONE])?.alternative).toBe('table 1');
  });

  test('has gathered it over the look-back in which its table gathers most, the newer of two alike', () => {
    const memory = [
      { windows: 1, counts: [1, 2, 7] },
      { windows: 1, counts: [0, 5, 3] },
      { windows: 2, counts: [0, 9, 0] },
      { windows: 2, counts: [9, 1, 0] },
    ];
    const found = carrying(LIBRARY, detector([0, 1, NONE, NONE, NONE, NONE], { memory }), record());
    expect(found).toEqual({ alternative: 'table 2', logRatio: [-1, 0, 1], pool: [1, 7, 10], windows: 2 });
  });

  test('is nothing without a window, or without any table', () => {
    expect(carrying(LIBRARY, detector([0, 1], { memory: [] }), record())).toBeNull();
    const bare = handLibrary(THREE, []);
    expect(carrying(bare, detector([0, 1, 2, 3]), record([null, null, null, null]))).toBeNull();
  });
});

describe('what is decided after a window', () => {
  const standing = (fields: Partial<Standing> = {}): Standing => ({
    library: LIBRARY,
    detector: detector([0, 1, -Infinity, -Infinity, -Infinity, -Infinity]),
    newest: record(),
    breach: 0.25,
    ...fields,
  });
  const asked = { logNeeded: 6, logWeight: -2, together: null };

  test('an alarm keeps its numbers without the weight of the test', () => {
    const event = openingOf(standing(), asked);
    if (event.kind !== 'alarm') throw new Error(event.kind);
    const { opened } = event;
    expect(opened.evidence).toBeCloseTo(Math.log(1 + Math.E) + 2, 12);
    expect(opened).toMatchObject({
      ...{ since: 5, needed: 8, alternative: 'table 2', pool: [1, 2, 7], windows: 1 },
      ...{ together: null, withdrawn: null },
    });
    expect(opened.recovery).toEqual(startRecovery([-1, 0, 1], THREE.q));
  });

  test('it is a breach where the estimate is over the breach limit: just below, just above', () => {
    const verdictAt = (breach: number) => {
      const event = openingOf(standing({ breach }), asked);
      return event.kind === 'alarm' ? event.opened.verdict : null;
    };
    expect([verdictAt(sizeOf() * 1.001), verdictAt(sizeOf() * 0.999)]).toEqual(['warn', 'breach']);
  });

  test('an alarm without a window is a mistake', () => {
    const empty = detector([0, 1], { memory: [] });
    expect(() => openingOf(standing({ detector: empty }), asked)).toThrow(
      'an alarm needs a window that raised it',
    );
  });

  const open = (fields: Partial<OpenCase> = {}): OpenCase => ({
    ...{ since: 4, verdict: 'warn', together: null, evidence: 9, needed: 8, alternative: 'table 2' },
    ...{ pool: [1, 2, 7], windows: 1, withdrawn: null },
    recovery: startRecovery([-1, 0, 1], THREE.q),
    ...fields,
  });
  const after = (opened: OpenCase | null, fields: Partial<Standing> = {}, released = false) =>
    progressOf(
      standing({
        detector: detector([], { open: opened, memory: [{ windows: 1, counts: [1, 2, 70] }] }),
        ...fields,
      }),
      released,
    );

  test('nothing happens to a test without a case, in the window of the alarm, or without rows', () => {
    expect(after(null, {}, true)).toBeNull();
    expect(after(open({ since: 5 }))).toBeNull();
    expect(after(open({ since: 4 }))).toEqual({ kind: 'worse' });
    expect(after(open(), { newest: record(null, { counts: null }) })).toBeNull();
    expect(after(open({ verdict: 'breach' }))).toBeNull();
  });

  test('a person closes it at any time', () => {
    const restart = { kind: 'restart', why: 'released', odds: null };
    expect(after(open({ since: 5 }), {}, true)).toEqual(restart);
    expect(after(open({ verdict: 'breach' }), {}, true)).toEqual(restart);
  });

  test('it has recovered with proof and a window within the limit, not with one of the two', () => {
    const proven = { ...startRecovery([-1, 0, 1], THREE.q), logR: [5, null, null] };
    const within = { newest: record(null, { counts: [500, 300, 200] }) };
    expect(after(open({ recovery: proven, verdict: 'breach' }), within)).toEqual({
      kind: 'restart',
      why: 'recovered',
      odds: 5,
    });
    expect(after(open({ recovery: proven, verdict: 'breach' }))).toBeNull();
    expect(after(open({ verdict: 'breach' }), within)).toBeNull();
  });

  test('it is worse from three standard deviations over the breach limit on, on any look-back', () => {
    const beyond = excess({ ...THREE, limit: 0.25 }, [20, 32, 60]);
    expect(beyond).toBeGreaterThan(9);
    const of = (memory: Detector['memory']) =>
      after(open(), { detector: detector([], { open: open(), memory }) });
    const calm = { windows: 1, counts: [0, 0, 0] };
    expect(of([calm, { windows: 1, counts: [20, 32, 60] }])).toEqual({ kind: 'worse' });
    expect(excess({ ...THREE, limit: 0.25 }, [26, 34, 48])).toBeLessThan(9);
    expect(of([{ windows: 1, counts: [26, 34, 48] }])).toBeNull();
  });

  function sizeOf(): number {
    // PSI of the counts 1, 2, 7 with half a row per cell, less noise (2 / 10): by the formula.
    const p = [1.75 / 11.5, 2.45 / 11.5, 7.3 / 11.5];
    const psi = p.reduce((sum, share, cell) => {
      const base = THREE.q[cell] ?? 1;
      return sum + (share - base) * Math.log(share / base);
    }, 0);
    return psi - 0.2;
  }
});
