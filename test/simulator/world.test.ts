import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../../src/simulator/world.ts';
import { type DayPsi, psiPerDay } from './lake/psi.ts';
import { CREDIT, callerOf, creditConfig, DAY, HOUR, temporaryFolder } from './support.ts';

const NOW = Date.UTC(2026, 10, 24, 6, 20, 5);
const START = Date.UTC(2026, 10, 12);
const TWELVE = { speed: 'max', days: 12, seed: 5, now: NOW } as const;
/** When somebody puts the champion back, as the daemon would: the second night after it went wrong, day 7. */
const PUT_BACK = START + 9 * DAY + HOUR;

function filesOf(folder: string): { [file: string]: string } {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(folder, file)).isFile(),
  );
  const digest = (file: string) =>
    createHash('sha256')
      .update(readFileSync(join(folder, file)))
      .digest('hex');
  return Object.fromEntries(files.sort().map((file) => [file, digest(file)]));
}

async function putBack(world: World): Promise<void> {
  const body = creditConfig(100, 0);
  const answer = await callerOf(world.workspace).call('PUT', `${CREDIT}/config`, { as: 'actor', body });
  expect(answer.status).toBe(200);
}

/** The story with the champion put back, told in one go. */
async function straightThrough(folder: string): Promise<World> {
  const world = await createWorld({ folder, ...TWELVE });
  await world.advanceTo(PUT_BACK);
  await putBack(world);
  await world.advanceTo(NOW);
  return world;
}

describe('simulated world', () => {
  const folder = temporaryFolder();
  let world: World;
  beforeAll(async () => {
    world = await straightThrough(folder);
  }, 60_000);
  afterAll(() => world.close());

  it('tells what happened', () => {
    const facts = world.facts();
    expect(facts).toMatchObject({
      simulated: true,
      start: START,
      now: NOW,
      end: NOW,
      promotedAt: world.scenario.promotionAt + 90_000,
      wentWrongAt: START + 7 * DAY + 9 * HOUR,
      putBackAt: PUT_BACK + 90_000,
      tickets: [],
    });
    expect(facts.endpoints['credit-pd']).toMatchObject({
      effectivePuts: 1,
      refusedPuts: 0,
      updating: false,
      configVersion: 13,
      shares: { '6': 100, '7': 0 },
    });
    expect(facts.endpoints['mortgage-pd']?.traffic).toEqual([{ at: START, shares: { '3': 100 } }]);
    // The person moved the aliases; nobody has moved them back in this telling.
    expect(facts.models['main.risk.credit_pd']).toEqual({
      aliases: { champion: '7', rollback: '6' },
      aliasPuts: 0,
    });
  });

  it('holds the secrets that its configuration names, for nobody else to read', () => {
    const config = world.configYaml('127.0.0.1:9469');
    for (const name of ['reader', 'actor', 'tickets']) {
      expect(config).toContain(`secrets/${name}`);
      expect(statSync(join(world.paths.secrets, name)).mode & 0o077).toBe(0);
    }
    expect(readFileSync(join(world.paths.secrets, 'tickets'), 'utf8')).toBe(world.workspace.ticketSecret);
    expect(config).toContain(world.workspace.url);
  });

  it('has no drift in any column of the twin, and none in any feature of the credit model', async () => {
    const quiet = [
      ...(await psiPerDay(world.paths.lake, 'mortgage', 'score')),
      ...(await psiPerDay(world.paths.lake, 'mortgage', 'income')),
      ...(await psiPerDay(world.paths.lake, 'credit', 'income')),
      ...(await psiPerDay(world.paths.lake, 'credit', 'months_employed')),
    ].filter(({ rows }) => rows > 1000);
    expect(quiet.length).toBeGreaterThan(40);
    // Ten cells on 4 000 rows: 0.0028 on average, and more than 0.01 once in a million days.
    for (const day of quiet) expect(day.psi).toBeLessThan(0.012);
  });

  it('has sound scores of both versions until the challenger goes wrong, and far-off ones from then on', async () => {
    const scores = await psiPerDay(world.paths.lake, 'credit', 'score');
    const of = (version: string, day: string): DayPsi | undefined =>
      scores.find((one) => one.version === version && one.day === day);
    const wrongDays = ['2026-11-19', '2026-11-20'];
    for (const day of wrongDays) expect(of('7', day)?.psi).toBeGreaterThan(0.4);
    for (const one of scores) {
      if (one.rows < 1000 || (one.version === '7' && wrongDays.includes(one.day))) continue;
      expect(one.psi).toBeLessThan(0.012);
    }
    // What arrives changes because traffic was moved, and on the day it was moved.
    expect(of('6', '2026-11-20')).toBeUndefined();
    expect(of('6', '2026-11-21')?.rows).toBeGreaterThan(4000);
    expect(of('7', '2026-11-22')).toBeUndefined();
  });

  it('ends the same when it is left and taken up again anywhere', async () => {
    const other = temporaryFolder();
    const stops = [
      START + 2 * DAY + 9.5 * HOUR,
      world.scenario.promotionAt + 30_000,
      PUT_BACK - 1,
      PUT_BACK + 1000,
    ];
    for (const [index, stop] of stops.entries()) {
      const run = await createWorld({ folder: other, ...TWELVE });
      expect(run.resumed).toBe(index > 0);
      if (stop > PUT_BACK) {
        await run.advanceTo(PUT_BACK);
        await putBack(run);
      }
      await run.advanceTo(stop);
      expect(run.clock.now()).toBe(stop);
      // Only the port is given back, as the system would do for a killed process; what is on disk has to be enough.
      await run.workspace.close();
    }
    const last = await createWorld({ folder: other, ...TWELVE, days: 20, seed: 99, now: NOW + DAY });
    expect(last.scenario).toMatchObject({ days: 12, seed: 5, end: NOW });
    expect(last.clock.now()).toBe(PUT_BACK + 1000);
    await last.advanceTo(NOW + DAY);
    await last.close();
    expect(last.facts()).toEqual(world.facts());
    expect(filesOf(last.paths.lake)).toEqual(filesOf(world.paths.lake));
  }, 60_000);
});

