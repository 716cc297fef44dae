/**
 * Runs the rollback simulation of test/simulation: the real rollback code on a virtual clock, against a simulated workspace.
 *
 *     node bench/rollback-simulation.mjs --seeds 1000000 --out bench/results/rollback-simulation.md
 *     node bench/rollback-simulation.mjs --seed 62 --trace       one run, everything that happens in it
 *     node bench/rollback-simulation.mjs --seed 62 --shrink      the same with all left out that its failure does not need
 *
 * --minutes M begins no further seed after so long and reports those that were run.
 * --from K begins at seed K, --processes P splits the seeds over P processes (default: one per core). Exit code 1 when a run
 * broke an invariant.
 */
import { execFileSync, fork } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = resolve(import.meta.dirname, '..');
const CHUNK = 250;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    processes: { type: 'string', default: String(availableParallelism()) },
    out: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
  },
});

const built = join(ROOT, '.cache', `rollback-simulation-${process.pid}`);
process.on('exit', () => rmSync(built, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));
compile();
if (values.seed === undefined) await runMany();
else await runOne(Number(values.seed), values);

/** Node 20 runs no TypeScript. Type errors are the business of `npm run check`. */
function compile() {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const project = ['-p', join(ROOT, 'test/simulation/tsconfig.json'), '--outDir', built, '--noEmitOnError', 'false'];
  try {
    execFileSync(process.execPath, [tsc, ...project, '--sourceMap', 'false'], { cwd: ROOT, stdio: 'pipe' });
  } catch (error) {
    process.stderr.write(`${String(error.stdout)}\n`);
  }
}

function load(name) {
  return import(pathToFileURL(join(built, 'test/simulation', name)).href);
}

async function runOne(seed, how) {
  const [{ loadSettings }, { simulate }, { shrink }] = await Promise.all(['settings.js', 'simulate.js', 'shrink.js'].map(load));
  await loadSettings();
  const scenario = how.shrink ? await shrink(seed) : null;
  if (how.shrink && scenario === null) console.log(`Seed ${seed} breaks nothing: there is nothing to shrink.`);
  const trace = how.trace || scenario !== null ? (line) => console.log(line) : undefined;
  const options = { ...(scenario === null ? {} : { scenario }), ...(trace === undefined ? {} : { trace }) };
  const { violations, counts } = await simulate(seed, options);
  if (scenario !== null) console.log(JSON.stringify(scenario, null, 2));
  if (trace === undefined) console.log(JSON.stringify(counts, null, 2));
  for (const { invariant, why } of violations) console.log(`${invariant}: ${why}`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}

async function runMany() {
  const [{ add, NOTHING }, { reportOf }] = await Promise.all(['tally.js', 'report.js'].map(load));
  const first = Number(values.from);
  const wanted = first + Number(values.seeds) - 1;
  const limit = 60 * Number(values.minutes ?? Number.POSITIVE_INFINITY);
  const commit = commitNow();
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  let tally = NOTHING;
  const isTime = () => seconds() >= limit;
  const last = await share({ first, last: wanted, isTime }, (part) => {
    tally = add(tally, part);
    progress(tally, wanted - first + 1, seconds());
  });
  const processes = Number(values.processes);
  const command = `node bench/rollback-simulation.mjs --seeds ${last - first + 1}${first === 1 ? '' : ` --from ${first}`}`;
  const report = reportOf(tally, { first, last, seconds: seconds(), processes, node: process.version, command, commit });
  console.log(report);
  if (values.out !== undefined) {
    mkdirSync(dirname(resolve(values.out)), { recursive: true });
    writeFileSync(values.out, report);
  }
  const [failed] = tally.violations;
  if (failed === undefined) return;
  process.exitCode = 1;
  console.log(`Seed ${failed.seed}, the first that failed, without what its failure does not need
(node bench/rollback-simulation.mjs --seed ${failed.seed} --trace shows all of it):\n`);
  await runOne(failed.seed, { shrink: true, trace: true });
}

/** What is run; a tree with changes of its own is no commit. */
function commitNow() {
  try {
    const git = (...args) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' }).trim();
    const changed = git('status', '--porcelain', '--', 'src', 'test/simulation', 'bench/rollback-simulation.mjs');
    return `${git('rev-parse', '--short=12', 'HEAD')}${changed === '' ? '' : ' with changes'}`;
  } catch {
    return null;
  }
}

/** Hands out the seeds in pieces, so that a slow process holds nobody up. Answers the last seed that was run. */
async function share({ first, last, isTime }, take) {
  let next = first;
  const work = () =>
    new Promise((done, fail) => {
      const child = fork(join(built, 'test/simulation/worker.js'));
      const give = () => {
        if (next > last || isTime()) return child.disconnect();
        child.send({ first: next, last: Math.min(last, next + CHUNK - 1) });
        next = Math.min(last + 1, next + CHUNK);
      };
      child.on('message', (part) => {
        take(part);
        give();
      });
      child.on('error', fail);
      child.on('exit', (code) => (code === 0 ? done() : fail(new Error(`a process of the simulation ended with ${code}`))));
      give();
    });
  await Promise.all(Array.from({ length: Number(values.processes) }, work));
  return next - 1;
}

function progress({ seeds, violations }, all, seconds) {
  if (!process.stderr.isTTY) return;
  const left = Math.round(((all - seeds) * seconds) / Math.max(1, seeds));
  process.stderr.write(`\r${seeds} of ${all} seeds, ${violations.length} violations, about ${left} s left   `);
  if (seeds === all) process.stderr.write('\n');
}
