// Evaluates every closed week of the flights data with the real program, as if today were 7 January 2014, and prints
// what drifted, feature by month.
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openApp } from '../../dist/app.js';
import { systemClock } from '../../dist/clock.js';
import { loadConfig } from '../../dist/config/load.js';
import { createLogger } from '../../dist/log.js';

const here = dirname(fileURLToPath(import.meta.url));
const today = Date.parse('2014-01-07T12:00:00Z');
rmSync(join(here, 'state'), { recursive: true, force: true });

const loaded = await loadConfig(join(here, 'driftwarden.yaml'));
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 2));
const logger = createLogger({ level: 'warn', format: 'pretty', write: (line) => process.stderr.write(line) });
const clocks = { domain: { now: () => today }, wall: systemClock };
const app = await openApp({ config: loaded.config, mode: 'write', clocks, logger, build: 'example' });
await app.operations.evaluate('late_arrival', null);
const stored = await app.store.evaluations({ model: 'late_arrival', limit: 1000 });
const evaluations = stored.map(({ record }) => record).filter(({ rows }) => rows > 0).reverse();
await app.close();

const months = [...new Set(evaluations.map(({ window }) => window.start.slice(0, 7)))];
const psi = evaluations.flatMap(({ window, checks }) => checks.filter(({ method }) => method === 'psi').map((check) => ({ ...check, month: window.start.slice(0, 7) })));
const subjects = [...new Set(psi.map(({ subject }) => subject))];
const lines = [
  `| feature | ${months.join(' | ')} |`,
  `|---|${months.map(() => '---').join('|')}|`,
  ...subjects.map((subject) => `| ${subject} | ${months.map((month) => cell(subject, month)).join(' | ')} |`),
];
const text = `# PSI by month: median of the weekly values, and weeks in breach

${evaluations.length} weeks from ${evaluations[0].window.start.slice(0, 10)} to ${evaluations.at(-1).window.end.slice(0, 10)}; a cell is \`median (weeks over 0.25 / weeks)\`. Written by \`npm run example:flights\`.

${lines.join('\n')}
`;
writeFileSync(join(here, 'results.md'), text);
process.stdout.write(text);

function cell(subject, month) {
  const found = psi.filter((check) => check.subject === subject && check.month === month);
  const values = found.map(({ value }) => value ?? 0).sort((a, b) => a - b);
  const median = values.length % 2 === 1 ? values[(values.length - 1) / 2] : (values[values.length / 2 - 1] + values[values.length / 2]) / 2;
  return `${median.toFixed(3)} (${found.filter(({ verdict }) => verdict === 'breach').length}/${found.length})`;
}
