import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const BINARIES = ['prometheus', 'promtool', 'prometheus-alertmanager', 'amtool'];

/** Debian's prometheus and prometheus-alertmanager. Installed when they are missing, which needs root; a failure fails the test. */
export async function installPrometheus(): Promise<void> {
  if (BINARIES.every((binary) => existsSync(`/usr/bin/${binary}`))) return;
  const install = (): Promise<unknown> =>
    run(
      'apt-get',
      [
        '-o',
        'DPkg::Lock::Timeout=120',
        'install',
        '-y',
        '--no-install-recommends',
        'prometheus',
        'prometheus-alertmanager',
      ],
      { timeout: 300_000, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } },
    );
  // Another apt at work makes the first try fail half way now and then; a second one is clean.
  await install().catch(install);
}

export interface Finished {
  readonly code: number;
  readonly output: string;
}

/** Runs a command to its end. */
export async function finish(command: string, args: readonly string[], input = ''): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, output }));
    child.stdin.end(input);
  });
}

export interface RunningServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Prometheus on a configuration, in a folder of its own, without a service. */
export async function startPrometheus(config: string): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), 'driftwarden-prometheus-'));
  const port = await freePort();
  await writeFile(join(folder, 'prometheus.yml'), config);
  const args = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ];
  return start({ command: 'prometheus', args, folder, port });
}

/** Alertmanager on a configuration file. Without a cluster: it must not look for peers. */
export async function startAlertmanager(configFile: string): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), 'driftwarden-alertmanager-'));
  const port = await freePort();
  const args = [
    `--config.file=${configFile}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
    '--log.level=error',
  ];
  return start({ command: 'prometheus-alertmanager', args, folder, port });
}

async function start(what: {
  command: string;
  args: readonly string[];
  folder: string;
  port: number;
}): Promise<RunningServer> {
  const child = spawn(what.command, what.args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${what.port}`;
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`${what.command} ended with ${child.exitCode}`);
    const answer = await fetch(`${url}/-/ready`).catch(() => null);
    return answer?.ok === true;
  }, `${what.command} to be ready`);
  return {
    url,
    stop: async () => {
      await ended(child);
      await rm(what.folder, { recursive: true, force: true });
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.kill('SIGTERM');
  await exit;
}

/** Waits for something a real server does in its own time; half a minute at most. */
export async function until(happened: () => Promise<boolean>, what: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (await happened()) return;
    await wait(100);
  }
  throw new Error(`waited in vain for ${what}`);
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
