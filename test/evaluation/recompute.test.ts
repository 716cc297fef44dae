import { expect, test } from 'vitest';
import type { Baseline, BaselineColumn, CellCounts } from '../../src/baseline/bins.ts';
import { assembleEvaluation } from '../../src/evaluation/assemble.ts';
import { judgeWindow } from '../../src/evaluation/judge-window.ts';
import type { Reading } from '../../src/evaluation/read.ts';
import type { Memory as Recalled } from '../../src/evaluation/recall.ts';
import { adaptiveTables } from '../../src/judge/evidence/adaptive.ts';
import { setAround } from '../../src/judge/evidence/cells.ts';
import { buildLibrary, type Library, rememberLibraries } from '../../src/judge/evidence/libraries.ts';
import { type Memory, remember } from '../../src/judge/evidence/memory.ts';
import type { TestState } from '../../src/judge/evidence/state.ts';
import type { CheckCells, Evaluation } from '../../src/judge/verdict.ts';
import { draw, uniforms } from '../judge/evidence/support.ts';
import { aModel } from '../rollback/support.ts';

/**
 * What an examiner can do years later, with nothing but the stored evaluations: compute every learnt table again, and with it the evidence that
 * each evaluation names. The detector's own state is not looked at; it is only used to see that the tables are the same.
 */
const DAY = 86_400_000;
const START = Date.parse('2026-03-02T00:00:00.000Z');
const EDGES = [900, 1300, 1700, 2100, 2600, 3200, 4000, 5200, 7500];
const LIMIT = 0.1;
const DAYS = 22;
const CHANGE = 8;
/** PSI 0.14 from equal shares: beyond the limit, and not proven for weeks at 150 rows a day. */
const DRIFTED = [0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.11, 0.12, 0.14, 0.18];

const cellsOf = (cells: readonly number[], missing = 0): CellCounts => ({
  cells,
  missing,
  nonFinite: 0,
  other: 0,
  unseen: 0,
});
const income: BaselineColumn = {
  name: 'income',
  bins: { kind: 'numeric', edges: EDGES, coarseEdges: EDGES },
  counts: cellsOf(Array.from({ length: 10 }, () => 5000)),
};
const baseline = {
  id: 'bl-1',
  hash: '0'.repeat(64),
  content: { rows: 50_000, columns: [income], predictions: [] },
} as unknown as Baseline;

interface Kept {
  readonly evaluation: Evaluation;
  readonly state: TestState;
}

/** The windows as the daemon evaluates them: one a day, a day without rows, late rows for a day that may still be revised and a day that was missing. */
function history(): readonly Kept[] {
  const model = aModel(
    {},
    {
      prediction: null,
      minRows: 1,
      drift: { rule: 'evidence', psi: { warn: LIMIT, breach: 0.25 }, ks: null, features: {} },
    },
  );
  const libraries = rememberLibraries();
  const uniform = uniforms(20_260_302);
  const kept: Kept[] = [];
  let states: Recalled['states'] = [];
  const judge = (day: number, counts: CellCounts, at: { now: number; revision: number }): void => {
    const window = { start: START + day * DAY, end: START + (day + 1) * DAY };
    const rows = counts.cells.reduce((sum, count) => sum + count, counts.missing);
    const reading = {
      baseline,
      features: ['income'],
      versions: [{ version: '7', rows, features: { income: counts }, prediction: null }],
      rows,
      trouble: null,
      payload: null,
    } as unknown as Reading;
    const memory = { baselines: [baseline], cases: [], progress: null, states, stored: null, earlier: [] };
    const answer = judgeWindow({
      model,
      window,
      reading,
      memory: memory as unknown as Recalled,
      libraries,
      now: at.now,
    });
    states = JSON.parse(JSON.stringify(answer.states)) as Recalled['states'];
    const evaluation = assembleEvaluation({
      model: 'credit_pd',
      window,
      revision: at.revision,
      reading,
      checks: answer.checks,
    });
    kept.push({ evaluation, state: states[0]?.state as TestState });
  };
  for (let day = 0; day < DAYS; day += 1) {
    const now = START + (day + 1) * DAY;
    const drawn = draw(150, day < CHANGE ? income.counts.cells.map(() => 0.1) : DRIFTED, uniform);
    judge(day, day === 14 ? cellsOf(drawn.map(() => 0)) : cellsOf(drawn, day % 5), { now, revision: 0 });
    if (day === 12) {
      const before = psiOf(kept.find(({ evaluation }) => dayOf(evaluation) === 11)?.evaluation).cells?.window;
      const late = draw(90, DRIFTED, uniform).map((count, cell) => count + (before?.[cell] ?? 0));
      judge(11, cellsOf(late, 1), { now, revision: 1 });
    }
    if (day === 15) judge(14, cellsOf(draw(120, DRIFTED, uniform)), { now, revision: 1 });
  }
  return kept;
}

function psiOf(evaluation: Evaluation | undefined) {
  const check = evaluation?.checks.find(({ method }) => method === 'psi');
  if (check === undefined) throw new Error('no PSI check');
  return check;
}

function raise(): never {
  throw new Error('no such evaluation');
}

function dayOf({ window }: Evaluation): number {
  return (Date.parse(window.start) - START) / DAY;
}

