import { writeFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Daemon } from '../../src/daemon.ts';
import { startDesk } from './support/desk.ts';
import { crowd, HOUR } from './support/people.ts';
import { BAD, badDay, DAY, GOOD } from './support/rig.ts';
import { type Site, siteWithTraining } from './support/site.ts';

/** One day after the other; answers what the desk took of each. */
async function live(
  site: Site,
  daemon: Daemon,
  moods: readonly (typeof GOOD | typeof BAD | null)[],
): Promise<string[][]> {
  const told: string[][] = [];
  for (const mood of moods) {
    const before = site.desk.taken().length;
    if (mood !== null) {
      const start = Math.floor(site.domain.now() / DAY) * DAY - DAY;
      await site.day(
        'credit',
        Math.round((Date.UTC(2026, 2, 10) - start) / DAY),
        crowd({ ...mood, seed: (start / DAY) % 1000 }),
      );
    }
    await daemon.wake();
    told.push(
      site.desk
        .taken()
        .slice(before)
        .map(({ body }) => body.action),
    );
    site.domain.advance(DAY);
  }
  return told;
}

interface Listed {
  readonly id: string;
  readonly model: string;
  readonly cause: string;
  readonly severity: string;
  readonly state: string;
  readonly owner: string;
  readonly openedAt: string;
  readonly dueAt: string;
  readonly ticket: { readonly desk: string; readonly key: string; readonly url: string | null } | null;
}

async function list(site: Site, ...more: string[]): Promise<readonly Listed[]> {
  return ((await site.run('exceptions', 'list', '--json', ...more)).json() as { exceptions: Listed[] })
    .exceptions;
}

describe('a case', () => {
  test('opens once per model and cause, resolves after two quiet windows, unknown ones do not count, reopens', async () => {
    const site = await siteWithTraining();
    const daemon = await site.start();
    expect(await live(site, daemon, [BAD, BAD, GOOD, null, GOOD, BAD])).toEqual([
      ['open'],
      [],
      [],
      [],
      ['resolve'],
      ['reopen'],
    ]);
    const all = await list(site, '--all');
    expect(all).toHaveLength(1);
    expect(all[0]).toEqual({
      id: expect.stringMatching(/^ex-/),
      model: 'credit',
      cause: 'prediction',
      severity: 'high',
      state: 'reopened',
      owner: 'risk',
      openedAt: '2026-03-10T02:00:00.000Z',
      dueAt: '2026-03-13T02:00:00.000Z',
      ticket: { desk: 'desk', key: 'CASE-1', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1/) },
    });
    const deliveries = site.desk.taken();
    expect(new Set(deliveries.map(({ body }) => body.exception['id']))).toEqual(new Set([all[0]?.id]));
    expect(new Set(deliveries.map(({ key }) => key)).size).toBe(deliveries.length);
    for (const { key, body, signed } of deliveries) {
      expect(signed).toBe(true);
      expect(body.key).toBe(key);
      expect(Object.keys(body).sort()).toEqual(['action', 'exception', 'key', 'links', 'text', 'title']);
      expect(body.title).toBe('credit: prediction in breach of version 2');
      expect(body.text).toContain('PSI of score');
    }
  });

  test('two days quiet in a row resolve, one day quiet and a breach do not', async () => {
    const site = await siteWithTraining();
    const daemon = await site.start();
    expect(await live(site, daemon, [BAD, GOOD, BAD, GOOD, GOOD])).toEqual([
      ['open'],
      [],
      [],
      [],
      ['resolve'],
    ]);
    expect(await list(site)).toEqual([]);
  });

  test('that comes back after more than a week is a new one', async () => {
    const site = await siteWithTraining();
    const daemon = await site.start();
    const quiet = Array.from({ length: 8 }, () => GOOD);
    const told = await live(site, daemon, [BAD, GOOD, GOOD, ...quiet, BAD]);
    expect(told.at(-1)).toEqual(['open']);
    expect(await list(site, '--all')).toHaveLength(2);
    expect((await list(site))[0]?.ticket?.key).toBe('CASE-2');
  });

  test('several causes of one window are one case, the others stand in it', async () => {
    const site = await siteWithTraining();
    const daemon = await site.start();
    await site.day('credit', 1, crowd({ ...BAD, seed: 5, incomeShift: 2 }));
    await daemon.wake();
    expect(site.desk.taken()).toHaveLength(1);
    const [delivery] = site.desk.taken();
    expect(delivery?.body.text).toContain('Also drift: PSI of income');
    const exceptions = await daemon.app.store.exceptions({});
    expect(exceptions).toMatchObject([{ cause: 'prediction', subCauses: ['drift'] }]);
    const metrics = await (await fetch(`${daemon.url}/metrics`)).text();
    expect(metrics).toContain('driftwarden_exceptions_opened_total{model="credit",cause="prediction"} 1');
    expect(metrics).toContain('driftwarden_exceptions_open{model="credit",severity="high"} 1');
    expect(metrics).toContain('driftwarden_tickets_open{model="credit",desk="desk"} 1');
  });

  test('unknown for longer than allowed is a case of its own, and it ends when the verdict is known', async () => {
    const site = await siteWithTraining({ model: { unknownAfter: '36h' } });
    const daemon = await site.start();
    await site.write(
      'credit_payload',
      {
        event_time: 'TIMESTAMP',
        request_id: 'VARCHAR',
        model_version: 'VARCHAR',
        income: 'DOUBLE',
        purpose: 'VARCHAR',
        score: 'DOUBLE',
      },
      [],
    );
    expect(await live(site, daemon, [null, null, null, GOOD, GOOD])).toEqual([
      [],
      [],
      ['open'],
      [],
      ['resolve'],
    ]);
    expect((await list(site, '--all'))[0]).toMatchObject({ cause: 'unknown', severity: 'medium' });
  });
});

