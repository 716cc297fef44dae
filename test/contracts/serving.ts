import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Endpoint, Serving } from '../../src/serving/serving.ts';
import { expectFailure } from '../support/fails.ts';

export interface SeededEntity {
  readonly name: string;
  readonly version: string;
  readonly percentage: number;
  readonly asleep?: boolean;
}

export interface ServingFixture {
  readonly serving: Serving;
  /** Makes a ready endpoint, no update running, under a name that nobody had before, and answers the name. */
  createEndpoint(entities: readonly SeededEntity[]): Promise<string>;
  /** Somebody else starts an update that runs until `settle`. */
  startUpdate(endpoint: string): Promise<void>;
  /** Lets a running update end well. */
  settle(endpoint: string): Promise<void>;
  close(): Promise<void>;
}

const TWO: readonly SeededEntity[] = [
  { name: 'credit-1', version: '1', percentage: 0 },
  { name: 'credit-2', version: '2', percentage: 100 },
];

/** What every serving system must do, whatever stands behind it. One fixture serves all tests. */
export function describeServing(name: string, make: () => Promise<ServingFixture>): void {
  describe(`serving contract: ${name}`, () => {
    let fixture: ServingFixture;
    beforeAll(async () => {
      fixture = await make();
    });
    afterAll(async () => {
      await fixture?.close();
    });

    it('tells entities, versions and percentages of an endpoint', async () => {
      const endpoint = await fixture.createEndpoint(TWO);
      const found = await fixture.serving.endpoint(endpoint);
      expect(found).toMatchObject({ name: endpoint, ready: true, update: 'none', pending: false });
      expect(found.configVersion).toBeTypeOf('number');
      expect(found.routes).toEqual({ 'credit-1': 0, 'credit-2': 100 });
      expect(versions(found)).toEqual({ 'credit-1': '1', 'credit-2': '2' });
      expect(found.entities.map(({ ready, warm }) => ({ ready, warm }))).toEqual([
        { ready: true, warm: true },
        { ready: true, warm: true },
      ]);
    });

    it('tells an entity that is scaled to zero as ready and not warm', async () => {
      const endpoint = await fixture.createEndpoint([
        { name: 'credit-1', version: '1', percentage: 0, asleep: true },
        { name: 'credit-2', version: '2', percentage: 100 },
      ]);
      const { entities } = await fixture.serving.endpoint(endpoint);
      expect(entities.map(({ ready, warm }) => ({ ready, warm }))).toEqual([
        { ready: true, warm: false },
        { ready: true, warm: true },
      ]);
    });

    it('throws not_found, with the name, for an endpoint that does not exist', async () => {
      const error = await expectFailure(fixture.serving.endpoint('no-such-endpoint'), 'not_found');
      expect(error.message).toContain('no-such-endpoint');
    });

    it('moves the traffic and keeps the entities', async () => {
      const { serving } = fixture;
      const name = await fixture.createEndpoint(TWO);
      const before = await serving.endpoint(name);
      await serving.shift(before, { 'credit-1': 100, 'credit-2': 0 });
      await fixture.settle(name);
      const after = await serving.endpoint(name);
      expect(after).toMatchObject({ ready: true, update: 'none', pending: false });
      expect(after.routes).toEqual({ 'credit-1': 100, 'credit-2': 0 });
      expect(versions(after)).toEqual(versions(before));
      expect(after.configVersion).toBe((before.configVersion ?? 0) + 1);
    });

    it('deploys an entity like another one, and moves the traffic to it', async () => {
      const { serving } = fixture;
      const name = await fixture.createEndpoint([{ name: 'credit-2', version: '2', percentage: 100 }]);
      const before = await serving.endpoint(name);
      const adds = { name: 'credit-1', version: '1', like: 'credit-2' };
      await serving.shift(before, { 'credit-1': 100, 'credit-2': 0 }, { adds });
      await fixture.settle(name);
      const after = await serving.endpoint(name);
      expect(after.routes).toEqual({ 'credit-1': 100, 'credit-2': 0 });
      expect(versions(after)).toEqual({ 'credit-1': '1', 'credit-2': '2' });
    });

    it.each([
      ['that is there already', { name: 'credit-1', version: '3', like: 'credit-2' }],
      ['like one that is not', { name: 'credit-3', version: '3', like: 'credit-4' }],
    ])('refuses to deploy an entity %s, and sends nothing', async (_what, adds) => {
      const { serving } = fixture;
      const name = await fixture.createEndpoint(TWO);
      const before = await serving.endpoint(name);
      await expectFailure(serving.shift(before, { [adds.name]: 100 }, { adds }), 'rejected');
      expect((await serving.endpoint(name)).configVersion).toBe(before.configVersion);
    });

    it('takes an entity that is not named as one without traffic', async () => {
      const { serving } = fixture;
      const name = await fixture.createEndpoint(TWO);
      await serving.shift(await serving.endpoint(name), { 'credit-1': 100 });
      await fixture.settle(name);
      expect((await serving.endpoint(name)).routes).toEqual({ 'credit-1': 100, 'credit-2': 0 });
    });

    it('shows a running update, and refuses another one as a conflict', async () => {
      const { serving } = fixture;
      const name = await fixture.createEndpoint(TWO);
      const before = await serving.endpoint(name);
      await fixture.startUpdate(name);
      expect((await serving.endpoint(name)).update).toBe('in_progress');
      await expectFailure(serving.shift(before, { 'credit-1': 100, 'credit-2': 0 }), 'conflict');
      await fixture.settle(name);
      const after = await serving.endpoint(name);
      expect(after.update).toBe('none');
      expect(after.routes).toEqual({ 'credit-1': 0, 'credit-2': 100 });
    });

    const wrong: readonly (readonly [string, { readonly [entity: string]: number }])[] = [
      ['99 in all', { 'credit-1': 99, 'credit-2': 0 }],
      ['101 in all', { 'credit-1': 100, 'credit-2': 1 }],
      ['a fraction', { 'credit-1': 99.5, 'credit-2': 0.5 }],
      ['less than nothing', { 'credit-1': 101, 'credit-2': -1 }],
      ['a stranger', { 'credit-3': 100 }],
      ['nobody', {}],
    ];
    it.each(wrong)('refuses percentages with %s, and sends nothing', async (_what, routes) => {
      const { serving } = fixture;
      const name = await fixture.createEndpoint(TWO);
      const before = await serving.endpoint(name);
      await expectFailure(serving.shift(before, routes), 'rejected');
      expect((await serving.endpoint(name)).configVersion).toBe(before.configVersion);
    });
  });
}

function versions(endpoint: Endpoint): { [entity: string]: string } {
  return Object.fromEntries(endpoint.entities.map((entity) => [entity.name, entity.version]));
}
