import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pLimit from 'p-limit';
import { expect, test } from 'vitest';
import type { Clock } from '../../src/clock.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import type { Store } from '../../src/store/store.ts';
import { type ChainRecord, faultOfChain } from '../daemon/support/canonical.ts';
import { isUp, type Program, startProgram } from '../daemon/support/process.ts';
import { AUTO, approvedSite, badDay, outside, PROMOTED } from '../daemon/support/rig.ts';
import { createSite, lastMidnight, type Site, type SiteOptions } from '../daemon/support/site.ts';

/** The program's time and the workspace's run so much faster than this machine's. */
const SPEED = 20;
/** Sites that are at work at once. */
const AT_ONCE = Number(process.env['KILLS_AT_ONCE'] ?? 4);
/** Every so many points one is fatal. KILLS_STEP=1 takes each, which is minutes of two cores and is run by hand. */
const STEP = Number(process.env['KILLS_STEP'] ?? 8);
const PRELOAD = join(import.meta.dirname, 'kills/kill-at.mjs');

const epoch = { real: Date.now(), start: lastMidnight() + 2 * 3_600_000, speed: SPEED };
const clock: Clock = {
  now: () => Math.round(epoch.start + (Date.now() - epoch.real) * SPEED),
};

const OPTIONS: SiteOptions = {
  live: true,
  clock,
  products: [PROMOTED],
  model: { rollback: { ...AUTO, dwell: '1m' }, catchUp: '1d', revisions: '0s' },
};

/** One life from the plan on; `fatal` is the point at which it is killed, as {@link pointsOf} names it; null: none. */
function live(site: Site, fatal: string | null): Program {
  const env = { KILLS_CLOCK: JSON.stringify(epoch), KILLS_POINTS: join(site.folder, 'points') };
  return startProgram(['run', '-c', site.configPath], {
    preload: PRELOAD,
    env: fatal === null ? env : { ...env, KILLS_AT: fatal },
  });
}

function pointsOf(site: Site): string[] {
  const file = join(site.folder, 'points');
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
}

async function inStore<T>(site: Site, read: (store: Store) => Promise<T>): Promise<T> {
  const path = join(site.folder, 'state/driftwarden.db');
  const store = await openSqliteStore({ mode: 'read', path });
  try {
    return await read(store);
  } finally {
    await store.close();
  }
}

/** The rollback has ended and everything there was to tell has been told. */
function isOver(site: Site): Promise<boolean> {
  return inStore(site, async (store) => {
    const [rollback] = await store.rollbacks({});
    return rollback !== undefined && rollback.endedAt !== null && (await store.waiting()).length === 0;
  });
}

/** A site as the template was when its daemon had stopped: baseline approved, the bad day not looked at yet. */
async function siteLike(template: Site): Promise<Site> {
  const site = await createSite(OPTIONS);
  for (const part of ['lake', 'state'])
    cpSync(join(template.folder, part), join(site.folder, part), { recursive: true });
  return site;
}

async function recordsOf(site: Site): Promise<ChainRecord[]> {
  const lines = await inStore(site, (store) => store.auditLines(1, 10_000));
  return lines.map((line) => JSON.parse(line) as ChainRecord);
}

/** Effects in the workspace that no committed state had meant. */
async function effectsWithoutIntent(site: Site): Promise<string[]> {
  const records = await recordsOf(site);
  const meant = (state: string): boolean =>
    records.some(({ kind, body }) => kind === 'rollback' && body['state'] === state);
  const { puts = 0, aliasPuts = 0 } = outside(site);
  return [
    ...(puts > 0 && !meant('shifting_traffic') ? ['traffic'] : []),
    ...(aliasPuts > 0 && !meant('moving_alias') ? ['alias'] : []),
  ];
}