describe('the owner', () => {
  test.each([
    {
      where: 'the configuration',
      model: {},
      product: { tags: { owner: 'somebody' } },
      owner: 'risk',
      causes: [],
    },
    {
      where: 'the registry tag',
      model: { owner: undefined },
      product: { tags: { owner: 'kim@bank.example', risk_tier: 'low' } },
      owner: 'kim@bank.example',
      causes: [],
    },
    {
      where: 'nobody: the default, and a case that says so',
      model: { owner: undefined },
      product: {},
      owner: 'default',
      causes: ['owner'],
    },
  ])('comes from $where', async ({ model, product, owner, causes }) => {
    const site = await siteWithTraining({ products: [{ name: 'credit', ...product }], model });
    await badDay(site);
    const daemon = await site.start();
    await daemon.wake();
    const cases = await list(site);
    expect(cases.map(({ cause }) => cause).sort()).toEqual([...causes, 'prediction']);
    expect(new Set(cases.map((one) => one.owner))).toEqual(new Set([owner]));
    const due = cases.find(({ cause }) => cause === 'prediction')?.dueAt;
    expect(due).toBe(owner === 'kim@bank.example' ? '2026-03-22T02:00:00.000Z' : '2026-03-13T02:00:00.000Z');
    const metrics = await (await fetch(`${daemon.url}/metrics`)).text();
    expect(metrics).toContain(`driftwarden_owner_resolved{model="credit"} ${causes.length === 0 ? 1 : 0}`);
  });

  test('whose tag cannot be read is not unknown for that: no case is opened on an outage of the registry', async () => {
    const site = await siteWithTraining({
      products: [{ name: 'credit', tags: { owner: 'risk' } }],
      model: { owner: undefined },
    });
    await site.day('credit', 1, crowd({ ...GOOD, seed: 5 }));
    const daemon = await site.start();
    site.workspace.fault({
      match: { path: /unity-catalog|mlflow/ },
      trouble: { kind: 'status', status: 503 },
      times: 1e6,
    });
    await daemon.wake();
    expect(await list(site)).toEqual([]);
  });
});

