/** Alarms of a whole model in a year in which every column stays within its limit. */
import { judgeFamily } from '../../dist/judge/evidence/judge-family.js';
import { rememberLibraries } from '../../dist/judge/evidence/libraries.js';
import { setAround } from '../../dist/judge/evidence/cells.js';
import { distance, project } from '../../dist/judge/evidence/set.js';
import { tiltTo } from '../../dist/judge/evidence/tilt.js';
import { featuresOf, SCENES } from './populations.mjs';
import { multinomial, normal, uniforms } from './random.mjs';

const DAY = 86_400_000;
const LIMIT = 0.1;
export const BUDGET = 1;
export const BOUNDARY = 'exactly at the limit';
export const BOUNDARY_MOVING = 'at the limit, a new direction each window';
export const ALL_SCENES = [...Object.keys(SCENES), BOUNDARY, BOUNDARY_MOVING];

/** Years of one model: alarms, and the windows in which there was one. */
export function alarmsOf({ scene, features, rows, years, seed }) {
  const uniform = uniforms(seed);
  const libraries = rememberLibraries();
  const atLimit = scene === BOUNDARY || scene === BOUNDARY_MOVING;
  const columns = featuresOf(atLimit ? 'no drift' : scene, features, uniform).map((column) => {
    const set = setAround('psi', column.baseline, { limit: LIMIT, losses: null });
    return { ...column, set, fixed: atLimit ? onTheLimit(set, uniform) : null };
  });
  const law = (column) => {
    if (scene === BOUNDARY) return column.fixed;
    if (scene === BOUNDARY_MOVING) return onTheLimit(column.set, uniform);
    return column.column.shares(SCENES[scene].wobble(uniform));
  };
  let states = null;
  let alarms = 0;
  const windows = Math.round(365.25 * years);
  for (let window = 1; window <= windows; window += 1) {
    const answer = judgeFamily({
      windowEnd: window * DAY,
      finalTo: window * DAY,
      windowsPerYear: 365.25,
      falseAlarmsPerYear: BUDGET,
      minRows: 1,
      libraries,
      tests: columns.map((column, index) => ({
        key: String(index),
        check: 'drift',
        subject: String(index),
        kind: 'psi',
        title: 'PSI',
        labels: column.baseline.map(String),
        ordered: column.ordered,
        baseline: column.baseline,
        losses: null,
        counts: multinomial(rows, law(column), uniform),
        limits: { warn: LIMIT, breach: 0.25 },
        value: 0,
        state: states === null ? null : states[index].state,
        // Whatever alarms is closed at once, so that every window can alarm.
        released: true,
      })),
    });
    states = answer.states;
    const members = new Set(answer.several?.members ?? []);
    const alarmed = answer.tests.filter((test) => test.alarmed);
    alarms += alarmed.filter(({ key }) => !members.has(key)).length;
    if (alarmed.some(({ key }) => members.has(key))) alarms += 1;
  }
  return alarms;
}

/** The point of the set that is hardest to tell from an alternative in a random direction: PSI exactly at the limit. */
function onTheLimit(set, uniform) {
  for (;;) {
    const p1 = tiltTo(set, set.q.slice(0, -2).map(() => normal(uniform)), 3 * LIMIT);
    if (p1 === null) continue;
    const { p0 } = project(set, p1);
    if (Math.abs(distance(set, p0) - LIMIT) < 1e-9) return p0;
  }
}

/** Upper 99 % bound of a Poisson mean of which `count` were seen: the mean at which so few have probability 1 %. */
export function poissonBound(count) {
  const few = (mean) => {
    let term = Math.exp(-mean);
    let sum = term;
    for (let k = 1; k <= count; k += 1) {
      term *= mean / k;
      sum += term;
    }
    return sum;
  };
  let low = 0;
  let high = 20 + 4 * count;
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    if (few(middle) > 0.01) low = middle;
    else high = middle;
  }
  return high;
}
