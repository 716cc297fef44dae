import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashOfPlan } from '../../src/rollback/plan.ts';
import type { RollbackPlan } from '../../src/rollback/rollback.ts';
import { type ChainRecord, canonical, faultOfChain, sha256 } from '../daemon/support/canonical.ts';
import { differences, type Fields, missingInOrder } from './compare.ts';
import { renamed, rollbackStory, type Webhook } from './fixture.ts';
import { type Delivery, type Outside, startOutside } from './outside.ts';
import { missingSamples } from './samples.ts';
import { auditOf, openSite, type Site, storyClock } from './site.ts';

const story = rollbackStory();
const { given, expected } = story;
const MODEL = 'credit_pd';

type Samples = ReadonlyMap<string, number>;

interface Told {
  readonly site: Site;
  readonly outside: Outside;
  readonly scrapes: { readonly [moment in keyof typeof expected.metrics]: Samples };
  readonly names: readonly (readonly [actual: string, story: string])[];
}

/** The whole story, once: the daemon is woken and driven at the times that are given. */
async function tell(): Promise<Told> {
  const { times, approval, workspace } = given;
  const clock = storyClock(times.approved);
  const outside = startOutside(story, clock);
  const { reader, actor } = workspace.tokens;
  const secrets = { 'secrets/reader': reader, 'secrets/actor': actor, 'secrets/hook': given.desk.secret };
  const site = await openSite({ given, now: clock, secrets });
  const { daemon } = site;
  const claim = { ...approval, identity: 'claimed' } as const;
  const baseline = await daemon.app.operations.freezeBaseline(MODEL, claim);
  await daemon.app.operations.approveBaseline(baseline.id, claim);

  const wakeAt = async (time: string): Promise<Samples> => {
    clock.set(time);
    await daemon.wake();
    return site.scrape();
  };
  const driveAt = async (time: string): Promise<Samples> => {
    clock.set(time);
    await daemon.drive();
    return site.scrape();
  };
  const whileShifting = await wakeAt(times.noticed);
  await driveAt(times.updating);
  await driveAt(times.updated);
  const whileDwelling = await driveAt(times.dwelling);
  await driveAt(times.dwelt);
  const afterOneQuietWindow = await wakeAt(times.quiet[0]);
  const afterwards = await wakeAt(times.quiet[1]);
  return {
    site,
    outside,
    scrapes: { whileShifting, whileDwelling, afterOneQuietWindow, afterwards },
    names: await namesOf(site, [baseline.id, baseline.hash]),
  };
}

async function namesOf(site: Site, baseline: readonly [string, string]): Promise<Told['names']> {
  const { store } = site.daemon.app;
  const evaluations = [...(await store.evaluations({ model: MODEL, limit: 9 }))].reverse();
  const [exception] = await store.exceptions({ model: MODEL });
  const [rollback] = await store.rollbacks({ model: MODEL });
  const hashes = expected.audit
    .filter(({ kind }) => kind === 'evaluation')
    .map(({ body }) => String(body['hash']));
  return [
    [baseline[0], expected.baseline.id],
    [baseline[1], expected.baseline.hash],
    [exception?.id ?? '', expected.exceptionOpened.id],
    [rollback?.id ?? '', expected.rollback.id],
    [rollback?.planHash ?? '', expected.rollback.planHash],
    ...evaluations.flatMap(({ record, hash }, day) => [
      [record.evaluation, expected.evaluations[day]?.evaluation ?? ''] as const,
      [hash, hashes[day] ?? ''] as const,
    ]),
  ];
}

let told: Told;

beforeAll(async () => {
  told = await tell();
});

afterAll(async () => {
  await told.site.close();
  told.outside.close();
});

test('the windows are judged as worked out, and the baseline is the approved one', async () => {
  const { site, names } = told;
  const { store } = site.daemon.app;
  const stored = [...(await store.evaluations({ model: MODEL, limit: 9 }))].reverse();
  expect(stored).toHaveLength(expected.evaluations.length);
  for (const [day, { record, hash }] of stored.entries()) {
    expect(differences(expected.evaluations[day], renamed(record, names))).toEqual([]);
    expect(sha256(canonical(record))).toBe(hash);
  }
  const baseline = await store.baseline(stored[0]?.record.baseline?.id ?? '');
  expect(differences(expected.baseline, renamed(baseline, names))).toEqual([]);
});

test('the rollback goes through its states at the times worked out', async () => {
  const { site, names } = told;
  const { store } = site.daemon.app;
  const rollbacks = await store.rollbacks({ model: MODEL });
  expect(rollbacks).toHaveLength(1);
  expect(differences(expected.rollback, renamed(rollbacks[0], names))).toEqual([]);
  expect(sha256(canonical(rollbacks[0]?.plan))).toBe(rollbacks[0]?.planHash);
  expect(differences([expected.hold], renamed(await store.holds(MODEL), names))).toEqual([]);
});