describe('the desk', () => {
  test.each(['reset', 500, 'lost'] as const)(
    'that answers %s for a while is told again under the same key, in order',
    async (how) => {
      const site = await siteWithTraining();
      const daemon = await site.start();
      site.desk.behave(how);
      await live(site, daemon, [BAD]);
      await live(site, daemon, [GOOD, GOOD]);
      for (let tries = 0; tries < 4; tries += 1) {
        site.wall.advance(3_600_000);
        await daemon.drive();
      }
      const metrics = await (await fetch(`${daemon.url}/metrics`)).text();
      expect(metrics).toMatch(/^driftwarden_outbox_items\{desk="desk"\} 2$/m);
      expect(metrics).not.toMatch(/^driftwarden_ticket_delivery_failures_total\{desk="desk"\} 0$/m);
      site.desk.behave('take');
      site.wall.advance(3_600_000);
      await daemon.drive();
      const keys = site.desk.deliveries.map(({ key, body }) => `${body.action} ${key}`);
      expect(new Set(keys).size).toBe(2);
      expect(
        site.desk.deliveries.slice(-2).map(({ body, answered }) => `${body.action} ${answered}`),
      ).toEqual(['open 201', 'resolve 201']);
      expect(await daemon.app.store.waiting()).toEqual([]);
      const records = await daemon.app.store.auditFrom(1, 1000);
      const told = records
        .filter(({ kind }) => kind === 'ticket')
        .map(({ body }) => [body['action'], body['outcome']]);
      expect(told).toEqual([
        ['open', 'failed'],
        ['open', 'delivered'],
        ['resolve', 'delivered'],
      ]);
      expect((await list(site, '--all'))[0]?.ticket?.key).toBe('CASE-1');
    },
  );

  test('that is down is asked once a round however many cases wait', async () => {
    const products = ['a', 'b', 'c'].map((name) => ({ name }));
    const site = await siteWithTraining({ products });
    const daemon = await site.start();
    site.desk.behave('reset');
    for (const { name } of products) await badDay(site, name);
    await daemon.wake();
    expect(site.desk.deliveries).toHaveLength(1);
    site.desk.behave('take');
    site.wall.advance(60_000);
    await daemon.drive();
    expect(new Set(site.desk.taken().map(({ body }) => body.exception['model']))).toEqual(
      new Set(['a', 'b', 'c']),
    );
  });
});

describe('a case that nobody acknowledges', () => {
  test('is escalated once, also past a desk that is down, and the pager hears its end', async () => {
    const pager = await startDesk();
    onTestFinished(() => pager.close());
    const site = await siteWithTraining();
    writeFileSync(`${site.folder}/secrets/pager`, pager.secret);
    const desk = (url: string, file: string) => ({
      kind: 'webhook',
      url,
      secret: { file: `secrets/${file}` },
    });
    site.configure({
      config: {
        ticketDesks: { desk: desk(site.desk.url, 'desk'), pager: desk(pager.url, 'pager') },
        owners: {
          risk: { ticketDesk: 'desk', escalateTo: 'head', escalateAfter: '4h' },
          head: { email: 'head@bank.example', ticketDesk: 'pager' },
          default: { ticketDesk: 'desk' },
        },
      },
    });
    const daemon = await site.start();
    await badDay(site);
    site.desk.behave(503);
    await daemon.wake();
    site.domain.advance(4 * HOUR - 1);
    await daemon.drive();
    expect(pager.taken()).toHaveLength(0);
    site.domain.advance(1);
    for (let beat = 0; beat < 3; beat += 1) await daemon.drive();
    expect(site.desk.taken()).toHaveLength(0);
    expect(pager.taken()).toMatchObject([
      {
        signed: true,
        body: { action: 'escalate', exception: { owner: 'risk', escalations: [{ to: 'head' }] } },
      },
    ]);
    const [{ id, ticket } = { id: '', ticket: null }] = await list(site);
    expect(ticket).toBeNull();
    site.desk.behave('take');
    site.wall.advance(60_000);
    await daemon.drive();
    expect((await list(site))[0]?.ticket).toMatchObject({ desk: 'desk' });
    expect((await site.run('exceptions', 'resolve', id, '--by', 'ana', '--reason', 'mended')).code).toBe(0);
    await daemon.drive();
    expect(pager.taken().map(({ body }) => body.action)).toEqual(['escalate', 'resolve']);
    expect(site.desk.taken().map(({ body }) => body.action)).toEqual(['open', 'resolve']);
  });
});

