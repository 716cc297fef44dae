import { expect, test } from 'vitest';
import { expectUnseen } from '../../src/baseline/unseen.ts';

const COUNTS = { cells: [90], other: 10, unseen: 0, missing: 3, nonFinite: 0 };

test.each([
  [0, 10, 0],
  [4, 6, 4],
  [10, 0, 10],
  [11, 0, 10],
])('%d rows with a level of their own', (singles, other, unseen) => {
  expect(expectUnseen(COUNTS, singles)).toEqual({ ...COUNTS, other, unseen });
});
