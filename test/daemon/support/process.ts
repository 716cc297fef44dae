import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { builtProgram } from '../../support/build.ts';

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The program as a process of its own. */
export interface Program {
  readonly pid: number;
  readonly log: readonly LogLine[];
  stdout(): string;
  stderr(): string;
  /** Waits for a line of the log; fails when the process ends without it. */
  logged(what: (line: LogLine) => boolean): Promise<LogLine>;
  kill(signal: NodeJS.Signals): void;
  /** Exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
}

export interface StartOptions {
  /** Run by a shell in front, which may set limits that a child inherits. */
  readonly shell?: string;
  /** A module loaded before the program. */
  readonly preload?: string;
  /** Added to the environment. */
  readonly env?: { readonly [name: string]: string };
}

/** Starts `driftwarden <words>`; what still runs when the test has ended is killed. */
export function startProgram(words: readonly string[], options: StartOptions = {}): Program {
  const main = join(builtProgram(), 'main.js');
  const preload = options.preload === undefined ? [] : ['--import', options.preload];
  const command = [process.execPath, ...preload, main, ...words, '--log-format', 'json'];
  const how: SpawnOptions = {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  };
  const child: ChildProcess =
    options.shell === undefined
      ? spawn(command[0] ?? '', command.slice(1), how)
      : spawn('sh', ['-c', `${options.shell}; exec "$@"`, 'sh', ...command], how);
  let [stdout, stderr] = ['', ''];
  const log: LogLine[] = [];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  let rest = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{')) log.push(JSON.parse(line) as LogLine);
  });
  let running = true;
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.on('close', (code, signal) => {
      running = false;
      resolve(code ?? signal ?? -1);
    });
  });
  onTestFinished(async () => {
    if (running) child.kill('SIGKILL');
    await ended;
  });
  return {
    pid: child.pid ?? 0,
    log,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    kill: (signal) => child.kill(signal),
    async logged(what) {
      for (;;) {
        const found = log.find(what);
        if (found !== undefined) return found;
        if (!running) throw new Error(`the program ended (${String(await ended)}):\n${stderr}${stdout}`);
        await pause(10);
      }
    },
  };
}

export const isUp = ({ msg }: LogLine): boolean => msg === 'driftwarden is up';
