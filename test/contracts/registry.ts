import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Registry } from '../../src/registry/registry.ts';
import { expectFailure } from '../support/fails.ts';

type Tags = { readonly [key: string]: string };

export interface RegistryFixture {
  readonly registry: Registry;
  /** Whether this registry tells tags to this principal at all. */
  readonly tellsTags: boolean;
  /** Makes a model with READY versions 1 to `versions`, under a name that nobody had before, and answers the name. */
  createModel(model: {
    readonly versions: number;
    readonly tags?: Tags;
    readonly versionTags?: { readonly [version: string]: Tags };
  }): Promise<string>;
  /** Somebody else points an alias, past the adapter. */
  pointAlias(alias: {
    readonly model: string;
    readonly alias: string;
    readonly version: string;
  }): Promise<void>;
  close(): Promise<void>;
}

/** What every registry must do, whatever stands behind it. One fixture serves all tests. */
export function describeRegistry(name: string, make: () => Promise<RegistryFixture>): void {
  describe(`registry contract: ${name}`, () => {
    let fixture: RegistryFixture;
    beforeAll(async () => {
      fixture = await make();
    }, 120_000);
    afterAll(async () => {
      await fixture?.close();
    });
    const told = (tags: Tags): Tags | null => (fixture.tellsTags ? tags : null);

    it('tells aliases, tags and name of a model', async () => {
      const model = await fixture.createModel({
        versions: 2,
        tags: { owner: 'retail credit', risk_tier: 'high' },
      });
      await fixture.pointAlias({ model, alias: 'champion', version: '1' });
      await fixture.pointAlias({ model, alias: 'challenger', version: '2' });
      const found = await fixture.registry.model(model);
      expect(found).toMatchObject({ name: model, tags: told({ owner: 'retail credit', risk_tier: 'high' }) });
      expect(found.aliases).toEqual({ champion: '1', challenger: '2' });
    });

    it('tells a model without aliases and tags as empty, and has no alias by inheritance', async () => {
      const found = await fixture.registry.model(await fixture.createModel({ versions: 1 }));
      expect(found.aliases).toEqual({});
      expect(found.tags).toEqual(told({}));
      expect(found.aliases['constructor']).toBeUndefined();
    });

    it('throws not_found, with the name, for a model that does not exist', async () => {
      const model = await fixture.createModel({ versions: 1 });
      const error = await expectFailure(fixture.registry.model(`${model}_gone`), 'not_found');
      expect(error.message).toContain(`${model}_gone`);
    });

    it('tells a version with its status and tags', async () => {
      const versionTags = { '1': { validation: 'approved' } };
      const model = await fixture.createModel({ versions: 2, versionTags });
      const first = await fixture.registry.version(model, '1');
      expect(first).toEqual({ version: '1', ready: true, status: 'READY', tags: told(versionTags['1']) });
      expect(await fixture.registry.version(model, '2')).toMatchObject({ version: '2', tags: told({}) });
    });

    it.each(['3', '0', '-1', '1.5', 'abc', '', '..'])(
      'answers null for version "%s" of two',
      async (version) => {
        const model = await fixture.createModel({ versions: 2 });
        expect(await fixture.registry.version(model, version)).toBeNull();
      },
    );

    it('answers null for a version of a model that does not exist', async () => {
      const model = await fixture.createModel({ versions: 1 });
      expect(await fixture.registry.version(`${model}_gone`, '1')).toBeNull();
    });

    it('makes an alias, moves it, leaves the others alone, and may be told the same twice', async () => {
      const { registry } = fixture;
      const model = await fixture.createModel({ versions: 3 });
      await fixture.pointAlias({ model, alias: 'challenger', version: '3' });
      await registry.setAlias(model, 'champion', '1');
      expect((await registry.model(model)).aliases).toEqual({ champion: '1', challenger: '3' });
      await registry.setAlias(model, 'champion', '2');
      await registry.setAlias(model, 'champion', '2');
      expect((await registry.model(model)).aliases).toEqual({ champion: '2', challenger: '3' });
    });

    it('sees an alias that somebody else moved', async () => {
      const model = await fixture.createModel({ versions: 2 });
      await fixture.registry.setAlias(model, 'champion', '1');
      await fixture.pointAlias({ model, alias: 'champion', version: '2' });
      expect((await fixture.registry.model(model)).aliases).toEqual({ champion: '2' });
    });

    it('refuses to point at a version that does not exist, and leaves the alias where it was', async () => {
      const { registry } = fixture;
      const model = await fixture.createModel({ versions: 1 });
      await registry.setAlias(model, 'champion', '1');
      await expectFailure(registry.setAlias(model, 'champion', '99'), 'not_found', 'rejected');
      await expectFailure(registry.setAlias(model, 'champion', 'abc'), 'rejected');
      expect((await registry.model(model)).aliases).toEqual({ champion: '1' });
    });

    it('throws not_found when the model of an alias does not exist', async () => {
      const model = await fixture.createModel({ versions: 1 });
      await expectFailure(fixture.registry.setAlias(`${model}_gone`, 'champion', '1'), 'not_found');
    });
  });
}
