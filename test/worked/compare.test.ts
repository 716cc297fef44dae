import { describe, expect, test } from 'vitest';
import { differences, missingInOrder, numbersIn } from './compare.ts';

describe('the comparison with a worked example', () => {
  test.each([
    [1, 1 + 0.9e-10, 0],
    [1, 1 + 1.1e-10, 1],
    [1e6, 1e6 + 0.9e-4, 0],
    [0, 1e-11, 0],
    [null, 0, 1],
    ['breach', 'warn', 1],
    ['(1, 2]', '(1, 2.00000000001]', 0],
    ['(1, 2]', '(1, 2.1]', 1],
    ['(1, 2]', '(1, 2)', 1],
    [[1, 2], [1, 2, 3], 1],
    [{ a: 1 }, { a: 1, b: 2 }, 0],
    [{ a: null }, {}, 1],
  ])('%j against %j: %i differences', (expected, actual, count) => {
    expect(differences(expected, actual)).toHaveLength(count);
  });

  test('asks a sentence for its numbers alone', () => {
    const said = { reason: 'PSI of x1 is 0.347 on 4 812 rows, over the breach limit 0.25.' };
    expect(differences({ reason: 'x1: 0.347 on 4812 rows, beyond 0.25' }, said)).toEqual([]);
    expect(differences({ reason: 'x1: 0.351 on 4812 rows' }, said)).toHaveLength(1);
    expect(differences({ reason: 'anything' }, { reason: '' })).toHaveLength(1);
    expect(numbersIn('rollback rb-12 of v7: version 7 to 6, PSI 0.25, 1 309 rows.')).toEqual([
      7, 6, 0.25, 1309,
    ]);
  });

  test('finds checks by key, once each, and lets others stand beside them', () => {
    const psi = { check: 'drift', subject: 'a', method: 'psi', version: 'all', value: 1 };
    const js = { ...psi, method: 'js' };
    expect(differences({ checks: [psi] }, { checks: [js, psi] })).toEqual([]);
    expect(differences({ checks: [psi] }, { checks: [{ ...psi, value: 2 }] })).toHaveLength(1);
    expect(differences({ checks: [psi] }, { checks: [psi, psi] })).toHaveLength(1);
    expect(differences({ checks: [psi] }, { checks: [js] })).toHaveLength(1);
  });

  test('asks for an order and not for neighbours', () => {
    const steps = ['a', 'b', 'c'].map((state) => ({ state }));
    const like = ({ state }: { readonly [key: string]: unknown }): string => String(state);
    const [a, b, c] = steps;
    expect(
      missingInOrder(
        [a, c].flatMap((step) => step ?? []),
        steps,
        like,
      ),
    ).toEqual([]);
    expect(
      missingInOrder(
        [b, a].flatMap((step) => step ?? []),
        steps,
        like,
      ),
    ).toHaveLength(1);
    expect(
      missingInOrder(
        [c, c].flatMap((step) => step ?? []),
        steps,
        like,
      ),
    ).toHaveLength(1);
  });
});
