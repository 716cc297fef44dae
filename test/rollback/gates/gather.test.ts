import { describe, expect, test } from 'vitest';
import type { Baseline } from '../../../src/baseline/bins.ts';
import type { FreezeConfig, ModelConfig } from '../../../src/config/config.ts';
import type { OwnerStanding } from '../../../src/identity/directory.ts';
import type { Verdict } from '../../../src/judge/verdict.ts';
import {
  baselineInUse,
  evidenceFrom,
  evidenceOf,
  maxEvidenceAge,
  verdictOfTarget,
} from '../../../src/rollback/gates/evidence.ts';
import { type GateQuestion, type GateSources, gatherFacts } from '../../../src/rollback/gates/gather.ts';
import type { Rollback } from '../../../src/rollback/rollback.ts';
import type { Silence } from '../../../src/rollback/silence.ts';
import type { Seen, WorldView } from '../../../src/rollback/world.ts';
import type { Endpoint } from '../../../src/serving/serving.ts';
import type { Hold } from '../../../src/store/store.ts';
import { baselineOf, evaluationOf, holdOf, policy } from '../../contracts/store-records.ts';
import {
  aModel,
  anEndpoint,
  aRollback,
  aVersion,
  aView,
  DAY,
  HOUR,
  iso,
  MINUTE,
  seen,
  T0,
  unseen,
} from '../support.ts';

function sources(parts: {
  rollbacks?: readonly Rollback[];
  holds?: readonly Hold[];
  baselines?: readonly Baseline[];
  inBreach?: readonly string[];
  freezes?: readonly FreezeConfig[];
  tables?: { readonly [model: string]: string };
  silence?: Silence;
  standing?: (name: string) => Promise<OwnerStanding>;
}): GateSources {
  return {
    store: {
      rollbacks: async () => parts.rollbacks ?? [],
      holds: async () => parts.holds ?? [],
      baselines: async () => parts.baselines ?? [],
    },
    actions: { killSwitch: null, maxRollbacksPerHour: 3, maxShareOfModels: 0.1 },
    breaching: async () => ({
      models: 10,
      inBreach: new Set(parts.inBreach ?? []),
      tables: new Map(Object.entries(parts.tables ?? {})),
    }),
    silence: async () => parts.silence ?? null,
    standing: parts.standing ?? (async () => 'active'),
    freezes: parts.freezes ?? [],
    killSwitch: () => false,
  };
}

function question(fields: Partial<GateQuestion> = {}): GateQuestion {
  return {
    model: aModel(),
    trigger: 'automatic',
    view: aView(),
    evidence: {
      windowEnd: T0 - HOUR,
      baseline: { id: 'b1', state: 'approved' },
      targetVerdict: null,
      data: null,
    },
    requestedBy: 'driftwarden',
    rollback: null,
    now: T0,
    ...fields,
  };
}

const wrote = {
  wrote: true,
  history: [{ at: iso(T0 - MINUTE), state: 'shifting_traffic', why: '' }],
} as const;

