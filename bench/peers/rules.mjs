/**
 * The fixed rules and driftwarden on counts in the same frozen cells. Prints one JSON line per tool and data set, as the runners of the packages do.
 *
 *     node bench/peers/rules.mjs FOLDER/DATA-SET=DAYS...
 */
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { judgeFamily } from '../../dist/judge/evidence/judge-family.js';
import { rememberLibraries } from '../../dist/judge/evidence/libraries.js';
import { psi } from '../../dist/statistics/psi.js';
import { windowsPerYear } from '../../dist/windows/calendar.js';
import { countCells, freeze } from './cells.mjs';
import { readData } from './data.mjs';

const DAY = 86_400_000;
const LIMITS = { warn: 0.1, breach: 0.25 };
const FALSE_ALARMS_PER_YEAR = 1;
/** Cells that nobody is in here, and that the product always has beside the others. */
const SPECIAL = { numeric: ['missing', 'non_finite'], categorical: ['missing', 'unseen', 'other'] };

/** Columns over the limit, per day. */
function fixedRule(data, frozen, limit, days) {
  return Array.from({ length: days }, (_, day) =>
    frozen.flatMap(({ edges, counts }, column) => {
      const measured = psi(counts, countCells(edges, data.valuesOf(column, day)));
      return measured.value > limit ? [column] : [];
    }),
  );
}

/** One test of driftwarden's drift family, as the product asks it by default: PSI against .1, cells with the special ones beside them. */
function question(column, { kind, counts }, window, states) {
  const special = SPECIAL[kind];
  const none = special.map(() => 0);
  return {
    key: String(column),
    check: 'drift',
    subject: `column ${column}`,
    kind: 'psi',
    title: 'PSI',
    labels: [...counts.map((_, cell) => `cell ${cell + 1}`), ...special],
    ordered: kind === 'numeric' ? counts.length : 0,
    baseline: [...counts, ...none],
    losses: null,
    counts: [...window, ...none],
    limits: LIMITS,
    value: psi(counts, window).value,
    state: states.get(String(column)) ?? null,
    released: false,
  };
}

function step(libraries, tests, day) {
  const windowEnd = (day + 1000) * DAY;
  const answer = judgeFamily({
    windowEnd,
    finalTo: windowEnd,
    windowsPerYear: windowsPerYear({ kind: 'fixed', milliseconds: DAY }),
    falseAlarmsPerYear: FALSE_ALARMS_PER_YEAR,
    minRows: 1,
    libraries,
    tests,
  });
  const states = new Map(answer.states.map(({ key, state }) => [key, state]));
  const out = answer.tests.filter(({ verdict }) => verdict === 'warn' || verdict === 'breach').map(({ key }) => key);
  const alarms = answer.tests.filter(({ alarmed }) => alarmed).length;
  return { states, out, alarms, several: answer.several !== null };
}

function quietYear(data, frozen, days) {
  const libraries = rememberLibraries();
  let states = new Map();
  const flags = [];
  let alarms = 0;
  for (let day = 0; day < days; day += 1) {
    const tests = frozen.map((cells, column) =>
      question(column, cells, countCells(cells.edges, data.valuesOf(column, day)), states),
    );
    const answer = step(libraries, tests, day);
    states = answer.states;
    alarms += answer.alarms;
    flags.push(answer.out.length > 0 ? answer.out.map(Number) : answer.several ? [-1] : []);
  }
  return { flags, notes: { alarms } };
}

/**
 * First day on which each drifting column is named, when it is the only one of its model's columns that drifts: every one is judged in turn in one
 * family with the columns 1, 2, ... of the bystanders' data. Before the drift the tests do not touch each other, so that past is stepped once for all.
 */
function oneDrifting(data, frozen, bystanders, days) {
  const still = freeze(bystanders);
  const libraries = rememberLibraries();
  let moving = new Map();
  let standing = new Map();
  for (let day = -data.past; day < 0; day += 1) {
    moving = step(libraries, ask(data, frozen, moving, day), day).states;
    standing = step(libraries, ask(bystanders, still, standing, day), day).states;
  }
  const first = data.columns.map((_, column) => {
    let states = new Map([...standing].filter(([key]) => key !== String(column)));
    states.set(String(column), moving.get(String(column)));
    for (let day = 0; day < days; day += 1) {
      const tests = ask(bystanders, still, states, day);
      tests[column] = ask(data, frozen, states, day, column)[0];
      const answer = step(libraries, tests, day);
      states = answer.states;
      if (answer.out.includes(String(column))) return day;
    }
    return null;
  });
  return first;
}

function ask(data, frozen, states, day, only = null) {
  return frozen.flatMap((cells, column) =>
    only !== null && column !== only
      ? []
      : [question(column, cells, countCells(cells.edges, data.valuesOf(column, day)), states)],
  );
}

/** First day with a flag per column. */
export function firstFlags(flags, columns) {
  return Array.from({ length: columns }, (_, column) => {
    const day = flags.findIndex((flagged) => flagged.includes(column));
    return day < 0 ? null : day;
  });
}

function run(path, tool, { days, bystanders }) {
  const data = readData(path);
  const frozen = freeze(data);
  if (tool !== 'driftwarden') {
    const flags = fixedRule(data, frozen, Number(tool.split(' ')[1]), days);
    return data.kind === 'quiet' ? { flags } : { first: firstFlags(flags, data.columns.length) };
  }
  if (data.kind === 'quiet') return quietYear(data, frozen, days);
  return { first: oneDrifting(data, frozen, readData(bystanders), days) };
}

/** `set.bystanders` lies beside `set`. Each argument: PATH=DAYS. */
for (const argument of process.argv.slice(2)) {
  const [path = '', days = ''] = argument.split('=');
  const { kind, bystanders, name } = readData(path);
  for (const tool of ['psi .1', 'psi .25', 'driftwarden']) {
    const begin = performance.now();
    const before = process.cpuUsage();
    const answer = run(path, tool, { days: Number(days), bystanders: kind === 'quiet' ? '' : join(dirname(path), bystanders) });
    const { user, system } = process.cpuUsage(before);
    const times = { cpu: (user + system) / 1e6, wall: (performance.now() - begin) / 1000 };
    console.log(JSON.stringify({ tool, name, days: Number(days), notes: {}, ...answer, ...times }));
  }
}
