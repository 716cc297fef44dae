import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { killGroup, signalGroup } from './process-group.ts';

const run = promisify(execFile);

export const MLFLOW_VERSION = '3.17.2';

/** Half the size of the full package, and enough for `mlflow server` with its registry. */
const PACKAGES = [
  `mlflow-skinny==${MLFLOW_VERSION}`,
  'Flask',
  'Flask-CORS',
  'sqlalchemy<3',
  'alembic',
  'graphene',
  'huey',
  'cachetools',
  'aiohttp',
  'numpy',
  'pandas',
];

/** The `mlflow` command, installed once into a cache outside the checkout. Needs python3 and a package index the first time. */
export async function installMlflow(): Promise<string> {
  const cache = process.env['DRIFTWARDEN_CACHE'] ?? join(homedir(), '.cache', 'driftwarden');
  const venv = join(cache, `mlflow-${MLFLOW_VERSION}`);
  const command = join(venv, 'bin', 'mlflow');
  // The marker is made last, so that an installation that was cut short is made anew.
  const marker = join(venv, 'complete');
  if (existsSync(marker)) return command;
  await rm(venv, { recursive: true, force: true });
  await mkdir(cache, { recursive: true });
  await run('python3', ['-m', 'venv', venv]);
  await run(join(venv, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...PACKAGES], {
    timeout: 600_000,
  });
  await mkdir(marker);
  return command;
}

/** A real MLflow server on a folder of its own, which outlives the process: `start` after `kill` goes on with it. */
export class MlflowServer {
  readonly url: string;
  private child: ChildProcess | null = null;
  private readonly command: string;
  private readonly port: number;
  private readonly folder: string;

  private constructor(command: string, port: number, folder: string) {
    this.command = command;
    this.port = port;
    this.folder = folder;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async create(): Promise<MlflowServer> {
    const folder = await mkdtemp(join(tmpdir(), 'driftwarden-mlflow-'));
    return new MlflowServer(await installMlflow(), await freePort(), folder);
  }

  async start(): Promise<void> {
    this.child = spawn(this.command, serverArguments(this.port, this.folder), {
      cwd: this.folder,
      stdio: 'ignore',
      // The command is only the parent of the server: both must be reached by one signal to their group.
      detached: true,
      env: {
        ...process.env,
        MLFLOW_DISABLE_TELEMETRY: 'true',
        DO_NOT_TRACK: 'true',
        // Without this ten more processes are started.
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
      },
    });
    for (let attempt = 0; attempt < 600; attempt += 1) {
      if (await this.healthy()) return;
      if (this.child.exitCode !== null)
        throw new Error(`mlflow server ended with code ${this.child.exitCode}`);
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    }
    throw new Error('mlflow server did not become healthy within a minute');
  }

  signal(name: NodeJS.Signals): void {
    signalGroup(this.child, name);
  }

  async kill(): Promise<void> {
    if (this.child === null) return;
    await killGroup(this.child);
    this.child = null;
  }

  async destroy(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A write past the adapter, as another user of the server makes it. */
  async post(path: string, body: unknown): Promise<void> {
    const response = await fetch(`${this.url}/api/2.0/mlflow/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }

  private async healthy(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/health`)).ok;
    } catch {
      return false;
    }
  }
}

function serverArguments(port: number, folder: string): string[] {
  return [
    `server --host 127.0.0.1 --port ${port} --workers 1`.split(' '),
    ['--backend-store-uri', `sqlite:///${folder}/mlflow.db`],
    ['--artifacts-destination', `${folder}/artifacts`],
  ].flat();
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
