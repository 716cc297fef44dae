/** The tables of a run, as Markdown. Everything in them is computed from the lines of the run; nothing is typed in. */
import { medianOf, shareOfDays } from './intervals.mjs';
import { DRIFTING, NEAR, PSI_SIZES, QUIET, SIZES, TOOLS } from './plan.mjs';

const YEAR = 365;
/** More alarm days a year without drift than this, and a delay says little. */
const NOISY = 12;
/** A tool whose upper bound is above this has not been shown to be quiet. */
const UNSURE = 100;
const QUIET_FOR = { normal: ['none', 'wobble'], lognormal: ['heavy'] };
const SCENES = { none: 'no drift', wobble: 'wobble within the limit', heavy: 'heavy tails', near: 'near the limit' };
const SHAPES = { normal: 'normal', lognormal: 'lognormal (2)' };

export function report(head, lines) {
  const cells = gather(lines);
  const sizes = Object.keys(head.plan.days.quiet);
  return [
    '# Peers on the same simulated data',
    '',
    intro(head),
    '## Alarm days per model-year without drift',
    '',
    quietText(head),
    ...sizes.flatMap((size) => quietTable(cells, size)),
    '## Days until one drifting column is flagged',
    '',
    delayText(head),
    ...sizes.flatMap((size) => delayTable(cells, size)),
    '## Where a simpler tool is as good, or better',
    '',
    ...plainly(cells, sizes),
    '## What was run',
    '',
    ...ran(head, lines, cells, sizes),
  ]
    .join('\n')
    .concat('\n');
}

/** What every tool did in every cell: `quiet` by tool, rows and scene, `delay` by tool, rows, shape and PSI. */
function gather(lines) {
  const quiet = new Map();
  const delay = new Map();
  const errors = new Map();
  const seconds = new Map();
  for (const line of lines) {
    const { tool, name, days } = line;
    const [kind, scene, ...rest] = name.split('-');
    const psi = rest.find((part) => part.startsWith('psi'))?.slice(3);
    const rows = rest.find((part) => part.startsWith('rows')).slice(4);
    const key = [tool, rows, scene, ...(psi === undefined ? [] : [psi])].join('|');
    if (line.error !== undefined) errors.set(key, line.error);
    else if (kind === 'quiet') push(quiet, key, line);
    else push(delay, key, { first: line.first, days });
    if (line.error === undefined && kind === 'quiet') push(seconds, `${tool}|${rows}`, line.cpu / days);
  }
  return { quiet, delay, errors, seconds };
}

function push(map, key, value) {
  map.set(key, [...(map.get(key) ?? []), value]);
}

function intro({ plan, node, commit, runs, note }) {
  return `All data are simulated, with seeds; every tool reads the same files. Packages run at their defaults, as installed from the pins in
\`bench/peers/pins/\`. Reproduce with \`node bench/peers/run.mjs${plan.name === 'fast' ? ' --fast' : ''}\`. Plan \`${plan.name}\`, Node ${node}, driftwarden at ${commit}.${runs > 1 ? `

Gathered in ${runs} runs, each going on with what the one before had not answered (\`--continue\`).${note === undefined ? '' : ` ${note}`}` : ''}

- Windows of 200 and 2 000 rows: 50 columns (40 numeric, 10 categorical with ten levels), reference 20 000 rows${plan.days.quiet[20000] === undefined ? '' : '; of 20 000 rows: 10 columns (8 and 2), reference 200 000'}.
- *No drift*: standard normal columns, fixed level shares. *Wobble*: every column and day has its own mean (normal, deviation 0.05, cut at 0.15) and
  scale (within 3 %), level shares scatter by Dirichlet (2000); the largest true PSI this can reach in a numeric column is below the limit 0.1.
  *Heavy tails*: numeric columns are half lognormal (2), half Pareto (1.5). *Near the limit*: every numeric column stands, all the time, at a true decile
  PSI of ${NEAR}, which a limit of 0.1 permits. Packages whose own limits are not about PSI may call that drift with good reason; a rule with the limit 0.1 may not.
- *Drift*: from one day on, a column moves so that the true PSI of its deciles is 0.15, 0.25 or 0.5. The limit that driftwarden and the fixed rule share is 0.1.
`;
}

function quietText({ plan }) {
  const most = Object.entries(plan.most)
    .map(([tool, { quiet }]) => `${tool} ${Object.entries(quiet).map(([rows, days]) => `${days} (${rows})`).join(', ')}`)
    .join('; ');
  return `A day counts when at least one column is flagged; for driftwarden, when any verdict is \`warn\` or \`breach\`, so every day that a case stays open.
Simulated days per seed, scaled to ${YEAR}: ${Object.entries(plan.days.quiet).map(([rows, days]) => `${days} at ${rows} rows`).join(', ')} for
the rules; for packages, since they take longer: ${most}. In brackets the 95 % interval: the wider of Student's t over seeds and Clopper-Pearson over days. So a 0 over few
days is weak evidence: its upper bound says how weak. Second line: flagged column-days per year.
`;
}

