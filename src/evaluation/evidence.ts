import { sha256Hex } from '../audit/canonical.ts';
import type { BaselineColumn, CellCounts } from '../baseline/bins.ts';
import { emptyCounts } from '../baseline/cells.ts';
import type { ModelConfig } from '../config/config.ts';
import { unknownCheck } from '../judge/checks.ts';
import { allCells, orderedCells, setAround } from '../judge/evidence/cells.ts';
import { type Family, splitBudget } from '../judge/evidence/family.ts';
import { type FamilyAnswer, judgeFamily, type TestQuestion } from '../judge/evidence/judge-family.ts';
import { type Libraries, libraryIdentity } from '../judge/evidence/libraries.ts';
import type { Check, PolicyCheck } from '../judge/verdict.ts';
import { STATISTICS } from '../statistics/catalogue.ts';
import type { Method } from '../statistics/measurement.ts';
import type { CheckState } from '../store/store.ts';
import { windowsPerYear } from '../windows/calendar.ts';
import type { Window } from '../windows/window.ts';
import { limitsOf } from './limits.ts';
import { featureCounts, predictionBaselines, type Reading } from './read.ts';
import type { Memory } from './recall.ts';

export interface EvidenceQuestion {
  readonly model: ModelConfig;
  readonly window: Window;
  readonly reading: Reading;
  readonly memory: Memory;
  /** The window's checks as measured, under whatever rule: their numbers stand, their verdicts are replaced. */
  readonly checks: readonly Check[];
  readonly libraries: Libraries;
  readonly now: number;
}

export interface EvidenceAnswer {
  readonly checks: readonly Check[];
  readonly states: readonly CheckState[];
}

/** A distribution under test: one column of one version, in this window or missing from it. */
interface Tested {
  readonly check: PolicyCheck;
  readonly kind: Check['kind'];
  readonly version: string;
  readonly column: BaselineColumn;
  readonly counts: CellCounts | null;
}

/** Methods whose limits describe a convex set of distributions that evidence can be weighed against. */
const WEIGHED: readonly Method[] = ['psi', 'ks'];

/**
 * Rule `evidence`: each family of judged checks steps its detectors on this window's counts, and the verdicts of the checks become what
 * is proven. A window that could not be read changes nothing.
 */
export function judgeByEvidence(question: EvidenceQuestion): EvidenceAnswer {
  const { model, reading, checks } = question;
  if (reading.trouble !== null || reading.baseline === null) return { checks, states: [] };
  const families: readonly Family[] = model.prediction === null ? ['drift'] : ['drift', 'prediction'];
  const budget = splitBudget(model.falseAlarmsPerYear, families);
  const answers = families.map((family) => {
    const tests = testedBy(family, question).flatMap((tested) => questionsOf(tested, question));
    const hashes = tests.map((test) => [test.key, tablesHash(test)] as const);
    return {
      family,
      hashes,
      answer: judgeOne(question, { tests, falseAlarmsPerYear: budget.get(family) ?? 0 }),
    };
  });
  const hashes = new Map(answers.flatMap(({ hashes: own }) => own));
  const judgements = new Map(
    answers.flatMap(({ answer }) => answer.tests.map((test) => [test.key, test] as const)),
  );
  const judged = checks.map((check) => {
    const found = judgements.get(keyOf(check));
    if (found === undefined) return check;
    const { verdict, reason, evidence, evidenceNeeded } = found;
    const rules = check.rules ? { ...check.rules, evidence: verdict } : null;
    return {
      ...check,
      rules,
      verdict,
      reason,
      evidence,
      evidenceNeeded,
      tables: hashes.get(found.key) ?? null,
    };
  });
  return {
    checks: [...judged, ...answers.flatMap(({ family, answer }) => severalCheck(family, answer, question))],
    states: answers.flatMap(({ answer }) =>
      answer.states.map(({ key, state }) => ({
        model: model.name,
        key,
        windowEnd: question.window.end,
        state,
      })),
    ),
  };
}

function judgeOne(
  { model, window, now, libraries }: EvidenceQuestion,
  family: { readonly tests: readonly TestQuestion[]; readonly falseAlarmsPerYear: number },
): FamilyAnswer {
  return judgeFamily({
    ...family,
    windowEnd: window.end,
    finalTo: now - model.lateness - model.revisions,
    windowsPerYear: windowsPerYear(model.window),
    minRows: model.minRows,
    clustered: model.source.cluster !== null,
    libraries,
  });
}