/** What anybody can find afterwards, without the names and times that differ from run to run. */
async function findings(site: Site) {
  const records = await recordsOf(site);
  const [rollback, ...others] = await inStore(site, (store) => store.rollbacks({}));
  const told = new Map(site.desk.taken().map(({ key, body }) => [key, body]));
  const contents = new Map<string, Set<string>>();
  for (const { key, body } of site.desk.deliveries)
    contents.set(key, (contents.get(key) ?? new Set()).add(body.text));
  return {
    rollbacks: [rollback?.state, ...others.map(({ state }) => state)],
    states: rollback?.history.map(({ state }) => state),
    holds: (await inStore(site, (store) => store.holds('credit'))).map(({ version }) => version),
    outside: outside(site),
    chain: faultOfChain(records),
    recorded: records.filter(({ kind }) => kind === 'rollback').map(({ body }) => body['state']),
    evaluations: records.filter(({ kind }) => kind === 'evaluation').length,
    told: [...told.values()].map(({ action }) => action),
    signed: site.desk.deliveries.every(({ signed }) => signed),
    rewritten: [...contents.values()].filter((texts) => texts.size > 1).length,
  };
}

/** Where it must have been killed at the least, by the states of the contract: else it was not where it matters. */
const LEAST: readonly (readonly [RegExp, number])[] = [
  [/commit of the rollback$/, 12],
  [/^1 (before|during|after) PUT .*\/config$/, 3],
  [/^1 (before|during|after) PUT .*\/aliases\/champion$/, 3],
  [/^\d+ (before|during|after) POST \/hook$/, 6],
  [/ GET .*\/serving-endpoints\/credit$/, 15],
];

async function untilOver(site: Site, program: Program): Promise<void> {
  let end: unknown = null;
  const watched = program.ended.then((code) => {
    end = code;
    return code;
  });
  for (let waited = 0; !(await isOver(site)); waited += 1) {
    if (end !== null || waited > 600) throw new Error(`the rollback does not end:\n${program.stderr()}`);
    await pause(100);
  }
  program.kill('SIGTERM');
  expect(await watched).toBe(0);
}

/** Kills the daemon at one point of its rollback, starts it again, and answers what is found when all is over. */
async function killedAt(template: Site, fatal: string) {
  const site = await siteLike(template);
  const first = live(site, fatal);
  const over = untilOver(site, first);
  const end = await Promise.race([first.ended, over]);
  // Requests overlap, so that the last points of one run need not come in another: then the rollback is over, and it was stopped.
  if (end !== 'SIGKILL') {
    await over;
    return null;
  }
  const point = pointsOf(site).at(-1) ?? '';
  const early = await effectsWithoutIntent(site);
  const second = live(site, null);
  // Killed at the very end, nothing is left to do: it must be able to hear that it is to stop.
  await second.logged(isUp);
  await untilOver(site, second);
  return { point, early, found: await findings(site) };
}

test('kill -9 at each commit and request of a rollback: one effect of each kind, and the same end', async () => {
  const { site: template, daemon } = await approvedSite(OPTIONS);
  await daemon.stop();
  await badDay(template);

  const alone = await siteLike(template);
  await untilOver(alone, live(alone, null));
  const expected = await findings(alone);
  expect(expected).toMatchObject({
    rollbacks: ['done'],
    outside: { puts: 1, aliasPuts: 1, routes: { 'credit-1': 100 }, aliases: { champion: 1 } },
    chain: null,
    rewritten: 0,
  });
  const fatal = pointsOf(alone).filter((_, index) => index % STEP === 0);
  const limit = pLimit(AT_ONCE);
  const ends = await Promise.all(fatal.map((point) => limit(() => killedAt(template, point))));
  const killed = ends.flatMap((end) => (end === null ? [] : [end]));
  for (const { point, early, found } of killed) {
    expect(early, `written without an intent when killed ${point}`).toEqual([]);
    expect(found, `killed ${point}`).toEqual(expected);
  }
  const points = killed.map(({ point }) => point);
  for (const [what, least] of LEAST)
    expect(points.filter((point) => what.test(point)).length, String(what)).toBeGreaterThanOrEqual(
      Math.floor(least / STEP),
    );
}, 1_200_000);
