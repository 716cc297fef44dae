import { beforeAll, describe, expect, it } from 'vitest';
import { type Changes, MOST_CHANGES, type Resource } from '../../src/warehouse/changes.ts';

/** A row of the audit log, as far as it is read. */
export interface AuditEvent {
  readonly at: string;
  readonly workspace: string;
  readonly actor: string | null;
  readonly service: string;
  readonly action: string;
  readonly params: { readonly [key: string]: string };
  readonly status: number;
}

/** Name under which the log knows driftwarden itself. */
export const ITSELF = '77AA-actor';

const ENDPOINT: Resource = { kind: 'endpoint', name: 'credit-pd' };
const ALIAS: Resource = { kind: 'alias', model: 'main.risk.credit_pd', alias: 'champion' };
const UPDATE = {
  workspace: '4711',
  service: 'serverlessRealTimeInference',
  action: 'updateServingEndpoint',
  params: { name: 'credit-pd', traffic_config: '{"routes":[]}' },
  status: 200,
};
const SET = {
  workspace: '4711',
  service: 'unityCatalog',
  action: 'setRegisteredModelAlias',
  params: { full_name_arg: 'main.risk.credit_pd', alias_arg: 'champion', version_num: '7' },
  status: 200,
};

/** Everything that any question of the suite is about, in one log: a day before midnight and a day after it. */
export const EVENTS: readonly AuditEvent[] = [
  { ...UPDATE, at: '2026-11-23T23:59:59.900Z', actor: 'ann@bank.example' },
  { ...SET, at: '2026-11-24T00:00:00.000Z', actor: 'bob@bank.example' },
  { ...UPDATE, at: '2026-11-24T00:00:00.250Z', actor: 'CI-app', service: 'modelServing' },
  // Not these: refused, another endpoint, another action, another alias, another model, another service, nobody, ourselves.
  { ...UPDATE, at: '2026-11-24T00:01:00.000Z', actor: 'x@bank.example', status: 403 },
  { ...UPDATE, at: '2026-11-24T00:01:00.000Z', actor: 'x@bank.example', params: { name: 'credit-pd-2' } },
  { ...UPDATE, at: '2026-11-24T00:01:00.000Z', actor: 'x@bank.example', action: 'getServingEndpoint' },
  {
    ...SET,
    at: '2026-11-24T00:01:00.000Z',
    actor: 'x@bank.example',
    params: { ...SET.params, alias_arg: 'challenger' },
  },
  {
    ...SET,
    at: '2026-11-24T00:01:00.000Z',
    actor: 'x@bank.example',
    params: { ...SET.params, full_name_arg: 'main.risk.other' },
  },
  { ...SET, at: '2026-11-24T00:01:00.000Z', actor: 'x@bank.example', service: 'modelRegistry' },
  { ...UPDATE, at: '2026-11-24T00:01:00.000Z', actor: null },
  { ...UPDATE, at: '2026-11-24T00:01:00.000Z', actor: ITSELF.toLowerCase() },
  // A name in three parts.
  {
    ...SET,
    at: '2026-11-24T00:02:00.000Z',
    actor: 'eve@bank.example',
    action: 'deleteRegisteredModelAlias',
    params: { catalog_name: 'main', schema_name: 'risk', name: 'credit_pd', alias: 'champion' },
  },
  // Logged twice, and in another workspace.
  { ...UPDATE, at: '2026-11-24T00:03:00.000Z', actor: 'kim@bank.example' },
  { ...UPDATE, at: '2026-11-24T00:03:00.000Z', actor: 'kim@bank.example' },
  { ...UPDATE, at: '2026-11-24T00:04:00.000Z', actor: 'lee@bank.example', workspace: '4712' },
  // An endpoint of a tool that never rests.
  ...Array.from({ length: MOST_CHANGES + 2 }, (_, place) => ({
    ...UPDATE,
    at: new Date(Date.parse('2026-11-24T06:00:00.000Z') + place * 1000).toISOString(),
    actor: 'tool',
    params: { endpoint_name: "it's" },
  })),
];

/** What everything that answers {@link Changes} has to do, on a log that holds {@link EVENTS}. */
export function describeChanges(name: string, make: () => Promise<Changes>): void {
  describe(`who changed it: ${name}`, () => {
    let changes: Changes;
    beforeAll(async () => {
      changes = await make();
    });

    async function actors(
      resources: readonly Resource[],
      from: string,
      to: string,
    ): Promise<readonly (string | null)[][]> {
      const told = await changes.told({ resources, from: Date.parse(from), to: Date.parse(to) });
      if (!told.told) throw new Error(`not told: ${told.why}`);
      return told.changes.map(({ at, actor, resource, workspace }) => [
        new Date(at).toISOString().slice(11),
        actor,
        resource.kind,
        workspace,
      ]);
    }

    it('names what took effect, newest first, across midnight, and nobody else', async () => {
      expect(await actors([ENDPOINT, ALIAS], '2026-11-23T12:00:00.000Z', '2026-11-24T00:03:00.000Z')).toEqual(
        [
          ['00:02:00.000Z', 'eve@bank.example', 'alias', '4711'],
          ['00:00:00.250Z', 'CI-app', 'endpoint', '4711'],
          ['00:00:00.000Z', 'bob@bank.example', 'alias', '4711'],
          ['23:59:59.900Z', 'ann@bank.example', 'endpoint', '4711'],
        ],
      );
    });

    it.each([
      ['2026-11-24T00:00:00.249Z', '2026-11-24T00:00:00.250Z', []],
      ['2026-11-24T00:00:00.250Z', '2026-11-24T00:00:00.251Z', ['CI-app']],
      ['2026-11-24T00:00:00.251Z', '2026-11-24T00:00:00.252Z', []],
    ])('takes the span as half-open: from %s to %s', async (from, to, expected) => {
      expect((await actors([ENDPOINT], from, to)).map(([, actor]) => actor)).toEqual(expected);
    });

    it('names only what is asked for', async () => {
      const span = ['2026-11-24T00:00:00.000Z', '2026-11-24T00:03:00.000Z'] as const;
      expect((await actors([ALIAS], ...span)).map(([, actor]) => actor)).toEqual([
        'eve@bank.example',
        'bob@bank.example',
      ]);
      expect(await actors([], ...span)).toEqual([]);
      expect(await actors([{ kind: 'endpoint', name: 'nobody' }], ...span)).toEqual([]);
    });

    it('tells a change once, and in which workspace it was', async () => {
      expect(await actors([ENDPOINT], '2026-11-24T00:03:00.000Z', '2026-11-24T00:05:00.000Z')).toEqual([
        ['00:04:00.000Z', 'lee@bank.example', 'endpoint', '4712'],
        ['00:03:00.000Z', 'kim@bank.example', 'endpoint', '4711'],
      ]);
    });

    it(`tells the newest ${MOST_CHANGES} of more`, async () => {
      const found = await actors(
        [{ kind: 'endpoint', name: "it's" }],
        '2026-11-24T05:00:00.000Z',
        '2026-11-24T07:00:00.000Z',
      );
      expect(found).toHaveLength(MOST_CHANGES);
      expect(found[0]?.[0]).toBe(`06:00:${MOST_CHANGES + 1}.000Z`);
    });
  });
}
