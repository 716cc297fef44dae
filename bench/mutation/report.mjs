/** Results of mutation testing as data and as a page. */
const KILLED = new Set(['Killed', 'Timeout', 'RuntimeError']);
const COUNTED = new Set([...KILLED, 'Survived', 'NoCoverage']);

/** Per file how many mutants were killed, and every one that was not, with what it changed. */
export function summary(area, results, made) {
  const counted = results.filter(({ status }) => COUNTED.has(status));
  const files = [...new Set(counted.map(({ fileName }) => fileName))].sort().map((fileName) => {
    const own = counted.filter((mutant) => mutant.fileName === fileName);
    return {
      file: fileName.slice(fileName.indexOf('src/')),
      killed: own.filter(({ status }) => KILLED.has(status)).length,
      total: own.length,
      survived: own
        .filter(({ status }) => !KILLED.has(status))
        .map(({ location, mutatorName, replacement, status }) => ({
          line: location.start.line,
          column: location.start.column,
          mutator: mutatorName,
          replacement: replacement.replaceAll(/\s+/g, ' ').slice(0, 120),
          status,
        })),
    };
  });
  const sum = (key) => files.reduce((total, file) => total + file[key], 0);
  return { area, made, killed: sum('killed'), total: sum('total'), files };
}

/** One line per mutant that nothing noticed. */
export function survivors({ files }) {
  return files.flatMap(({ file, survived }) =>
    survived.map(
      ({ line, column, mutator, replacement, status }) =>
        `${file}:${line}:${column} ${status} ${mutator}: ${replacement}`,
    ),
  );
}

/** The kept results as a page: per file, what kinds of change nothing noticed and why that may be, and every one of them. */
export function page(areas) {
  return [...HEAD, ...areas.flatMap(section), ...WHY, ''].join('\n');
}

const HEAD = [
  '# Mutation testing',
  '',
  'Every operator, constant, branch and text of an area is changed, one at a time; a change that makes a test of the area fail, loop or crash is killed. Texts of errors and reasons',
  'count like all else. Written by `npm run mutation -- --report` from the kept results of each area, with the commit they were made on.',
  'An area of bench/mutation/areas.mjs that is not here (tables of evidence, detectors) has not been run whole on a committed state yet.',
  '',
];

function section({ area, made, killed, total, files }) {
  const lines = survivors({ files }).map(
    (line) => `    ${line.replace(/^src\//, '').replace(' Survived', '').replace(' NoCoverage', ' (not reached)')}`,
  );
  return [
    `## ${area}: ${killed} of ${total} killed, ${percent(killed, total)}`,
    '',
    `Commit ${made.commit}${made.clean ? '' : ' with changes'}, Stryker ${made.stryker}, Vitest ${made.vitest}, Node ${made.node}.`,
    '',
    '| file | mutants | killed | |',
    '|---|---|---|---|',
    ...files.map((each) => `| ${each.file} | ${each.total} | ${each.killed} | ${percent(each.killed, each.total)} |`),
    '',
    '| survivors by kind | |',
    '|---|---|',
    ...kinds(files).map(([kind, count]) => `| ${kind} | ${count} |`),
    '',
    'What nothing noticed:',
    '',
    ...lines,
    '',
  ];
}

const WHY = [
  '## Why some survive',
  '',
  'Most survivors are of these kinds; a validator who wants to see for himself finds each of them above, by file and line.',
  '',
  '- **An end of a range where both sides agree.** `<` for `<=` between computed numbers: where two formulas meet they give the same number (the series and the fraction of a tail, a difference of shares and',
  '  of their rests), or the numbers are never equal.',
  '- **A short cut.** A closed form or a cheap bound that spares a search: without it the same number comes later. `chanceRate`, the bound before the largest error of a cell, a detector term 40 nats below',
  '  the sum.',
  '- **Where a search begins and when it gives up.** A first guess, a limit on steps, a tolerance: another one takes more steps to the same root. The number of evaluations is tested where it can be.',
  '- **A value for a place that exists.** The compiler asks what a list has at a place where there is none (`?? 0`); there is always something.',
  '- **A symmetry.** A shift up for a shift down in the table of effect sizes, a constant added to a slope whose variance is taken.',
  '- **A question that another answer settles (rollback).** An endpoint that was not read, a plan that moves no traffic, a rollback without a deadline: each is asked for again where it could not be otherwise any',
  '  more, because the state or the place of the endpoint has said so before. Without the second question the same step is taken; it stands there so that a change of the first cannot make the second one wrong.',
  '- **What ends with the process (rollback).** Forgetting what was remembered of an ended rollback frees memory and nothing else.',
  "- **A word for the other case.** `'pooled'` is compared with `'own'` only; any other word does as well, and the type allows none.",
];

function kinds(files) {
  const counts = new Map();
  for (const { mutator } of files.flatMap(({ survived }) => survived)) counts.set(mutator, (counts.get(mutator) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

function percent(part, whole) {
  return `${((100 * part) / whole).toFixed(1)} %`;
}