describe('the facts of the gates', () => {
  test('come from configuration, view and evidence', async () => {
    expect(await gatherFacts(question(), sources({}))).toMatchObject({
      mode: 'auto',
      cooldown: DAY,
      from: '7',
      target: { version: '6' },
      plannedTarget: null,
      pointless: null,
      targetState: { fit: true },
      evidence: { windowEnd: T0 - HOUR, maxAge: DAY + HOUR },
      baseline: { id: 'b1', state: 'approved' },
      modelsInBreach: 1,
      models: 10,
    });
  });

  test('a change freeze counts as of the time of the question', async () => {
    const freezes = [{ cron: '0 9 * * *', duration: HOUR, timezone: 'UTC', reason: null }];
    const freeze = async (now: number) =>
      (await gatherFacts(question({ now }), sources({ freezes }))).freeze?.until ?? null;
    expect(await freeze(T0 - 1)).toBe(T0);
    expect(await freeze(T0)).toBeNull();
    expect(await freeze(T0 + 23 * HOUR)).toBe(T0 + DAY);
  });

  test('models that read the same table are told apart from the others', async () => {
    const tables = {
      credit_pd: 'main.risk.credit_scores',
      b: 'main.risk.credit_scores',
      c: 'main.risk.other',
    };
    const feed = async (trigger: 'automatic' | 'manual', inBreach: readonly string[]) =>
      (await gatherFacts(question({ trigger }), sources({ tables, inBreach }))).feed;
    const table = 'main.risk.credit_scores';
    expect(await feed('manual', ['b', 'c'])).toEqual({ table, models: 2, inBreach: 1 });
    expect(await feed('automatic', ['b', 'c'])).toEqual({ table, models: 2, inBreach: 2 });
  });

  test('tags are those of the target version, where the registry tells them', async () => {
    const model = aModel({ requireTags: { validation: 'approved' } });
    const tags = async (targetVersion: WorldView['targetVersion']) =>
      (await gatherFacts(question({ model, view: aView({ targetVersion }) }), sources({}))).targetTags;
    expect(await tags(seen(aVersion('6', { tags: { validation: 'approved' } })))).toEqual({
      validation: 'approved',
    });
    expect(await tags(seen(aVersion('6', { tags: null })))).toBeNull();
    expect(await tags(seen(null))).toBeNull();
    expect(await tags(unseen())).toBeNull();
    expect((await gatherFacts(question({ model }), sources({}))).requireTags).toEqual({
      validation: 'approved',
    });
  });

  test('who made the endpoint is looked up, unless no traffic is moved', async () => {
    const asked: string[] = [];
    const standing = async (name: string) => {
      asked.push(name);
      return 'inactive' as const;
    };
    const creator = async (model: ModelConfig, endpoint: Seen<Endpoint> | null = seen(anEndpoint())) =>
      (await gatherFacts(question({ model, view: aView({ endpoint }) }), sources({ standing }))).creator;
    expect(await creator(aModel())).toEqual({ name: 'mrm@bank.example', standing: 'inactive' });
    expect(asked).toEqual(['mrm@bank.example']);
    expect(await creator(aModel({ moves: ['alias'] }))).toBeNull();
    expect(await creator(aModel(), null)).toBeNull();
    expect(await creator(aModel(), unseen())).toBeNull();
    expect(await creator(aModel(), seen(anEndpoint({ creator: null })))).toBeNull();
    expect(asked).toHaveLength(1);
    const named = async (name: string) =>
      (await creator(aModel(), seen(anEndpoint({ creator: name }))))?.standing;
    expect(await named('risk team')).toBe('unknown');
    expect(await named('0f0e1111-2222-3333-4444-555566667777')).toBe('inactive');
  });

  test('the verdict on the data is that of the window, a breach first', () => {
    const data = (...verdicts: readonly Verdict[]) => {
      const record = evaluationOf('credit_pd', T0, { id: 'ev-1', verdict: 'breach' });
      const own = verdicts.map((verdict) => policy({ check: 'data', verdict, reason: `it is ${verdict}` }));
      const wish = { cause: 'prediction', from: '7', to: '6' };
      return evidenceFrom({ ...record, policy: [policy({ verdict: 'breach' }), ...own] }, wish, []).data;
    };
    expect(data('ok', 'breach')).toEqual({ verdict: 'breach', reason: 'it is breach' });
    expect(data('warn')).toEqual({ verdict: 'warn', reason: 'it is warn' });
    expect(data()).toBeNull();
  });

  test('a breach that is not committed yet is counted, once', async () => {
    const count = async (trigger: 'automatic' | 'manual', inBreach: readonly string[]) =>
      (await gatherFacts(question({ trigger }), sources({ inBreach }))).modelsInBreach;
    expect(await count('automatic', ['a'])).toBe(2);
    expect(await count('automatic', ['a', 'credit_pd'])).toBe(2);
    expect(await count('manual', ['a'])).toBe(1);
  });

  test('other rollbacks of the model count while they run, and afterwards if they wrote', async () => {
    const rollbacks = [
      aRollback({ id: 'running' }),
      aRollback({ id: 'wrote', state: 'done', endedAt: iso(T0 - HOUR), ...wrote }),
      aRollback({ id: 'never wrote', state: 'expired', endedAt: iso(T0 - HOUR) }),
      aRollback({ id: 'elsewhere', model: 'other' }),
    ];
    const { others } = await gatherFacts(question(), sources({ rollbacks }));
    expect(others).toEqual([
      { id: 'running', endedAt: null },
      { id: 'wrote', endedAt: T0 - HOUR },
    ]);
  });

  test("first writes of all models count, this one's own left out", async () => {
    const own = aRollback({ id: 'own', ...wrote });
    const rollbacks = [own, aRollback({ id: 'other', model: 'other', ...wrote }), aRollback({ id: 'none' })];
    const asked = question({ rollback: own });
    expect((await gatherFacts(asked, sources({ rollbacks }))).firstWrites).toEqual([T0 - MINUTE]);
    expect((await gatherFacts(question(), sources({ rollbacks }))).firstWrites).toHaveLength(2);
  });

  test('holds of others count, with whether the version was left', async () => {
    const own = aRollback({ id: 'own', ...wrote });
    const rollbacks = [
      own,
      aRollback({ id: 'wrote', ...wrote }),
      aRollback({ id: 'called off', state: 'cancelled' }),
    ];
    const holds = [
      holdOf('7', { rollback: 'own' }),
      holdOf('5', { rollback: 'wrote' }),
      holdOf('4', { rollback: 'called off' }),
      holdOf('3', { rollback: 'forgotten' }),
      holdOf('2', { rollback: 'wrote', releasedAt: iso(T0) }),
    ];
    expect((await gatherFacts(question({ rollback: own }), sources({ rollbacks, holds }))).holds).toEqual([
      { version: '5', rollback: 'wrote', left: true },
      { version: '4', rollback: 'called off', left: false },
      { version: '3', rollback: 'forgotten', left: true },
    ]);
  });

  test('of a committed rollback name its target and its approver', async () => {
    const approval = { by: 'ann', identity: 'verified', at: iso(T0) } as const;
    const facts = await gatherFacts(question({ rollback: aRollback({ approval }) }), sources({}));
    expect(facts).toMatchObject({ plannedTarget: '6', approvedBy: 'ann', requestedBy: 'driftwarden' });
  });

  test('a wish without evidence is held to the baseline in use', async () => {
    const baselines = [baselineOf('b2', { state: 'draft' })];
    const facts = await gatherFacts(question({ evidence: null }), sources({ baselines }));
    expect(facts).toMatchObject({
      evidence: null,
      targetVerdict: null,
      baseline: { id: 'b2', state: 'draft' },
    });
    const none = { windowEnd: T0, baseline: null, targetVerdict: null, data: null };
    expect((await gatherFacts(question({ evidence: none }), sources({ baselines }))).baseline).toBeNull();
  });

  test('say when there is nothing left to do', async () => {
    const moved = anEndpoint({ routes: { 'pd-7': 0, 'pd-6': 100 } });
    const model = aModel({ moves: ['traffic'] });
    const facts = await gatherFacts(question({ model, view: aView({ endpoint: seen(moved) }) }), sources({}));
    expect(facts.pointless).toBe(
      'version 6 already takes all the traffic of endpoint credit-pd, and rollback.moves is traffic: the alias is not to be moved',
    );
  });
});

