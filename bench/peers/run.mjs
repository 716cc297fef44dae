/**
 * The peers' real packages at their defaults, two fixed rules and driftwarden on the same simulated data: false alarms and delays.
 *
 *     node bench/peers/run.mjs            sets up everything, runs for at most 35 minutes, writes bench/peers/results.md and results.jsonl
 *     node bench/peers/run.mjs --fast     about two minutes; writes into the cache, not into the checkout
 *
 * --minutes N: no new round of seeds is begun that would end later. --continue: adds the rounds that the last run had no time for.
 * --no-build: takes dist/ as it is. --report: writes the tables anew from results.jsonl.
 * Two processes at a time, at the lowest useful priority. Environments and data lie in ${DRIFTWARDEN_CACHE:-~/.cache/driftwarden}/peers.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mostWobble, writeData } from './data.mjs';
import { cacheFolder, environmentOf, QUIET_ENVIRONMENT } from './environments.mjs';
import { daysFor, planOf, roundsOf, TOOLS } from './plan.mjs';
import { report } from './report.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const flags = process.argv.slice(2);
const fast = flags.includes('--fast');
const minutes = Number(flags[flags.indexOf('--minutes') + 1]) || 35;
const out = fast ? join(cacheFolder(), 'fast') : here;
const AT_ONCE = 2;

function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Lines that a runner printed; a runner that died counts as an error of every data set it had not answered. */
function execute({ command, argumentsOf, tool, sets }) {
  return new Promise((resolve) => {
    const process_ = spawn('nice', ['-n', '15', command, ...argumentsOf], {
      env: { ...process.env, ...QUIET_ENVIRONMENT },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    let trouble = '';
    process_.stdout.on('data', (chunk) => {
      text += chunk;
    });
    process_.stderr.on('data', (chunk) => {
      trouble = (trouble + chunk).slice(-2000);
    });
    process_.on('close', (code) => {
      const lines = text.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
      const answered = new Set(lines.map(({ name }) => name));
      const missing = code === 0 ? [] : sets.filter(({ name }) => !answered.has(name));
      const error = trouble.trim().split('\n').at(-1) ?? `exit code ${code}`;
      resolve([...lines, ...missing.map(({ name, days }) => ({ tool, name, days, notes: {}, error, cpu: 0, wall: 0 }))]);
    });
  });
}

/** One job per package over all data sets of a round, and one for the rules. */
function jobsOf(plan, sets, environments) {
  const judged = sets.filter(({ kind }) => kind !== 'bystanders');
  const folder = join(cacheFolder(), 'data');
  const path = (tool) => (set) => `${join(folder, set.name)}=${daysFor(plan, tool, set)}`;
  const packages = environments.filter(({ error }) => error === null).map(({ name, python }) => ({
    tool: name,
    command: python,
    argumentsOf: [join(here, 'packages', `run_${name.replaceAll('-', '_')}.py`), ...judged.map(path(name))],
    sets: judged,
  }));
  const rules = { tool: 'driftwarden', command: process.execPath, argumentsOf: [join(here, 'rules.mjs'), ...judged.map(path('driftwarden'))], sets: judged };
  return [...packages, rules];
}

async function runJobs(jobs) {
  const waiting = [...jobs];
  const lines = [];
  const worker = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const found = await execute(job);
      const failed = found.filter(({ error }) => error !== undefined).length;
      say(`  ${job.tool}: ${found.length} results${failed > 0 ? `, ${failed} failed: ${found.find(({ error }) => error)?.error}` : ''}`);
      lines.push(...found.map(countedOnly));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return lines;
}

/** Which columns were flagged on which day is too much to keep. */
function countedOnly({ flags: perDay, ...line }) {
  if (perDay === undefined) return line;
  const columnDays = perDay.reduce((sum, flagged) => sum + flagged.length, 0);
  return { ...line, alarmDays: perDay.filter((flagged) => flagged.length > 0).length, columnDays };
}

function provenance({ plan, environments, rounds, before }) {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--', 'src/judge', 'src/statistics', 'src/windows');
  return {
    plan,
    rounds,
    node: process.version,
    commit: [...new Set([...before, git('rev-parse', '--short', 'HEAD')])].join(', '),
    changed: changed === '' ? [] : changed.split('\n').map((line) => line.trim()),
    environments: environments.map(({ name, pinned, interpreter, error }) => ({ name, pinned, interpreter, error })),
  };
}

/** What an earlier run left: how many rounds it finished, and their lines. */
function recorded() {
  const [head, ...lines] = readFileSync(join(out, 'results.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { head, lines };
}

function write(head, lines) {
  writeFileSync(join(out, 'results.jsonl'), [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''));
  writeFileSync(join(out, 'results.md'), report(head, lines));
}

async function main() {
  if (flags.includes('--report')) {
    const { head, lines } = recorded();
    write(head, lines);
    return;
  }
  const begin = Date.now();
  const plan = planOf(fast);
  if (!(mostWobble() < 0.1)) throw new Error('the wobble of the simulated data is not within the limit');
  if (!flags.includes('--no-build')) execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
  const environments = Object.values(TOOLS).flatMap((tool) => (tool.package === undefined ? [] : [environmentOf(tool.package)]));
  for (const { name, error, pinned } of environments) say(`${name}: ${error === null ? pinned.join(', ') : `not installed: ${error}`}`);
  mkdirSync(out, { recursive: true });
  const earlier = flags.includes('--continue') ? recorded() : { head: { rounds: 0 }, lines: [] };
  const { lines } = earlier;
  const before = earlier.head.commit?.split(', ') ?? [];
  let longest = 0;
  for (const [round, sets] of roundsOf(plan).entries()) {
    if (round < earlier.head.rounds) continue;
    const started = Date.now();
    if (longest > 0 && started - begin + longest > minutes * 60_000) {
      say(`no time for round ${round + 1} within ${minutes} minutes`);
      break;
    }
    const folder = join(cacheFolder(), 'data');
    rmSync(folder, { recursive: true, force: true });
    for (const set of sets) writeData(set, folder);
    say(`round ${round + 1}: ${sets.length} data sets written in ${Math.round((Date.now() - started) / 1000)} s`);
    lines.push(...(await runJobs(jobsOf(plan, sets, environments))));
    longest = Math.max(longest, Date.now() - started);
    write(provenance({ plan, environments, rounds: round + 1, before }), lines);
    say(`round ${round + 1}: ${Math.round((Date.now() - started) / 1000)} s; written to ${basename(out)}/results.md`);
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
