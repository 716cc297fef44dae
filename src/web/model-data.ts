import type { Baseline } from '../baseline/bins.ts';
import type { Config } from '../config/config.ts';
import type { ExceptionCase } from '../exceptions/exception.ts';
import { breachRatio } from '../judge/policy.ts';
import type { Check } from '../judge/verdict.ts';
import { NotFound } from '../operations.ts';
import type { Rollback } from '../rollback/rollback.ts';
import type { Hold, ServedVersion, Store, StoredEvaluation } from '../store/store.ts';
import type { SeriesPoint } from './charts/series-path.ts';
import { type Overview, overviews } from './overview.ts';

/** How many windows the model page looks back. */
export const WINDOWS_SHOWN = 90;
/** Windows of the newest releases: a day of hours. */
const BAKES_SHOWN = 25;
/** Features that are charted even when none has drifted, and how many at most when many have. */
const FEWEST_CHARTS = 6;
const MOST_CHARTS = 24;

/** Everything the model page and its JSON are made of. */
export interface ModelPage {
  readonly overview: Overview;
  /** Newest first. */
  readonly evaluations: readonly StoredEvaluation[];
  /** Windows after a release, newest first. */
  readonly bakes: readonly StoredEvaluation[];
  readonly exceptions: readonly ExceptionCase[];
  readonly rollbacks: readonly Rollback[];
  readonly baselines: readonly Baseline[];
  readonly holds: readonly Hold[];
  readonly served: readonly ServedVersion[];
}

/** Throws NotFound when no such model is configured. */
export async function modelPage(store: Store, config: Config, name: string): Promise<ModelPage> {
  const model = Object.hasOwn(config.models, name) ? config.models[name] : undefined;
  if (model === undefined) {
    throw new NotFound(`No model ${name} is configured. See / for the models that are.`);
  }
  const [overview] = await overviews(store, { ...config, models: { [name]: model } });
  if (overview === undefined) throw new Error(`no overview of the configured model ${name}`);
  const [evaluations, bakes, exceptions, rollbacks, baselines, holds, served] = await Promise.all([
    store.evaluations({ model: name, limit: WINDOWS_SHOWN }),
    store.evaluations({ model: name, limit: BAKES_SHOWN, series: 'bake' }),
    store.exceptions({ model: name }),
    store.rollbacks({ model: name }),
    store.baselines(name),
    store.holds(name),
    store.servedVersions(name),
  ]);
  return {
    overview,
    evaluations,
    bakes,
    exceptions: [...exceptions].sort((a, b) => b.openedAt.localeCompare(a.openedAt)),
    rollbacks: [...rollbacks].sort((a, b) => b.createdAt.localeCompare(a.createdAt)),
    baselines,
    holds,
    served,
  };
}

/** PSI checks worth a chart, the worst first: all that are in warn or breach, filled up with the nearest to it. */
export function chartedChecks(checks: readonly Check[]): {
  readonly charted: readonly Check[];
  readonly left: number;
} {
  const drawable = checks.filter((check) => check.method === 'psi' && check.cells !== null);
  const sorted = [...drawable].sort(
    (a, b) => Number(drifted(b)) - Number(drifted(a)) || (breachRatio(b) ?? -1) - (breachRatio(a) ?? -1),
  );
  const count = Math.min(MOST_CHARTS, Math.max(FEWEST_CHARTS, drawable.filter(drifted).length));
  return { charted: sorted.slice(0, count), left: Math.max(0, drawable.filter(drifted).length - count) };
}

function drifted(check: Check): boolean {
  return check.verdict === 'warn' || check.verdict === 'breach';
}

/** The same check through the stored windows, oldest first. A window in which it does not occur has no point. */
export function seriesOf(check: Check, evaluations: readonly StoredEvaluation[]): readonly SeriesPoint[] {
  const points = evaluations.flatMap(({ record }): readonly SeriesPoint[] => {
    const found = record.checks.find((other) => sameCheck(check, other));
    const blind = found === undefined && record.checks.every((other) => other.method === null);
    if (found === undefined && !blind) return [];
    return [
      {
        start: Date.parse(record.window.start),
        end: Date.parse(record.window.end),
        value: found?.value ?? null,
        noiseFloor: found?.noiseFloor ?? null,
        verdict: found?.verdict ?? record.verdict,
      },
    ];
  });
  return points.toReversed();
}

/** How many earlier versions are drawn beside the one that is judged. */
const MOST_VERSIONS = 3;

/**
 * The same measure of the versions that served before (or beside): after a rollback the line of the version that went wrong
 * is the one that people want to see. The newest first.
 */
export function otherVersions(
  check: Check,
  evaluations: readonly StoredEvaluation[],
): readonly { readonly label: string; readonly points: readonly SeriesPoint[] }[] {
  if (check.version === 'all') return [];
  const found = new Map<string, Check>();
  for (const { record } of evaluations) {
    for (const other of record.checks) {
      const another = other.version !== check.version && sameMeasure(check, other);
      if (another && !found.has(other.version)) found.set(other.version, other);
    }
  }
  return [...found.values()].slice(0, MOST_VERSIONS).map((other) => ({
    label: `v${other.version}`,
    points: seriesOf(other, evaluations).filter((point) => point.value !== null),
  }));
}

function sameCheck(a: Check, b: Check): boolean {
  return a.version === b.version && sameMeasure(a, b);
}

function sameMeasure(a: Check, b: Check): boolean {
  return a.subject === b.subject && a.method === b.method && a.check === b.check && a.segment === b.segment;
}
