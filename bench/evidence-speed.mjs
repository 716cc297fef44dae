/**
 * How long one window of exact evidence takes: 1 000 features, 10 cells and the two special ones each, library and adaptive tables, three windows
 * still revisable. Processor time of this process, best of several windows, since other programs share the machine.
 *
 *     npm run build && node --expose-gc bench/evidence-speed.mjs
 */
import { judgeFamily } from '../dist/judge/evidence/judge-family.js';
import { rememberLibraries } from '../dist/judge/evidence/libraries.js';
import { multinomial, uniforms } from './quality/random.mjs';

const FEATURES = Number(process.argv[2] ?? 1000);
const CELLS = 10;
const ROWS = 1000;
const WINDOWS = 12;
const DAY = 86_400_000;

const uniform = uniforms(1);
const labels = [...Array.from({ length: CELLS }, (_, cell) => `cell ${cell + 1}`), 'missing', 'non_finite'];
const features = Array.from({ length: FEATURES }, (_, index) => {
  const weights = Array.from({ length: CELLS }, () => 0.5 + uniform());
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const q = weights.map((weight) => weight / total);
  const baseline = [...q.map((share) => Math.round(share * 50_000)), 0, 0];
  // Drift a little beyond the limit: every feature gets its adaptive tables in nearly every window, and hardly any is proven.
  const drifted = q.map((share, cell) => share * (cell < CELLS / 2 ? 0.66 : 1.34));
  const mass = drifted.reduce((sum, share) => sum + share, 0);
  return { key: `f${index}`, baseline, p: drifted.map((share) => share / mass) };
});

const libraries = rememberLibraries();
const draw = () => features.map(({ p }) => [...multinomial(ROWS, p, uniform), 0, 0]);
function window(number, states, counts) {
  return judgeFamily({
    windowEnd: number * DAY,
    finalTo: (number - 3) * DAY,
    windowsPerYear: 365.25,
    falseAlarmsPerYear: 0.5,
    minRows: 1,
    libraries,
    tests: features.map(({ key, baseline }, index) => ({
      key,
      check: 'drift',
      subject: key,
      kind: 'psi',
      title: 'PSI',
      labels,
      ordered: CELLS,
      baseline,
      losses: null,
      counts: counts[index],
      limits: { warn: 0.1, breach: 0.25 },
      value: 0.05,
      state: states === null ? null : states[index].state,
      released: false,
    })),
  });
}

function processor(work) {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return { result, milliseconds: (user + system) / 1000 };
}

const counts = draw();
const first = processor(() => window(1, null, counts));
let states = first.result.states;
const times = [];
let adaptive = 0;
for (let number = 2; number <= WINDOWS; number += 1) {
  const drawn = draw();
  const { result, milliseconds } = processor(() => window(number, states, drawn));
  states = result.states;
  times.push(milliseconds);
  adaptive += states.filter(({ state }) => state.records.at(-1).adaptive?.some((table) => table !== null)).length;
}
const text = JSON.stringify(states);
const copies = 5;
globalThis.gc?.();
const before = process.memoryUsage().heapUsed;
const kept = Array.from({ length: copies }, () => JSON.parse(text));
globalThis.gc?.();
const bytes = (process.memoryUsage().heapUsed - before) / copies;
console.log(
  JSON.stringify(
    {
      features: FEATURES,
      alternatives: states[0].state.base.logM.length,
      firstWindowWithLibrariesMs: Math.round(first.milliseconds),
      laterWindowMs: { best: Math.round(Math.min(...times)), median: Math.round([...times].sort((a, b) => a - b)[times.length >> 1]), all: times.map(Math.round) },
      testsWithAdaptiveTablesPerWindow: Math.round(adaptive / (WINDOWS - 1)),
      stateMegabytes: { asJson: +(text.length / 1e6).toFixed(1), inMemory: +(bytes / 1e6).toFixed(1) },
      kept: kept.length,
    },
    null,
    2,
  ),
);