/** Counts in the cells of the tables, which have the special cells always; those that nobody was in on either side are not written out. */
function countsOf(cells: CheckCells | null, side: 'baseline' | 'window'): readonly number[] {
  const ordinary = EDGES.length + 1;
  const special = (label: string): number => cells?.[side][cells.labels.indexOf(label)] ?? 0;
  return [...(cells?.[side].slice(0, ordinary) ?? []), special('missing'), special('non_finite')];
}

interface Window {
  readonly day: number;
  counts: readonly number[];
  /** Decided when the window was first evaluated, from the newest revisions of the windows before it as they stood then. */
  readonly tables: readonly (readonly number[] | null)[];
}

const rows = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** Recomputes, evaluation by evaluation in the order in which they were stored, the learnt tables and the evidence. */
function recompute(evaluations: readonly Evaluation[]) {
  const [first] = evaluations;
  const set = setAround('psi', countsOf(psiOf(first).cells, 'baseline'), { limit: LIMIT, losses: null });
  const library = buildLibrary({ set, ordered: EDGES.length + 1 });
  const windows: Window[] = [];
  return evaluations.map((evaluation) => {
    const day = dayOf(evaluation);
    const counts = countsOf(psiOf(evaluation).cells, 'window');
    const known = windows.find((window) => window.day === day);
    if (known === undefined) windows.push({ day, counts, tables: tablesAfter(library, windows) });
    else known.counts = counts;
    const upTo = windows.filter((window) => window.day <= day);
    return { day, tables: upTo.at(-1)?.tables, log10: detectorAfter(library, upTo) / Math.LN10 };
  });
}

function tablesAfter(library: Library, windows: readonly Window[]) {
  const seen = windows.filter(({ counts }) => rows(counts) > 0);
  const memory = seen.reduce<Memory>((before, { counts }) => remember(before, counts), []);
  return adaptiveTables(library, memory);
}

/** ln of M = sum of M_k, M_k <- (w_k + M_k) e_k, written out; a learnt alternative without a table keeps nine tenths and starts nothing. */
function detectorAfter({ cells, logRatios, logShares }: Library, windows: readonly Window[]): number {
  const fixed = logRatios.length / cells;
  let sum = 0;
  for (const [alternative, share] of logShares.entries()) {
    let m = 0;
    for (const { counts, tables } of windows) {
      if (rows(counts) === 0) continue;
      const table =
        alternative < fixed
          ? logRatios.slice(alternative * cells, (alternative + 1) * cells)
          : tables[alternative - fixed];
      if (table === null || table === undefined) m *= 0.9;
      else {
        const log = counts.reduce((total, count, cell) => total + count * (table[cell] ?? 0), 0);
        m = (Math.exp(share) + m) * Math.exp(log);
      }
    }
    sum += m;
  }
  return Math.log(sum);
}

test('learnt tables and evidence follow from the stored evaluations alone, up to the alarm', () => {
  const kept = history();
  const stored = JSON.parse(JSON.stringify(kept.map(({ evaluation }) => evaluation))) as Evaluation[];
  const alarm = stored.findIndex((evaluation) => psiOf(evaluation).verdict === 'warn');
  expect(dayOf(stored[alarm] ?? raise())).toBeGreaterThan(15);
  const recomputed = recompute(stored.slice(0, alarm + 1));
  expect(stored.slice(0, alarm).filter(({ revision }) => revision === 1)).toHaveLength(2);
  for (const [index, { day, log10 }] of recomputed.entries()) {
    const { evidence, evidenceNeeded } = psiOf(stored[index]);
    const tolerance = 1e-9 * Math.max(1, Math.abs(log10));
    expect(Math.abs((evidence ?? Number.NaN) - log10), `day ${day}`).toBeLessThan(tolerance);
    expect(log10 >= (evidenceNeeded ?? Number.NaN), `day ${day}`).toBe(index === alarm);
  }
  // The tables are those the daemon used, number by number, for as long as it keeps them; and there was much to be learnt.
  expect(recomputed.filter(({ tables }) => tables?.some((table) => table !== null)).length).toBeGreaterThan(
    8,
  );
  for (const [index, { day, tables }] of recomputed.entries()) {
    const end = Date.parse(stored[index]?.window.end ?? '');
    const record = kept[index]?.state.records.find((each) => each.end === end);
    expect(record?.adaptive, `day ${day}`).toEqual(tables);
  }
  // The daemon itself has forgotten the tables of windows that are final.
  expect(kept[alarm]?.state.records.length).toBeLessThan(8);
});

test('a count that was tampered with shows in every later window', () => {
  const stored = history()
    .map(({ evaluation }) => evaluation)
    .slice(0, 20);
  const changed = stored.map((evaluation, index) => (index === 9 ? withOneRowMore(evaluation) : evaluation));
  const [honest, other] = [recompute(stored), recompute(changed)];
  const differs = honest.map(({ log10 }, index) => Math.abs(log10 - (other[index]?.log10 ?? 0)) > 1e-9);
  expect(differs.slice(0, 9)).not.toContain(true);
  expect(differs.slice(9)).not.toContain(false);
});

function withOneRowMore(evaluation: Evaluation): Evaluation {
  const checks = evaluation.checks.map((check) => {
    if (check.method !== 'psi' || check.cells === null) return check;
    const [first = 0, ...rest] = check.cells.window;
    return { ...check, cells: { ...check.cells, window: [first + 1, ...rest] } };
  });
  return { ...evaluation, checks };
}
