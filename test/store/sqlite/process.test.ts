import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { signingKeyFile } from '../../../src/audit/signer.ts';
import { verifyStore } from '../../../src/audit/verify.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import { builtProgram } from '../../support/build.ts';
import { openedStore, tempFolder, writeOptions } from './support.ts';

let build: string;
beforeAll(() => {
  build = builtProgram();
}, 60_000);

interface Holder {
  readonly process: ChildProcess;
  /** Reads lines until one passes, and answers all read so far. */
  until(enough: (lines: readonly string[]) => boolean): Promise<readonly string[]>;
  kill(): Promise<void>;
}

function holder(task: 'commit' | 'hold' | 'unprivileged', path: string): Holder {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'holder.mjs'), build, task, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  const exited = once(child, 'exit');
  return {
    process: child,
    until: (enough) =>
      new Promise((resolve, reject) => {
        reader.on('line', (line) => {
          lines.push(line);
          if (enough(lines)) resolve(lines);
        });
        reader.on('close', () => (enough(lines) ? resolve(lines) : reject(new Error(lines.join('\n')))));
      }),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

const opened = (lines: readonly string[]): boolean => lines.includes('open');

describe('one writer per store', () => {
  test('a second process is refused at once, also while the first is paused, and not once it is killed', async () => {
    const path = join(tempFolder(), 'driftwarden.db');
    const first = holder('hold', path);
    await first.until(opened);
    const second = () => openSqliteStore(writeOptions(path, { signer: signingKeyFile(`${path}.pem`) }));
    await expect(second()).rejects.toMatchObject({ name: 'StoreError', reason: 'locked' });
    await expect(second()).rejects.toThrow(`${path}.lock`);
    first.process.kill('SIGSTOP');
    await expect(second()).rejects.toMatchObject({ reason: 'locked' });
    await first.kill();
    await (await second()).close();
  });

  test('a second store in the same process is refused too, and may open once the first is closed', async () => {
    const path = join(tempFolder(), 'driftwarden.db');
    const store = await openedStore(path);
    await expect(openSqliteStore(writeOptions(path))).rejects.toMatchObject({ reason: 'locked' });
    await store.commit({ audit: [], facts: { still: 'mine' } });
    await store.close();
    expect(await (await openedStore(path)).fact('still')).toBe('mine');
  });

  test('a reader sees what the running writer has committed', async () => {
    const path = join(tempFolder(), 'driftwarden.db');
    const writer = holder('commit', path);
    const lines = await writer.until((seen) => seen.length > 5);
    const reader = await openSqliteStore({ mode: 'read', path });
    onTestFinished(() => reader.close());
    const acknowledged = Number(lines.at(-1)?.split(' ')[0]);
    expect((await reader.auditHead())?.seq).toBeGreaterThanOrEqual(acknowledged);
    expect(await verifyStore(reader)).toMatchObject({ intact: true });
    await expect(reader.commit({ audit: [] })).rejects.toMatchObject({ reason: 'read_only' });
    await writer.kill();
  });
});

describe('kill -9', () => {
  test('between any two commits: every acknowledged one is there, the chain is whole, the lock is free', async () => {
    const path = join(tempFolder(), 'driftwarden.db');
    let acknowledged = 0;
    for (const commits of [1, 7, 23, 60]) {
      const writer = holder('commit', path);
      const lines = await writer.until((seen) => seen.length > commits);
      await writer.kill();
      const [seq = 0, count = 0] = (lines.at(-1) ?? '').split(' ').map(Number);
      expect(seq).toBeGreaterThan(acknowledged);
      acknowledged = seq;
      const store = await openSqliteStore(writeOptions(path, { signer: signingKeyFile(`${path}.pem`) }));
      expect((await store.auditHead())?.seq).toBeGreaterThanOrEqual(acknowledged);
      expect(Number(await store.fact('last'))).toBeGreaterThanOrEqual(count);
      expect(await verifyStore(store)).toMatchObject({ intact: true });
      await store.close();
    }
  });
});

test('a directory that cannot be written is told as such', async () => {
  const folder = join(tempFolder(), 'readonly');
  mkdirSync(folder);
  chmodSync(join(folder, '..'), 0o755);
  chmodSync(folder, 0o555);
  const path = join(folder, 'driftwarden.db');
  const lines = await holder('unprivileged', path).until((seen) => seen.length === 3);
  expect(lines[0]).toBe('read_only');
  expect(lines[1]).toContain(path);
  expect(lines[2]).toContain('Let the user that runs driftwarden write');
});

test('the files are readable by this user only', async () => {
  const folder = join(tempFolder(), 'deep', 'state');
  const path = join(folder, 'driftwarden.db');
  await openedStore(path);
  const modes = ['', '-wal', '-shm', '.lock'].map((end) => statSync(`${path}${end}`).mode & 0o777);
  expect(modes).toEqual([0o600, 0o600, 0o600, 0o600]);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const names = readdirSync(folder).sort();
  expect(names).toEqual(['', '-shm', '-wal', '.lock'].map((end) => `driftwarden.db${end}`));
});
