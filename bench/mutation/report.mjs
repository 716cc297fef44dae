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

/** The kept results as a page: per file, and every survivor with what it changed. */
export function page(areas) {
  return [
    '# Mutation testing',
    '',
    'Every operator, constant, branch and text of an area is changed, one at a time; a change that makes a test of the area fail, loop or crash is killed. Written by `npm run mutation -- --report`.',
    '',
    ...areas.flatMap(({ area, made, killed, total, files }) => [
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
    ]),
  ].join('\n');
}

function kinds(files) {
  const counts = new Map();
  for (const { mutator } of files.flatMap(({ survived }) => survived)) counts.set(mutator, (counts.get(mutator) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

function percent(part, whole) {
  return `${((100 * part) / whole).toFixed(1)} %`;
}