test('the hash of the plan in the story is the one this program and this test compute', () => {
  const { plan, planHash } = expected.rollback;
  expect(hashOfPlan(plan as unknown as RollbackPlan)).toBe(planHash);
  expect(sha256(canonical(plan))).toBe(planHash);
});

test('two requests change something, both as worked out and sent by the actor; the reader reads', async () => {
  const { outside } = told;
  expect(outside.writes).toEqual(expected.writes);
  expect([...outside.readers]).toEqual(['reader']);
});

test('the case is opened for the owner, told, and closed after two quiet windows', async () => {
  const { site, names } = told;
  const cases = await site.daemon.app.store.exceptions({ model: MODEL });
  expect(cases).toHaveLength(1);
  expect(differences(expected.exceptionResolved, renamed(cases[0], names))).toEqual([]);
});

test('the desk is told what was worked out, each change signed and under a key of its own', async () => {
  const { outside, names } = told;
  const wanted = expected.webhooks.map(({ at, about, body }) => ({ at, about, body: withoutKey(body) }));
  expect(
    missingInOrder(
      wanted,
      outside.deliveries.map((one) => asWebhook(one, names)),
      webhookKey,
    ),
  ).toEqual([]);
  const keys = outside.deliveries.map(({ headers }) => headers['idempotency-key']);
  expect(new Set(keys).size).toBe(keys.length);
  for (const { at, headers, text } of outside.deliveries) {
    const timestamp = headers['x-driftwarden-timestamp'];
    expect(timestamp).toBe(String(Math.floor(Date.parse(at) / 1000)));
    const mac = createHmac('sha256', given.desk.secret).update(`${timestamp}.${text}`).digest('hex');
    expect(headers['x-driftwarden-signature']).toBe(`sha256=${mac}`);
    expect((JSON.parse(text) as Webhook['body']).key).toBe(headers['idempotency-key']);
  }
});

/** A delivery in the form of the story; what it is about is found in its text. */
function asWebhook({ at, text }: Delivery, names: Told['names']): Fields {
  const body = renamed(JSON.parse(text) as Webhook['body'], names);
  const subjects = expected.webhooks
    .filter(({ body: { action } }) => action === 'update')
    .map(({ about }) => about);
  const subject = subjects.find((about) => body.text.includes(about)) ?? 'something else';
  return { at, about: body.action === 'update' ? subject : body.action, body: withoutKey(body) };
}

/** Keys are the program's own; that each is one of its kind is looked at apart. */
function withoutKey(body: Webhook['body']): Fields {
  return Object.fromEntries(Object.entries(body).filter(([field]) => field !== 'key'));
}

function webhookKey({ about }: Fields): string {
  return String(about);
}

test('the audit chain tells the whole story in the order worked out, and holds', async () => {
  const { site, names } = told;
  const records = await auditOf(site);
  expect(faultOfChain(records)).toBeNull();
  const entries = renamed(records, names).map(entryOf);
  const wanted = expected.audit
    .map(entryOf)
    .filter(({ kind }) => !['genesis', 'config'].includes(String(kind)));
  expect(missingInOrder(wanted, entries, entryKey)).toEqual([]);
  const states = entries.filter(({ kind }) => kind === 'rollback');
  expect(states).toHaveLength(expected.rollback.history.length);
});

function entryOf({ kind, time, body }: ChainRecord): Fields {
  return { kind, time, body };
}

/** Which record of its kind this is; what else it says is compared. */
function entryKey({ kind, body }: Fields): string {
  const fields = body as Fields;
  const which = { evaluation: ['evaluation'], verdict: ['evaluation', 'check', 'version'] }[String(kind)];
  return [kind, ...(which ?? ['state', 'action']).map((field) => fields[field])].join(' ');
}

type Moment = keyof typeof expected.metrics;
const moments = Object.keys(expected.metrics) as readonly Moment[];

test.each(moments)('/metrics shows what was worked out: %s', (moment) => {
  expect(missingSamples(expected.metrics[moment], told.scrapes[moment])).toEqual([]);
});

test('/metrics has no deadline once the alias is verified, and no due date once the case is closed', () => {
  const { whileDwelling, afterwards } = told.scrapes;
  const names = (samples: Samples): string => [...samples.keys()].join('\n');
  expect(names(whileDwelling)).not.toContain('rollback_deadline_timestamp_seconds');
  expect(names(afterwards)).not.toContain('exception_earliest_due_timestamp_seconds');
});