function delayText({ plan }) {
  return `Day 1 is the first drifting window. Median over columns and seeds with the 95 % interval of its order statistics. A package judges each column by
itself (alibi-detect: against its Bonferroni threshold), so a table in which every column drifts holds as many replicates of one drifting column; driftwarden's
sum does not, so each drifting column was judged in a family with columns that do not drift, after ${Object.entries(plan.past).map(([rows, days]) => `${days} days (${rows} rows)`).join(', ')}
without drift. **†**: the tool has more than ${NOISY} alarm days a year without drift on such data (*no drift* and *wobble* for normal columns, *heavy tails* for
lognormal ones), so that its delay is no merit. "Not in N days" gives the share that was flagged within them.
`;
}

function quietTable(cells, size) {
  const { rows, columns } = SIZES[size];
  const head = [`### ${rows} rows, ${columns} columns`, '', `| tool | ${QUIET.map((scene) => SCENES[scene]).join(' | ')} |`, `|---|${'---|'.repeat(QUIET.length)}`];
  const body = Object.entries(TOOLS).map(([tool, { title }]) => {
    const found = QUIET.map((scene) => quietCell(cells, [tool, size, scene].join('|')));
    return `| ${title} | ${found.join(' | ')} |`;
  });
  return [...head, ...body, ''];
}

function quietCell({ quiet, errors }, key) {
  const lines = quiet.get(key);
  if (lines === undefined) return errors.has(key) ? `error: ${errors.get(key).slice(0, 60)}` : 'not run';
  const { mean, lower, upper } = alarmDays(lines);
  const days = lines.reduce((sum, line) => sum + line.days, 0);
  const columnDays = (YEAR * lines.reduce((sum, line) => sum + line.columnDays, 0)) / days;
  return `**${number(mean)}** (${number(lower)} to ${number(upper)})<br>${number(columnDays)}`;
}

function alarmDays(lines) {
  const { mean, lower, upper } = shareOfDays(lines.map((line) => ({ hits: line.alarmDays, days: line.days })));
  return { mean: mean * YEAR, lower: lower * YEAR, upper: upper * YEAR };
}

function delayTable(cells, size) {
  const head = [
    `### ${SIZES[size].rows} rows`,
    '',
    `| tool | ${DRIFTING.flatMap((shape) => PSI_SIZES.map((psi) => `${SHAPES[shape]}, ${psi}`)).join(' | ')} |`,
    `|---|${'---|'.repeat(DRIFTING.length * PSI_SIZES.length)}`,
  ];
  const body = Object.entries(TOOLS).map(([tool, { title }]) => {
    const found = DRIFTING.flatMap((shape) => PSI_SIZES.map((psi) => delayCell(cells, { tool, size, shape, psi })));
    return `| ${title} | ${found.join(' | ')} |`;
  });
  return [...head, ...body, ''];
}

function delayCell(cells, place) {
  const key = [place.tool, place.size, place.shape, place.psi].join('|');
  const found = delayOf(cells, place);
  if (found === null) return cells.errors.has(key) ? `error: ${cells.errors.get(key).slice(0, 60)}` : 'not run';
  const noisy = loudest(cells, place) > NOISY ? ' †' : '';
  const { median, lower, upper, days, share } = found;
  if (median === Infinity) return `not in ${days} days (${Math.round(100 * share)} %)${noisy}`;
  return `${median} (${lower} to ${upper === Infinity ? `> ${days}` : upper})${noisy}`;
}

function delayOf({ delay }, { tool, size, shape, psi }) {
  const lines = delay.get([tool, size, shape, psi].join('|'));
  if (lines === undefined) return null;
  const values = lines.flatMap(({ first }) => first.map((day) => (day === null ? Infinity : day + 1)));
  const days = Math.min(...lines.map((line) => line.days));
  return { ...medianOf(values), days, share: values.filter(Number.isFinite).length / values.length };
}

/** Alarm days a year without drift on data of the shape, or their upper bound: the largest over its quiet scenes. */
function loudest({ quiet }, { tool, size, shape }, which = 'mean') {
  const found = QUIET_FOR[shape].map((scene) => quiet.get([tool, size, scene].join('|')));
  return Math.max(...found.map((lines) => (lines === undefined ? Infinity : alarmDays(lines)[which])));
}

/** Alarm days a year while every numeric column is within the limit, but near it. */
function alarmsNear({ quiet }, tool, size) {
  const lines = quiet.get([tool, size, 'near'].join('|'));
  return lines === undefined ? 0 : alarmDays(lines).mean;
}

function plainly(cells, sizes) {
  const head = [
    'Tools that had at most one alarm day a year, as observed, in the quiet scenes of that shape (*no drift* and *wobble*, or *heavy tails*), beside driftwarden in the same place.',
    'None of them keeps to a number of false alarms that one can state beforehand while columns move within the limit; that is what driftwarden adds, and what its delay pays',
    `for. **‡**: quiet in those scenes, but more than ${NOISY} alarm days a year in the scene *near the limit*. **?**: so few days were observed that more than ${UNSURE} alarm days a year`,
    'cannot be ruled out.',
    '',
    '| rows | column, PSI | driftwarden, median day | as quiet and faster | as quiet and as fast | as quiet, slower or never |',
    '|---|---|---|---|---|---|',
  ];
  const body = sizes.flatMap((size) =>
    DRIFTING.flatMap((shape) => PSI_SIZES.map((psi) => compared(cells, { size, shape, psi }))),
  );
  return [...head, ...body, ''];
}

