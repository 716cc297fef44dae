/** Measurements as a page. */
import { BUDGET, poissonBound } from './false-alarms.mjs';

export function introduction(command, seed) {
  return [
    '# Quality of the judgement by exact evidence',
    '',
    `Measured by \`${command}\`, seed ${seed}. Everything is simulated: counts are drawn from exact laws, the judgement is the product's own.`,
    '',
  ];
}

/** `rows`: { scene, features, rows, years, alarms }. */
export function alarmSection(measured) {
  return [
    '## False alarms per model-year',
    '',
    `Daily windows, PSI within 0.1 judged on every feature, a budget of ${BUDGET} false alarm per year for all of them together. Whatever alarms is closed at once, so that every window can alarm. The bound is the upper 99 % bound of a Poisson mean; "met" says that it is at or under the budget. "Exactly at the limit" is the worst that "no false alarm" can mean: every feature sits, all the time, at a point of the permitted set that is hardest to tell from drift in some direction.`,
    '',
    '| columns | features | rows per window | model-years | alarms | per year | 99 % bound | met |',
    '|---|---|---|---|---|---|---|---|',
    ...measured.map(({ scene, features, rows, years, alarms }) => {
      const bound = poissonBound(alarms) / years;
      const met = bound <= BUDGET ? 'yes' : 'no';
      return `| ${scene} | ${features} | ${grouped(rows)} | ${years} | ${alarms} | ${(alarms / years).toFixed(2)} | ${bound.toFixed(2)} | ${met} |`;
    }),
    '',
  ];
}

export function delaySection(table, { runs, h, sizes }) {
  const missed = table.filter(({ met }) => !met);
  const early = table.reduce((sum, line) => sum + line.early, 0);
  const groups = [...new Set(table.map(keyOf))].map((key) => table.filter((line) => keyOf(line) === key));
  return [
    '## Windows to detection',
    '',
    `Median over ${runs} runs, from the first drifted window to the alarm, after a quiet past that is really in the memory; in brackets the yardstick ln h / (rows x KL), what mean delays come to for large h (Lorden 1971); it is no bound on a median. h = ${grouped(h)}: one feature of 200, daily windows, one false alarm a year. Targets: ceil(1.8 ceil(yardstick)) at 200 rows, ceil(1.5 ceil(yardstick)) at 1 000 and 5 000, ceil(2.5 ceil(yardstick)) at 50 cells, where "50 cells" have an order and "50 levels" are categories without one; a median over its target is marked "over" with the target. Yardsticks above 60 windows are left out.`,
    '',
    `Met in ${table.length - missed.length} of ${table.length}; alarms before the change: ${early} in ${grouped(table.length * runs)} runs.`,
    '',
    `| baseline | rows | direction | in the library | ${sizes.map((size) => `PSI ${size}`).join(' | ')} |`,
    `|---|---|---|---|${sizes.map(() => '---|').join('')}`,
    ...groups.map((group) => delayLine(group, sizes)),
  ];
}

function delayLine(group, sizes) {
  const [{ name, rows, direction, inside }] = group;
  const cells = sizes.map((size) => {
    const line = group.find((candidate) => candidate.size === size);
    if (line === undefined) return '';
    const found = Number.isFinite(line.median) ? line.median : 'never';
    return `${found} (${line.limit.toFixed(1)})${line.met ? '' : ` over ${line.target}`}`;
  });
  return `| ${name} | ${grouped(rows)} | ${direction} | ${inside ? 'yes' : 'no'} | ${cells.join(' | ')} |`;
}

function keyOf({ name, rows, direction }) {
  return `${name} ${rows} ${direction}`;
}

function grouped(value) {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}
