import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isoTime } from '../../src/clock.ts';
import { type ChainRecord, faultOfChain } from '../daemon/support/canonical.ts';
import { crowd, DAY, randomOf } from '../daemon/support/people.ts';
import { isUp, startProgram } from '../daemon/support/process.ts';
import { lastMidnight, type Site, siteWithTraining } from '../daemon/support/site.ts';

const DAYS = 60;
/** How often the daemon is killed before it is left alone. */
const KILLS = Number(process.env['KILLS'] ?? 20);

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

test('kill -9 wherever it is: every window once, in order, and the chain holds', async () => {
  const site = await siteWithDays();
  const random = randomOf(11);
  for (let kills = 0; kills < KILLS; kills += 1) {
    const program = startProgram(['run', '-c', site.configPath]);
    await program.logged(isUp);
    await pause(Math.round(random() * 300));
    program.kill('SIGKILL');
    expect(await program.ended).toBe('SIGKILL');
  }
  const last = startProgram(['evaluate', 'credit', '--act', '-c', site.configPath]);
  expect(await last.ended).toBe(0);
  const records = await recordsOf(site);
  expect(windows(records, 'credit')).toEqual(expected);
  const twin = windows(records, 'twin');
  expect(twin).toEqual(expected.slice(0, twin.length));
  expect(faultOfChain(records)).toBeNull();
  expect((await site.run('audit', 'verify')).code).toBe(0);
});