function compared(cells, { size, shape, psi }) {
  const own = delayOf(cells, { tool: 'driftwarden', size, shape, psi });
  const others = Object.keys(TOOLS).flatMap((tool) => {
    const found = delayOf(cells, { tool, size, shape, psi });
    if (tool === 'driftwarden' || found === null || loudest(cells, { tool, size, shape }) > 1) return [];
    const near = alarmsNear(cells, tool, size) > NOISY ? ' ‡' : '';
    const unsure = loudest(cells, { tool, size, shape }, 'upper') > UNSURE ? ' ?' : '';
    return [{ name: `${shortName(tool)}${near}${unsure}`, median: found.median, days: found.days }];
  });
  const ours = own?.median ?? Infinity;
  const list = (keep) => others.filter(keep).map(({ name, median, days }) => `${name} (${median === Infinity ? `not in ${days}` : median})`).join(', ') || 'none';
  const columns = [
    ours === Infinity ? `not in ${own?.days ?? 0} days` : String(ours),
    list(({ median }) => median < ours),
    list(({ median }) => median === ours),
    list(({ median }) => median > ours),
  ];
  return `| ${SIZES[size].rows} | ${SHAPES[shape]}, ${psi} | ${columns.join(' | ')} |`;
}

function shortName(tool) {
  return tool.startsWith('psi') ? `PSI > ${tool.slice(4)}` : tool;
}

function ran({ plan, environments, changed }, lines, cells, sizes) {
  const versions = environments.map(({ name, pinned, interpreter, error }) =>
    error === null ? `| ${name} | ${interpreter}: ${pinned.join(', ')} |` : `| ${name} | not installed: ${error} |`,
  );
  const counted = Object.entries(TOOLS).map(([tool, { title }]) => {
    const runs = sizes.map((size) => `${seedsOf(cells.quiet, [tool, size])} / ${seedsOf(cells.delay, [tool, size])}`);
    const seconds = sizes.map((size) => mean(cells.seconds.get(`${tool}|${size}`)));
    return `| ${title} | ${runs.join(' | ')} | ${seconds.join(' | ')} |`;
  });
  const methods = Object.keys(plan.most).flatMap((tool) => {
    const used = new Set(lines.filter((line) => line.tool === tool).flatMap(({ notes }) => notes.methods ?? []));
    return used.size === 0 ? [] : [`${tool}: ${[...used].sort().join(', ')}`];
  });
  const sum = (tool, note) => lines.reduce((total, line) => total + (line.tool === tool ? (line.notes?.[note] ?? 0) : 0), 0);
  return [
    '| package | versions |',
    '|---|---|',
    ...versions,
    '',
    'Seeds per cell, quiet / drifting, and processor seconds per window (reference included, interpreter start not):',
    '',
    `| tool | ${sizes.map((size) => `${SIZES[size].rows} rows`).join(' | ')} | ${sizes.map((size) => `s at ${SIZES[size].rows}`).join(' | ')} |`,
    `|---|${'---|'.repeat(2 * sizes.length)}`,
    ...counted,
    '',
    `Seeds: quiet ${plan.seeds.quiet.join(', ')}; drifting ${plan.seeds.drifting.join(', ')}. Fewer than that in a cell: the run's time was over.`,
    `Methods the packages chose: ${methods.join('; ')}.`,
    `Evidently's verdict on a whole table (half of its columns) was "drift" in ${wholeOf(lines)} quiet windows. whylogs had ${sum('whylogs', 'possible')} further column-days POSSIBLE_DRIFT, quiet and drifting, which are not counted.`,
    `driftwarden raised ${sum('driftwarden', 'alarms')} alarms in all quiet scenes together.`,
    changed.length === 0 ? '' : `The tree differed from the commit in: ${changed.join(', ')}.`,
  ];
}

function wholeOf(lines) {
  return lines.filter(({ tool, name }) => tool === 'evidently' && name.startsWith('quiet')).reduce((sum, { notes }) => sum + (notes.whole ?? 0), 0);
}

function seedsOf(map, [tool, size]) {
  const counts = [...map].filter(([key]) => key.startsWith(`${tool}|${size}|`)).map(([, found]) => found.length);
  if (counts.length === 0) return '0';
  const least = Math.min(...counts);
  const most = Math.max(...counts);
  return least === most ? String(most) : `${least} to ${most}`;
}

function mean(values) {
  if (values === undefined) return '';
  return (values.reduce((sum, value) => sum + value, 0) / values.length).toPrecision(2);
}

function number(value) {
  if (value === 0) return '0';
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US').replaceAll(',', ' ');
}