describe('how old evidence may be', () => {
  const days = (window: ReturnType<typeof aModel>['window'], mode: 'auto' | 'approve' = 'auto') =>
    maxEvidenceAge(aModel({ mode }, { window, lateness: 0 })) / DAY;
  test('one window and its lateness, and the time to approve where one is given', () => {
    expect(days({ kind: 'fixed', milliseconds: DAY })).toBe(1);
    expect(days({ kind: 'calendar', unit: 'month' })).toBe(31);
    expect(days({ kind: 'calendar', unit: 'quarter' })).toBe(92);
    expect(days({ kind: 'fixed', milliseconds: DAY }, 'approve')).toBe(1 + 4 / 24);
    expect(maxEvidenceAge(aModel())).toBe(DAY + HOUR);
  });
});

describe('the verdict of the target', () => {
  const own = [
    policy({ check: 'prediction', version: '7', verdict: 'breach' }),
    policy({ check: 'prediction', version: '6', verdict: 'ok' }),
    policy({ check: 'drift', version: 'all', verdict: 'breach' }),
  ];
  const whole = [policy({ check: 'prediction', version: 'all', verdict: 'breach' })];

  test.each([
    ['its own rows', own, 'prediction', '6', 'ok'],
    ['none of its own', own, 'prediction', '5', null],
    ['shared, where the inputs are judged', own, 'drift', '6', 'breach'],
    ['not shared, where the answers are judged', whole, 'prediction', '6', null],
    ['no target', own, 'prediction', null, null],
    ['no such check', own, 'data', '6', null],
  ] as const)('%s', (...[, verdicts, cause, target, expected]) => {
    expect(verdictOfTarget(verdicts, cause, target)).toBe(expected);
  });
});

