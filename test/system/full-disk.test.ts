import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isoTime } from '../../src/clock.ts';
import { type ChainRecord, faultOfChain } from '../daemon/support/canonical.ts';
import { crowd, DAY } from '../daemon/support/people.ts';
import { isUp, startProgram } from '../daemon/support/process.ts';
import { lastMidnight, type Site, siteWithTraining } from '../daemon/support/site.ts';

/** A file system of its own, too small for anything; mounting it needs root. */
function tinyDisk(folder: string): void {
  mkdirSync(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]);
  onTestFinished(() => {
    execFileSync('umount', ['-l', folder]);
  });
}

function fill(file: string): void {
  try {
    for (;;) appendFileSync(file, Buffer.alloc(4096));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

async function get(site: Site, path: string): Promise<readonly [number, string]> {
  const response = await fetch(`http://127.0.0.1:${site.port}${path}`);
  return [response.status, await response.text()];
}

test('a disk that fills up: nothing is acted on, it says why, it goes on when there is room, and nothing is lost', async () => {
  const site = await siteWithTraining({
    live: true,
    model: { lateness: '0s', rollback: { mode: 'auto', on: ['prediction'], breaches: '1 of 1' } },
  });
  const state = join(site.folder, 'state');
  tinyDisk(state);
  for (const daysAgo of [1, 2, 3, 4])
    await site.day('credit', daysAgo, crowd({ seed: daysAgo, rows: 300, version: '2' }));
  const daemon = startProgram(['run', '-c', site.configPath]);
  await daemon.logged(isUp);
  await daemon.logged(({ msg }) => msg === 'window evaluated');
  expect(await get(site, '/-/ready')).toEqual([200, expect.any(String)]);

  const filler = join(state, 'filler');
  fill(filler);
  const end = (daysAgo: number): string => isoTime(lastMidnight() - daysAgo * DAY);
  const act = (daysAgo: number) => site.run('evaluate', 'credit', '--act', '--window-end', end(daysAgo));
  const refused = await act(1);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toMatch(/full/);
  expect(refused.stderr).toContain('Free space');
  expect((await get(site, '/-/healthy'))[0]).toBe(200);
  const [status, why] = await get(site, '/-/ready');
  expect(status).toBe(503);
  expect(why).toMatch(/^not ready: store .*driftwarden\.db.*full.*Free space/);
  const [, metrics] = await get(site, '/metrics');
  expect(metrics).toContain('driftwarden_store_up 0');
  expect((await get(site, '/models/credit'))[0]).toBe(200);
  expect(site.workspace.snapshot().endpoints['credit']?.puts.effective).toBe(0);
  const reading = await site.run('evaluate', 'credit', '--json');
  expect([reading.code, reading.stderr]).toEqual([0, '']);

  rmSync(filler);
  expect((await act(1)).code).toBe(0);
  expect((await act(2)).code).toBe(0);
  expect((await get(site, '/-/ready'))[0]).toBe(200);
  expect((await get(site, '/metrics'))[1]).toContain('driftwarden_store_up 1');
  daemon.kill('SIGTERM');
  expect(await daemon.ended).toBe(0);
  expect((await site.run('audit', 'verify')).code).toBe(0);
  const out = join(site.folder, 'audit.jsonl');
  await site.run('audit', 'export', '--out', out);
  const records = readFileSync(out, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ChainRecord);
  expect(faultOfChain(records)).toBeNull();
  expect(records.filter(({ kind }) => kind === 'evaluation')).toHaveLength(3);

  // Full before the start: it does not come up, and says what to do.
  fill(filler);
  writeFileSync(site.configPath, readFileSync(site.configPath));
  const late = startProgram(['run', '-c', site.configPath]);
  const ended = await Promise.race([
    late.ended,
    late.logged(isUp).then(
      () => 'up',
      () => 'down',
    ),
  ]);
  if (ended === 'up') {
    late.kill('SIGTERM');
    expect(await late.ended).toBe(0);
  } else {
    expect(await late.ended).toBe(4);
    expect(late.stderr()).toMatch(/Free space/);
    expect(late.stderr()).not.toContain('bug');
  }
});
