/**
 * Quality of the judgement: false alarms per model-year, and days to detection beside what data can tell.
 *
 *     npm run build && node bench/quality/run.mjs --fast      two minutes, prints
 *     npm run build && node bench/quality/run.mjs --write     an hour on one core and half of it on two, writes results.md beside this file
 *
 * A whole run keeps each finished job in results.jsonl with the commit of the build; started again on the same commit it goes on with what is missing.
 * `--workers N` (default 2), `--minutes N` ends after so long, whatever is missing.
 */
import { execFileSync, fork } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ALL_SCENES, BOUNDARY, BOUNDARY_MOVING } from './false-alarms.mjs';
import { alarmSection, delaySection, introduction } from './report.mjs';

const write = process.argv.includes('--write');
const numberAfter = (flag, otherwise) => {
  const at = process.argv.indexOf(flag);
  return at === -1 ? otherwise : Number(process.argv[at + 1]);
};
const SEED = 20_260_701;
const H = 73_000;
const KEPT = fileURLToPath(new URL('results.jsonl', import.meta.url));
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

const git = (...args) => execFileSync('git', args, { encoding: 'utf8' }).trim();
const commit = git('rev-parse', '--short', 'HEAD');
const changed = git('status', '--porcelain', '--', 'src', 'bench/quality/*.mjs') !== '';
const build = changed ? `${commit} with changes` : commit;
const started = Date.now();
const answers = new Map(kept().map((answer) => [answer.key, answer]));
const jobs = plan();
await measure(jobs.filter(({ key }) => !answers.has(key)));

const missing = jobs.filter(({ key }) => !answers.has(key));
const linesOf = (kind) => jobs.filter((job) => job.kind === kind).flatMap(({ key }) => answers.get(key)?.lines ?? []);
const delays = linesOf('delays').map((line) => ({ ...line, median: line.median ?? Infinity }));
const page = [
  ...introduction(`node bench/quality/run.mjs ${write ? '--write' : '--fast'}`, SEED),
  `Build: ${build}.`,
  '',
  ...alarmSection(linesOf('alarms')),
  ...delaySection(delays, { ...DELAYS, h: H }),
];
console.log(page.join('\n'));
console.error(`${Math.round((Date.now() - started) / 1000)} s, ${missing.length} of ${jobs.length} jobs missing`);
if (write && missing.length === 0) writeFileSync(new URL('results.md', import.meta.url), `${page.join('\n')}\n`);
else if (missing.length > 0) process.exitCode = 1;

/** Every scene, number of features and number of rows, and every baseline and number of rows, each with a seed of its own; the longest first. */
function plan() {
  const cases = ALL_SCENES.flatMap((scene) =>
    PLAN.features.flatMap((features) => PLAN.rows.map((rows) => ({ scene, features, rows }))),
  );
  const alarms = cases.map((question, index) => {
    const atLimit = question.scene === BOUNDARY || question.scene === BOUNDARY_MOVING;
    const years = atLimit ? PLAN.limitYears : PLAN.years;
    return { kind: 'alarms', question: { ...question, years, seed: SEED + 1 + index } };
  });
  const delays = DELAYS.names.flatMap((name, place) =>
    DELAYS.rowCounts.map((rows, row) => ({
      kind: 'delays',
      question: { ...DELAYS, names: [name], rowCounts: [rows], h: H, seed: SEED, stream: 1000 * (10 * place + row) },
    })),
  );
  return [...alarms, ...delays].map((job) => ({ ...job, key: JSON.stringify([job.kind, job.question]) }));
}

function measure(waiting) {
  const until = started + 60_000 * numberAfter('--minutes', Infinity);
  const workers = Math.min(numberAfter('--workers', 2), waiting.length);
  const one = () =>
    new Promise((resolve, reject) => {
      const worker = fork(fileURLToPath(new URL('job.mjs', import.meta.url)));
      const next = () => {
        const job = Date.now() < until ? waiting.shift() : undefined;
        if (job === undefined) worker.disconnect();
        else worker.send(job);
      };
      worker.on('message', (answer) => {
        answers.set(answer.key, answer);
        if (write) appendFileSync(KEPT, `${JSON.stringify({ build, ...answer })}\n`);
        console.error(`${Math.round((Date.now() - started) / 1000)} s: ${answer.key.slice(0, 120)}`);
        next();
      });
      worker.on('error', reject);
      worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
      next();
    });
  return Promise.all(Array.from({ length: workers }, one));
}

/** Answers of this build; what another build gave is measured anew. */
function kept() {
  if (!write || !existsSync(KEPT)) return [];
  const lines = readFileSync(KEPT, 'utf8').split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line)).filter((answer) => answer.build === build && !changed);
}
