import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isoTime } from '../../src/clock.ts';
import { type ChainRecord, faultOfChain } from './support/canonical.ts';
import { crowd, DAY } from './support/people.ts';
import { isUp, type LogLine, startProgram } from './support/process.ts';
import { lastMidnight, type Site, siteWithTraining } from './support/site.ts';

const DAYS = 12;
/** Processes take their time on a machine that is busy with others. */
const PATIENCE = 90_000;

/** So many days are due at the first start, of two models. */
async function siteWithDays(): Promise<Site> {
  const since = isoTime(lastMidnight() - DAYS * DAY);
  const site = await siteWithTraining({
    live: true,
    products: [{ name: 'credit' }, { name: 'twin' }],
    model: { since, lateness: '0s', catchUp: '60d', revisions: '0s' },
  });
  for (const name of ['credit', 'twin'])
    for (let daysAgo = 1; daysAgo <= DAYS; daysAgo += 1)
      await site.day(name, daysAgo, crowd({ seed: daysAgo, rows: 210, version: '2' }));
  return site;
}

async function recordsOf(site: Site): Promise<ChainRecord[]> {
  const out = join(site.folder, `audit-${Math.round(performance.now())}.jsonl`);
  expect((await site.run('audit', 'export', '--out', out)).code).toBe(0);
  return readFileSync(out, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ChainRecord);
}

/** Ends of the windows that were evaluated, in the order of the chain, per model. */
function windows(records: readonly ChainRecord[], model: string): string[] {
  return records
    .filter(({ kind, body }) => kind === 'evaluation' && body['model'] === model)
    .map(({ body }) => (body['window'] as { end: string }).end);
}

const expected = Array.from({ length: DAYS }, (_, index) =>
  isoTime(lastMidnight() - (DAYS - 1 - index) * DAY),
);
const evaluated = ({ msg }: LogLine): boolean => msg === 'window evaluated';

describe('a process of its own', () => {
  test(
    'SIGTERM in the middle of catching up: ends with 0 after the window under way, goes on at the next start',
    async () => {
      const site = await siteWithDays();
      const first = startProgram(['run', '-c', site.configPath]);
      await first.logged(evaluated);
      first.kill('SIGTERM');
      expect(await first.ended).toBe(0);
      expect(first.log.at(-1)).toMatchObject({ level: 'info', msg: 'stopped' });
      expect(first.stdout()).toBe('');
      const before = windows(await recordsOf(site), 'credit');
      expect(before.length).toBeGreaterThan(0);
      expect(before.length).toBeLessThan(DAYS);

      const second = startProgram(['run', '-c', site.configPath]);
      for (const model of ['credit', 'twin'])
        await second.logged(
          (line) => evaluated(line) && line['model'] === model && line['window'] === expected.at(-1),
        );
      second.kill('SIGINT');
      expect(await second.ended).toBe(0);
      const records = await recordsOf(site);
      for (const model of ['credit', 'twin']) expect(windows(records, model)).toEqual(expected);
      expect(faultOfChain(records)).toBeNull();
    },
    PATIENCE,
  );

  test(
    'a second daemon on the store is refused and says who has it; commands go through the first',
    async () => {
      const site = await siteWithTraining({ live: true, model: { lateness: '0s' } });
      await site.day('credit', 1, crowd({ seed: 5, rows: 300, version: '2' }));
      const first = startProgram(['run', '-c', site.configPath]);
      await first.logged(isUp);
      const second = startProgram(['run', '-c', site.configPath]);
      expect(await second.ended).toBe(4);
      expect(second.stderr()).toMatch(/store .*driftwarden\.db is in use: another driftwarden process holds/);
      expect(second.stderr()).toContain('do not delete');
      expect(second.stderr()).not.toContain('bug');

      const evaluated = startProgram(['evaluate', 'credit', '--act', '--json', '-c', site.configPath]);
      expect(await evaluated.ended).toBe(0);
      expect(JSON.parse(evaluated.stdout())).toMatchObject({ model: 'credit', verdict: 'ok', rows: 300 });
      expect(windows(await recordsOf(site), 'credit')).toHaveLength(1);
      first.kill('SIGTERM');
      expect(await first.ended).toBe(0);
    },
    PATIENCE,
  );
});

/** A workspace that takes a request and never answers; tells when the first one came. */
async function blackHole(): Promise<{ url: string; asked: Promise<void> }> {
  let tell = (): void => {};
  const asked = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const server = createServer(() => tell());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test(
  'Ctrl-C ends a command that only looks, at once and not with the code of a verdict',
  async () => {
    const hole = await blackHole();
    const site = await siteWithTraining({ live: true, model: { lateness: '0s' } });
    await site.day('credit', 1, crowd({ seed: 5, rows: 300, version: '2' }));
    const file = readFileSync(site.configPath, 'utf8').replaceAll(site.workspace.url, hole.url);
    writeFileSync(site.configPath, file);
    const looking = startProgram(['evaluate', 'credit', '-c', site.configPath]);
    await hole.asked;
    looking.kill('SIGINT');
    expect(await looking.ended).toBe(4);
    expect(looking.stdout()).toBe('');
  },
  PATIENCE,
);

test(
  'a file that is not there is told in a sentence, not with a stack',
  async () => {
    const program = startProgram(['audit', 'verify', '--public-key', '/nowhere/key.pem', '-c', 'x']);
    expect(await program.ended).toBe(4);
    expect(program.stderr()).toContain(
      "ENOENT: no such file or directory, open '/nowhere/key.pem'. Check the path.",
    );
    expect(program.stderr()).not.toMatch(/bug|\n {4}at /);
  },
  PATIENCE,
);
