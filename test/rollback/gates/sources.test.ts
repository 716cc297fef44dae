import { expect, test } from 'vitest';
import { gateSources, type SourcesDeps } from '../../../src/rollback/gates/sources.ts';
import { failure } from '../fake-world.ts';
import { aModel, T0 } from '../support.ts';

function sources(directory: SourcesDeps['ports']['directory']) {
  const asked: string[] = [];
  const store = {
    evaluations: async ({ model }: { model: string }) => {
      asked.push(model);
      return [];
    },
    fact: async (name: string) => {
      asked.push(name);
      return null;
    },
  } as unknown as SourcesDeps['store'];
  const made = gateSources({
    store,
    ports: directory === undefined ? {} : { directory },
    killSwitch: () => true,
    config: {
      actions: { killSwitch: null, maxRollbacksPerHour: 3, maxShareOfModels: 0.1 },
      calendar: { freezes: [] },
      models: { credit: aModel() },
    },
  });
  return { made, asked };
}

test('nobody can be asked about, or who is asked does not answer: not known', async () => {
  expect(await sources(undefined).made.standing('ann')).toBe('unknown');
  const down = { lookup: async () => Promise.reject(failure('unavailable')) };
  expect(await sources(down).made.standing('ann')).toBe('unknown');
});

test('an answer is what it is, and a bug is a bug', async () => {
  const names: string[] = [];
  const known = {
    lookup: async (name: string) => {
      names.push(name);
      return 'inactive' as const;
    },
  };
  expect(await sources(known).made.standing('ann')).toBe('inactive');
  expect(names).toEqual(['ann']);
  const broken = { lookup: async () => Promise.reject(new TypeError('undefined is not a name')) };
  await expect(sources(broken).made.standing('ann')).rejects.toThrow(TypeError);
});

test('breaches and silences are asked of the store', async () => {
  const { made, asked } = sources(undefined);
  expect(await made.breaching()).toMatchObject({ models: 1, inBreach: new Set() });
  expect(asked).toEqual(['credit', 'credit']);
  expect(await made.silence('credit', T0)).toBeNull();
  expect(asked).toHaveLength(3);
  expect(made.killSwitch()).toBe(true);
  expect(made.freezes).toEqual([]);
});
