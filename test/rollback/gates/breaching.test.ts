import { describe, expect, test } from 'vitest';
import { breachingModels } from '../../../src/rollback/gates/breaching.ts';
import type { StoredEvaluation } from '../../../src/store/store.ts';
import { evaluationOf } from '../../contracts/store-records.ts';
import { aModel } from '../support.ts';

interface Newest {
  readonly own?: readonly [end: string, verdict: 'ok' | 'breach'];
  readonly bake?: readonly [end: string, verdict: 'ok' | 'breach'];
}

/** A store that is asked for the newest of each kind, and for one only. */
function storeWith(newest: { readonly [model: string]: Newest }) {
  return {
    evaluations: async (query: { model: string; limit: number; series?: 'bake' }) => {
      expect(query.limit).toBe(1);
      const found = newest[query.model]?.[query.series === 'bake' ? 'bake' : 'own'];
      if (found === undefined) return [];
      const [end, verdict] = found;
      const record = evaluationOf(query.model, Date.parse(end), { verdict });
      return [{ record, hash: '', endedAt: end } as StoredEvaluation];
    },
  };
}

const EARLY = '2026-11-23T00:00:00.000Z';
const LATE = '2026-11-24T00:00:00.000Z';

describe('models in breach at once', () => {
  const inBreach = async (newest: Newest): Promise<boolean> => {
    const found = await breachingModels(storeWith({ credit: newest }), {
      credit: aModel({}, { name: 'credit' }),
    });
    return found.inBreach.has('credit');
  };

  test.each<readonly [string, Newest, boolean]>([
    ['without any window', {}, false],
    ['by its newest window', { own: [LATE, 'breach'] }, true],
    ['well in its newest window', { own: [LATE, 'ok'] }, false],
    ['by a younger window of a bake', { own: [EARLY, 'ok'], bake: [LATE, 'breach'] }, true],
    ['by an older window of a bake', { own: [LATE, 'ok'], bake: [EARLY, 'breach'] }, false],
    ['by a window of a bake that ends with its own', { own: [LATE, 'ok'], bake: [LATE, 'breach'] }, false],
    ['well in a younger window of a bake', { own: [EARLY, 'ok'], bake: [LATE, 'ok'] }, false],
    ['by a bake before any window of its own', { bake: [EARLY, 'breach'] }, true],
    ['by its own window, whatever a bake says', { own: [EARLY, 'breach'], bake: [LATE, 'ok'] }, true],
  ])('%s: %s', async (_, newest, breach) => {
    expect(await inBreach(newest)).toBe(breach);
  });

  test('are counted among all that are configured, with the table that each reads', async () => {
    const models = {
      credit: aModel({}, { name: 'credit' }),
      fraud: aModel({}, { name: 'fraud', source: { ...aModel().source, table: 'main.risk.fraud' } }),
    };
    const found = await breachingModels(storeWith({ fraud: { own: [LATE, 'breach'] } }), models);
    expect(found.models).toBe(2);
    expect([...found.inBreach]).toEqual(['fraud']);
    expect([...found.tables]).toEqual([
      ['credit', 'main.risk.credit_scores'],
      ['fraud', 'main.risk.fraud'],
    ]);
  });
});
