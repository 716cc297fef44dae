import { describe, expect, test } from 'vitest';
import { FINAL_STATES } from '../../src/rollback/rollback.ts';
import { ALL_VERDICTS, HOLDING, outcomeOf, STATES } from './table.ts';

const PRODUCT = ALL_VERDICTS.flatMap((verdict) =>
  STATES.flatMap((state) =>
    HOLDING.map((holding) => ({ verdict, state, holding, outcome: outcomeOf(verdict, state, holding) })),
  ),
);
/** States in which nothing has been written yet. */
const UNWRITTEN = ['planned', 'awaiting_approval'];

describe('every verdict, in every state, with every gate', () => {
  test('the product is whole', () => {
    expect(PRODUCT).toHaveLength(7 * 14 * 19);
  });

  test('only a breach asks for a rollback', () => {
    for (const { verdict, outcome } of PRODUCT) expect(outcome.wanted).toBe(verdict === 'breach');
  });

  test('a rollback comes into being by a breach with every gate open, and in no other way', () => {
    const begun = PRODUCT.filter(({ state, outcome }) => state === 'none' && outcome.state !== 'none');
    expect(begun.map(({ verdict, holding }) => [verdict, holding])).toEqual([['breach', null]]);
    expect(begun[0]?.outcome).toEqual({ state: 'planned', writes: null, wanted: true });
  });

  test('nothing is written without a rollback, and none by a verdict alone', () => {
    for (const { state, outcome } of PRODUCT) if (state === 'none') expect(outcome.writes).toBeNull();
  });

  test('what happens to a rollback that exists does not depend on the verdict', () => {
    for (const state of STATES.filter((one) => one !== 'none')) {
      for (const holding of HOLDING) {
        const [first, ...others] = ALL_VERDICTS.map((verdict) => {
          const { state: next, writes } = outcomeOf(verdict, state, holding);
          return { next, writes };
        });
        for (const other of others) expect(other).toEqual(first);
      }
    }
  });

  test('any single gate keeps the first write, and ends the rollback as blocked', () => {
    for (const { state, holding, outcome } of PRODUCT) {
      if (!UNWRITTEN.includes(state)) continue;
      expect(outcome).toMatchObject(
        holding === null
          ? { state: 'shifting_traffic', writes: 'shift' }
          : { state: 'blocked', writes: null },
      );
    }
  });

  test('the kill switch keeps every write, in every state', () => {
    for (const { holding, outcome } of PRODUCT)
      if (holding === 'kill_switch') expect(outcome.writes).toBeNull();
  });

  test('final states stay, whatever comes', () => {
    for (const { state, outcome } of PRODUCT) {
      if (state === 'none' || !FINAL_STATES.includes(state)) continue;
      expect(outcome).toMatchObject({ state, writes: null });
    }
  });
});