describe('steps of the world', () => {
  it('stops at every change: hours, steps of the story, updates; one move after the other', async () => {
    const world = await createWorld({ folder: temporaryFolder(), ...TWELVE });
    expect(await world.step()).toBe(true);
    expect(world.clock.now()).toBe(START + HOUR);
    await Promise.all([world.advanceTo(START + 8 * HOUR), world.advanceTo(START + 4 * HOUR)]);
    expect(world.clock.now()).toBe(START + 8 * HOUR);
    expect(readdirSync(join(world.paths.lake, 'credit_payload'))).toHaveLength(2);
    await world.advanceTo(world.scenario.promotionAt);
    expect(world.facts()).toMatchObject({ promotedAt: null, wentWrongAt: null, putBackAt: null });
    expect(world.nextChange()).toBe(world.scenario.promotionAt + 90_000);
    await world.step();
    expect(world.facts().promotedAt).toBe(world.scenario.promotionAt + 90_000);
    expect(world.nextChange()).toBe(world.scenario.promotionAt + HOUR);
    await world.close();
  });

  it('lets a person wait whose endpoint is busy', async () => {
    const world = await createWorld({ folder: temporaryFolder(), ...TWELVE });
    const { promotionAt } = world.scenario;
    await world.advanceTo(promotionAt - 1000);
    await putBack(world);
    await world.advanceTo(promotionAt + 1000);
    expect(world.workspace.snapshot().performed).toEqual({});
    await world.advanceTo(promotionAt + HOUR);
    expect(world.workspace.snapshot().performed).toEqual({ promotion: promotionAt + 89_000 });
    expect(world.facts().promotedAt).toBe(promotionAt + 179_000);
    await world.close();
  });

  it('goes as fast as the speed says, and takes up where it stood, not where it would be', async () => {
    const folder = temporaryFolder();
    const time = { now: 0 };
    const options = { folder, ...TWELVE, speed: 60, wall: { now: () => time.now } };
    const world = await createWorld(options);
    time.now += 1000;
    await world.step();
    expect(world.clock.now()).toBe(START + 60_000);
    await world.close();
    time.now += 3_600_000;
    const later = await createWorld(options);
    await later.step();
    expect(later.clock.now()).toBe(START + 60_000);
    await later.close();
  });
});

describe('the folder of a world', () => {
  it('keeps the port over a restart where it can', async () => {
    const folder = temporaryFolder();
    const first = await createWorld({ folder, ...TWELVE });
    const second = await createWorld({ folder, ...TWELVE });
    expect(second.workspace.port).not.toBe(first.workspace.port);
    await Promise.all([first.close(), second.close()]);
    const third = await createWorld({ folder, ...TWELVE });
    expect(third.workspace.port).toBe(second.workspace.port);
    await third.close();
  });

  it('is emptied of a finished world, and of nothing else', async () => {
    const folder = temporaryFolder();
    const first = await createWorld({ folder, ...TWELVE });
    await first.advanceTo(START + HOUR);
    first.finish();
    await first.close();
    mkdirSync(first.paths.state);
    writeFileSync(join(first.paths.state, 'driftwarden.db'), 'old');
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    const second = await createWorld({ folder, ...TWELVE });
    expect(second.resumed).toBe(false);
    expect(second.clock.now()).toBe(START);
    expect(existsSync(first.paths.state)).toBe(false);
    expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('mine');
    await second.close();
  });

  it('is left alone when it is not a world', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'world.json'), '{"finished":true}');
    await expect(createWorld({ folder, ...TWELVE })).rejects.toMatchObject({ reason: 'state_unreadable' });
    expect(readFileSync(join(folder, 'world.json'), 'utf8')).toBe('{"finished":true}');
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses the speed %d', async (speed) => {
    const folder = temporaryFolder();
    await expect(createWorld({ folder, ...TWELVE, speed })).rejects.toThrow(/--speed/);
    expect(readdirSync(folder)).toEqual([]);
  });
});