describe('the baseline', () => {
  test('in use is the approved one, else the newest draft, never a retired one', () => {
    const draft = baselineOf('draft', { frozenAt: '2026-03-03T00:00:00.000Z' });
    const older = baselineOf('older', { frozenAt: '2026-03-02T00:00:00.000Z' });
    const approved = baselineOf('approved', { state: 'approved' });
    const retired = baselineOf('retired', { state: 'retired' });
    const own = baselineOf('own', { content: { ...draft.content, version: '7' } });
    expect(baselineInUse([older, retired, own, draft])).toEqual({ id: 'draft', state: 'draft' });
    expect(baselineInUse([draft, approved])).toEqual({ id: 'approved', state: 'approved' });
    expect(baselineInUse([retired, own])).toBeNull();
  });

  const main = baselineOf('b1', { state: 'approved' });
  const column = main.content.columns[0];
  if (column === undefined) throw new Error('the baseline has a column');
  const naming = (version: string) => ({
    ...main,
    content: { ...main.content, predictions: [{ version, rows: 3, column }] },
  });
  const own = baselineOf('own', { content: { ...main.content, version: '7' } });
  const evaluation = evaluationOf('credit_pd', T0, { id: 'ev-1' });

  test.each([
    ['drift', 'the one of all rows', [main, own], 'b1'],
    ['prediction', 'the one that names the version', [naming('7'), own], 'b1'],
    ['prediction', 'the one that knows no versions', [naming('all'), own], 'b1'],
    ['prediction', "the version's own", [naming('6'), own], 'own'],
    [
      'prediction',
      'the newest of its own, not a retired one',
      [main, { ...own, id: 'old', state: 'retired' }, own],
      'own',
    ],
    ['prediction', 'none', [main], null],
  ] as const)('behind %s: %s', (...[cause, , baselines, expected]) => {
    const { baseline } = evidenceFrom(evaluation, { cause, from: '7', to: '6' }, baselines);
    expect(baseline?.id ?? null).toBe(expected);
  });

  test("behind a window after a release is the model's own, though the release has none of its own", () => {
    const bake = { ...evaluation, bake: { version: '7', since: iso(T0) } };
    const wish = { cause: 'prediction', from: '7', to: '6' };
    expect(evidenceFrom(bake, wish, [naming('6')]).baseline).toEqual({ id: 'b1', state: 'approved' });
    expect(evidenceFrom(bake, wish, []).baseline).toBeNull();
  });

  test('behind a committed rollback is the one of its evaluation, as it stands now', async () => {
    const store = {
      evaluation: async (id: string) =>
        id === 'ev-1' ? { record: evaluation, hash: '', endedAt: iso(T0) } : null,
      baselines: async () => [naming('7')],
    };
    expect(await evidenceOf(aRollback({ evaluation: 'ev-1' }), store)).toEqual({
      windowEnd: T0,
      baseline: { id: 'b1', state: 'approved' },
      data: null,
      targetVerdict: null,
    });
    expect(await evidenceOf(aRollback({ evaluation: null }), store)).toBeNull();
    expect(await evidenceOf(aRollback({ evaluation: 'ev-2' }), store)).toBeNull();
  });
});