describe.each([true, false])('a person says something, beside a daemon: %s', (beside) => {
  test('ack, accept-risk, resolve: recorded as claimed, told to the desk, refused where it makes no sense', async () => {
    const site = await siteWithTraining();
    await badDay(site);
    expect((await site.run('evaluate', 'credit', '--act')).code).toBe(2);
    const daemon = beside ? await site.start() : null;
    const [{ id } = { id: '' }] = await list(site);
    const say = async (...words: string[]) => {
      const answer = await site.run('exceptions', ...words, '--by', 'ana', '--json');
      await daemon?.drive();
      return answer;
    };
    const acked = await say('ack', id, '--reason', 'looking');
    expect([acked.code, acked.stderr]).toEqual([0, '']);
    expect(acked.json()).toMatchObject({ exception: { id, state: 'acknowledged' } });
    expect((await say('ack', id, '--reason', 'again')).code).toBe(2);
    expect((await say('accept-risk', id, '--until', '2026-03-01T00:00:00Z', '--reason', 'small')).code).toBe(
      2,
    );
    const accepted = await say('accept-risk', id, '--until', '2026-03-12T00:00:00Z', '--reason', 'small');
    expect(accepted.json()).toMatchObject({
      exception: { state: 'risk_accepted', riskAcceptedUntil: '2026-03-12T00:00:00.000Z' },
    });
    const resolved = await say('resolve', id, '--reason', 'fixed');
    expect(resolved.json()).toMatchObject({ exception: { state: 'resolved' } });
    expect((await say('resolve', id, '--reason', 'twice')).code).toBe(2);
    expect((await say('resolve', 'ex-none', '--reason', 'x')).code).toBe(4);
    expect((await site.run('exceptions', 'ack', id, '--reason', 'nobody')).code).toBe(4);
    expect(site.desk.taken().map(({ body }) => body.action)).toEqual(['open', 'update', 'update', 'resolve']);
    expect(site.desk.taken()[1]?.body.text).toBe('ana: looking');

    const file = `${site.folder}/audit.jsonl`;
    expect((await site.run('audit', 'export', '--out', file)).code).toBe(0);
    expect((await site.run('exceptions', 'show', id)).stdout).toContain('ana: fixed');
    const shown = (await site.run('exceptions', 'show', id, '--json')).json() as {
      exception: { history: { state: string }[] };
    };
    expect(shown.exception.history.map(({ state }) => state)).toEqual([
      'open',
      'acknowledged',
      'risk_accepted',
      'resolved',
    ]);
  });

  test('an accepted risk rests until its date and comes back after it', async () => {
    const site = await siteWithTraining();
    await badDay(site);
    await site.run('evaluate', 'credit', '--act');
    const daemon = await site.start();
    const [{ id } = { id: '' }] = await list(site);
    await site.run(
      'exceptions',
      'accept-risk',
      id,
      '--until',
      '2026-03-12T00:00:00Z',
      '--reason',
      'small',
      '--by',
      'ana',
    );
    site.domain.advance(DAY);
    expect(await live(site, daemon, [BAD, BAD])).toEqual([['update'], ['reopen']]);
    expect(beside).toBeTypeOf('boolean');
  });
});