/**
 * What a family tests. Predictions are tested for every version that has a baseline, with or without traffic: which tests share the
 * weight must be known before the window.
 */
function testedBy(family: Family, question: EvidenceQuestion): readonly Tested[] {
  const { model, reading, memory } = question;
  const { baseline } = reading;
  if (baseline === null || family === 'labelled') return [];
  if (family === 'drift') {
    const columns = baseline.content.columns.filter(({ name }) => reading.features.includes(name));
    return columns.map((column) => ({
      check: 'drift',
      kind: 'input_drift',
      version: 'all',
      column,
      counts: featureCounts(reading, baseline, column.name),
    }));
  }
  const name = model.prediction?.name ?? '';
  return predictionBaselines(baseline, memory.baselines).map(({ version, column }) => {
    const rows = reading.versions.find(({ prediction }) => prediction?.baseline.version === version);
    return {
      check: 'prediction',
      kind: 'output_drift',
      version,
      column: { ...column, name },
      counts: rows?.prediction?.counts ?? null,
    };
  });
}

function questionsOf(tested: Tested, question: EvidenceQuestion): readonly TestQuestion[] {
  const { check, version, column, counts } = tested;
  return STATISTICS.filter(({ method }) => WEIGHED.includes(method)).flatMap(({ method, title }) => {
    const limits = limitsOf(question.model, column.name, method);
    const window = counts ?? emptyCounts(column.bins);
    const cells = method === 'ks' ? orderedCells(column, window) : allCells(column, window);
    if (limits === null || cells === null) return [];
    const key = keyOf({ check, subject: column.name, method, segment: 'all', version });
    const { labels, ordered, baseline } = cells;
    return [
      {
        key,
        check,
        subject: column.name,
        kind: method === 'ks' ? 'ks' : 'psi',
        title,
        labels,
        ordered,
        baseline,
        losses: null,
        counts: counts === null ? null : cells.window,
        limits,
        value: question.checks.find((measured) => keyOf(measured) === key)?.value ?? null,
        state: question.memory.states.find((stored) => stored.key === key)?.state ?? null,
        released: wasReleased(check, question.memory),
      },
    ];
  });
}

/** What a test's tables are derived from, hashed: the same hash, the same tables. Also printed by `baseline show --tables`. */
export function tablesHash({
  kind,
  baseline,
  ordered,
  limits,
  losses,
}: Pick<TestQuestion, 'kind' | 'baseline' | 'ordered' | 'limits' | 'losses'>): string {
  return sha256Hex(
    libraryIdentity({ set: setAround(kind, baseline, { limit: limits.warn, losses }), ordered }),
  );
}

/** Names a test, and its state from window to window. */
function keyOf(check: Pick<Check, 'check' | 'subject' | 'method' | 'segment' | 'version'>): string {
  return [check.check, check.subject, check.method ?? '', check.segment, check.version].join('|');
}

/** A person has closed the newest case of this cause: what was proven then is settled, and the detectors begin anew. */
function wasReleased(cause: string, { cases, progress }: Memory): boolean {
  const own = cases.filter((exception) => [exception.cause, ...exception.subCauses].includes(cause));
  const newest = [...own].sort((a, b) => b.openedAt.localeCompare(a.openedAt))[0];
  const last = newest?.history.at(-1);
  if (newest === undefined || last === undefined || newest.state !== 'resolved' || last.by === null)
    return false;
  return progress === null || Date.parse(last.at) > progress.windowEnd;
}

/** An alarm that no test carries alone stands as a check of its own, with subject `several`. */
function severalCheck(
  family: Family,
  { several }: FamilyAnswer,
  { model, reading }: EvidenceQuestion,
): readonly Check[] {
  if (several === null) return [];
  const what =
    family === 'prediction'
      ? ({ check: 'prediction', kind: 'output_drift' } as const)
      : ({ check: 'drift', kind: 'input_drift' } as const);
  const { verdict, reason, evidence, evidenceNeeded } = several;
  const { warn, breach } = model.drift.psi;
  const check = unknownCheck({ ...what, version: 'all', verdict, reason, rows: reading.rows });
  return [{ ...check, subject: 'several', evidence, evidenceNeeded, warn, breach }];
}
