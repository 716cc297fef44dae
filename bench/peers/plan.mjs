/** What is run: scenes, sizes, seeds, and how many simulated days each tool gets in each. Every figure of a run follows from this file. */

/** Window rows, columns and reference rows; columns are numeric but for a fifth. */
export const SIZES = {
  200: { rows: 200, columns: 50, referenceRows: 20_000 },
  2000: { rows: 2000, columns: 50, referenceRows: 20_000 },
  20000: { rows: 20_000, columns: 10, referenceRows: 200_000 },
};

export const QUIET = ['none', 'wobble', 'heavy', 'near'];
/** True decile PSI of every numeric column in the scene `near`: on the permitted side of the limit .1. */
export const NEAR = 0.08;
export const DRIFTING = ['normal', 'lognormal'];
export const PSI_SIZES = [0.15, 0.25, 0.5];

export const TOOLS = {
  evidently: { title: 'Evidently, default preset', kind: 'package', package: 'evidently' },
  nannyml: { title: 'NannyML, univariate, default', kind: 'package', package: 'nannyml' },
  whylogs: { title: 'whylogs, drift scores, DRIFT', kind: 'package', package: 'whylogs' },
  'alibi-detect': { title: 'alibi-detect TabularDrift, p .05, Bonferroni', kind: 'package', package: 'alibi-detect' },
  deepchecks: { title: 'deepchecks FeatureDrift, score < .2', kind: 'package', package: 'deepchecks' },
  'psi .1': { title: 'fixed rule: PSI > .1 on frozen deciles', kind: 'rule' },
  'psi .25': { title: 'fixed rule: PSI > .25 on frozen deciles', kind: 'rule' },
  driftwarden: { title: 'driftwarden, rule evidence, 1 false alarm a year', kind: 'rule' },
};

/**
 * Days per data set, by window rows. `days` are simulated; a tool may see only the first so many of them, because it takes long. `past` days without
 * drift come before the first drifting one: driftwarden remembers them, the other tools have no memory and skip them.
 */
const FULL = {
  seeds: { quiet: [1, 2, 3, 4, 5], drifting: [11, 12, 13] },
  days: {
    quiet: { 200: 365, 2000: 120, 20000: 20 },
    drifting: { 200: 120, 2000: 40, 20000: 10 },
  },
  past: { 200: 30, 2000: 20, 20000: 5 },
  most: {
    evidently: { quiet: { 200: 3, 2000: 3, 20000: 2 }, drifting: { 200: 3, 2000: 3, 20000: 2 } },
    nannyml: { quiet: { 200: 60, 2000: 60, 20000: 10 }, drifting: { 200: 20, 2000: 10, 20000: 5 } },
    whylogs: { quiet: { 200: 20, 2000: 20, 20000: 10 }, drifting: { 200: 10, 2000: 5, 20000: 5 } },
    'alibi-detect': { quiet: { 200: 120, 2000: 60, 20000: 20 }, drifting: { 200: 30, 2000: 10, 20000: 5 } },
    deepchecks: { quiet: { 200: 40, 2000: 40, 20000: 20 }, drifting: { 200: 30, 2000: 40, 20000: 10 } },
  },
};

const FAST = {
  seeds: { quiet: [1], drifting: [11] },
  days: { quiet: { 200: 20, 2000: 10 }, drifting: { 200: 60, 2000: 10 } },
  past: { 200: 10, 2000: 5 },
  most: {
    evidently: { quiet: { 200: 1, 2000: 1 }, drifting: { 200: 1, 2000: 1 } },
    nannyml: { quiet: { 200: 20, 2000: 10 }, drifting: { 200: 10, 2000: 5 } },
    whylogs: { quiet: { 200: 3, 2000: 3 }, drifting: { 200: 2, 2000: 1 } },
    'alibi-detect': { quiet: { 200: 20, 2000: 10 }, drifting: { 200: 5, 2000: 3 } },
    deepchecks: { quiet: { 200: 5, 2000: 5 }, drifting: { 200: 5, 2000: 5 } },
  },
};

export function planOf(fast) {
  return fast ? { ...FAST, name: 'fast' } : { ...FULL, name: 'full' };
}

/** The data sets of a plan in rounds, one seed of each kind to a round, so that a run that is cut short has fewer seeds and lacks nothing else. */
export function roundsOf(plan) {
  const rounds = Math.max(plan.seeds.quiet.length, plan.seeds.drifting.length);
  return Array.from({ length: rounds }, (_, round) =>
    Object.keys(plan.days.quiet).flatMap((size) => [
      ...quietSets(plan, size, plan.seeds.quiet[round]),
      ...driftingSets(plan, size, plan.seeds.drifting[round]),
    ]),
  );
}

function quietSets({ days }, size, seed) {
  if (seed === undefined) return [];
  return QUIET.map((scene) =>
    named({ ...SIZES[size], kind: 'quiet', scene, seed, past: 0, days: days.quiet[size], psi: null }),
  );
}

function driftingSets(plan, size, seed) {
  if (seed === undefined) return [];
  const shape = { ...SIZES[size], seed, past: plan.past[size], days: plan.days.drifting[size] };
  const bystanders = named({ ...shape, kind: 'bystanders', scene: 'none', psi: null });
  const drifting = DRIFTING.flatMap((scene) =>
    PSI_SIZES.map((psi) => named({ ...shape, kind: 'drifting', scene, psi, bystanders: bystanders.name })),
  );
  return [bystanders, ...drifting];
}

function named(set) {
  const { kind, scene, rows, seed, psi } = set;
  return { ...set, name: [kind, scene, ...(psi === null ? [] : [`psi${psi}`]), `rows${rows}`, `seed${seed}`].join('-') };
}

/** Days of a data set that a tool sees, those of the past not counted. */
export function daysFor(plan, tool, set) {
  const most = plan.most[tool]?.[set.kind]?.[set.rows] ?? set.days;
  return Math.min(most, set.days);
}
