/**
 * The peers' real packages at their defaults, two fixed rules and driftwarden on the same simulated data: false alarms and delays.
 *
 *     node bench/peers/run.mjs            sets up everything, runs for at most 35 minutes, writes bench/peers/results.md and results.jsonl
 *     node bench/peers/run.mjs --fast     about two minutes; writes into the cache, not into the checkout
 *
 * --minutes N: no new round of seeds is begun that would end later. --continue: keeps what results.jsonl has and runs what is missing.
 * --only NAME,NAME: these tools alone; `driftwarden` stands for the rules too. --no-build: takes dist/ as it is. --report: writes the tables anew.
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
const only = flags.includes('--only') ? flags[flags.indexOf('--only') + 1].split(',') : null;
const dataFolder = join(cacheFolder(), `data-${process.pid}`);

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

/** One job per package over the data sets of a round that it has not answered yet, and one for the rules. */
function jobsOf({ plan, sets, environments, lines }) {
  const answered = new Set(lines.map(({ tool, name }) => `${tool} ${name}`));
  const packages = environments.filter(({ error }) => error === null).map(({ name, python }) => ({
    tool: name,
    command: python,
    script: join(here, 'packages', `run_${name.replaceAll('-', '_')}.py`),
  }));
  const rules = { tool: 'driftwarden', command: process.execPath, script: join(here, 'rules.mjs') };
  return [...packages, rules].flatMap(({ tool, command, script }) => {
    const missing = sets.filter(({ kind, name }) => kind !== 'bystanders' && !answered.has(`${tool} ${name}`));
    if (missing.length === 0 || (only !== null && !only.includes(tool))) return [];
    const asked = missing.map((set) => `${join(dataFolder, set.name)}=${daysFor(plan, tool, set)}`);
    return [{ tool, command, argumentsOf: [script, ...asked], sets: missing }];
  });
}

/** Two at a time; what a job answered is kept at once, so that a run that is stopped loses little. */
async function runJobs(jobs, keep) {
  const waiting = [...jobs];
  const worker = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const found = await execute(job);
      const failed = found.filter(({ error }) => error !== undefined).length;
      say(`  ${job.tool}: ${found.length} results${failed > 0 ? `, ${failed} failed: ${found.find(({ error }) => error)?.error}` : ''}`);
      keep(found.map(countedOnly));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Which columns were flagged on which day is too much to keep. */
function countedOnly({ flags: perDay, ...line }) {
  if (perDay === undefined) return line;
  const columnDays = perDay.reduce((sum, flagged) => sum + flagged.length, 0);
  return { ...line, alarmDays: perDay.filter((flagged) => flagged.length > 0).length, columnDays };
}

function provenance({ plan, environments, before, runs }) {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--', 'src/judge', 'src/statistics', 'src/windows');
  return {
    plan,
    runs,
    node: process.version,
    commit: [...new Set([...before, git('rev-parse', '--short', 'HEAD')])].join(', '),
    changed: changed === '' ? [] : changed.split('\n').map((line) => line.trim()),
    environments: environments.map(({ name, pinned, interpreter, error }) => ({ name, pinned, interpreter, error })),
  };
}

/** What an earlier run left: what it ran on, and its lines. */
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
  const earlier = flags.includes('--continue') ? recorded() : { head: {}, lines: [] };
  const { lines } = earlier;
  const head = provenance({ plan, environments, before: earlier.head.commit?.split(', ') ?? [], runs: (earlier.head.runs ?? 0) + 1 });
  let longest = 0;
  for (const [round, sets] of roundsOf(plan).entries()) {
    const jobs = jobsOf({ plan, sets, environments, lines });
    if (jobs.length === 0) continue;
    const started = Date.now();
    if (longest > 0 && started - begin + longest > minutes * 60_000) {
      say(`no time for round ${round + 1} within ${minutes} minutes`);
      break;
    }
    for (const set of sets) writeData(set, dataFolder);
    say(`round ${round + 1}: ${sets.length} data sets written in ${Math.round((Date.now() - started) / 1000)} s`);
    await runJobs(jobs, (found) => {
      lines.push(...found);
      write(head, lines);
    });
    longest = Math.max(longest, Date.now() - started);
    say(`round ${round + 1}: ${Math.round((Date.now() - started) / 1000)} s; written to ${basename(out)}/results.md`);
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

await main();
