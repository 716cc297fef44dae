/**
 * Quality of the judgement: false alarms per model-year, and days to detection beside what data can tell.
 *
 *     npm run build && node bench/quality/run.mjs --fast      two minutes, prints
 *     npm run build && node bench/quality/run.mjs --write     an hour of processor time, writes results.md beside this file
 */
import { writeFileSync } from 'node:fs';
import { delayTable } from './delays.mjs';
import { ALL_SCENES, alarmsOf, BOUNDARY, BOUNDARY_MOVING } from './false-alarms.mjs';
import { alarmSection, delaySection, introduction } from './report.mjs';

const write = process.argv.includes('--write');
const SEED = 20_260_701;
const H = 73_000;
const PLAN = write
  ? { features: [50, 200], rows: [200, 2000, 20_000, 200_000], years: 5, limitYears: 12 }
  : { features: [20], rows: [200, 20_000], years: 5, limitYears: 12 };
const DELAYS = write
  ? {
      names: ['uniform', 'skewed', 'zero-inflated', '50 cells', '50 levels'],
      rowCounts: [200, 1000, 5000],
      sizes: [0.12, 0.15, 0.2, 0.25, 0.5],
      runs: 200,
    }
  : { names: ['uniform', '50 levels'], rowCounts: [200, 1000], sizes: [0.15, 0.25, 0.5], runs: 20 };

const started = Date.now();
const page = [
  ...introduction(`node bench/quality/run.mjs ${write ? '--write' : '--fast'}`, SEED),
  ...alarmSection(alarms()),
  ...delaySection(delayTable({ ...DELAYS, h: H, seed: SEED }), { ...DELAYS, h: H }),
];
console.log(page.join('\n'));
console.error(`${Math.round((Date.now() - started) / 1000)} s`);
if (write) writeFileSync(new URL('results.md', import.meta.url), `${page.join('\n')}\n`);

/** Every scene, number of features and number of rows, each with a seed of its own. */
function alarms() {
  const cases = ALL_SCENES.flatMap((scene) =>
    PLAN.features.flatMap((features) => PLAN.rows.map((rows) => ({ scene, features, rows }))),
  );
  return cases.map((question, index) => {
    const atLimit = question.scene === BOUNDARY || question.scene === BOUNDARY_MOVING;
    const years = atLimit ? PLAN.limitYears : PLAN.years;
    const measured = { ...question, years, alarms: alarmsOf({ ...question, years, seed: SEED + 1 + index }) };
    console.error(JSON.stringify(measured));
    return measured;
  });
}
