import { afterAll, beforeAll, describe } from 'vitest';
import type { Warehouse } from '../../src/warehouse/warehouse.ts';
import { BINS_TABLES, binsContract } from './warehouse-bins.ts';
import { CELLS_TABLES, cellsContract } from './warehouse-cells.ts';
import { ERRORS_TABLES, errorsContract } from './warehouse-errors.ts';
import { PAYLOAD_TABLES, payloadContract } from './warehouse-payload.ts';
import { randomContract } from './warehouse-random.ts';
import { ROWS_TABLES, rowsContract } from './warehouse-rows.ts';
import type { WarehouseMaker } from './warehouse-seed.ts';
import { VOTES_TABLES, votesContract } from './warehouse-votes.ts';

/** What every warehouse answers, whatever engine is behind it: the same seeded tables, the same counts to the last row. */
export function describeWarehouse(
  name: string,
  make: WarehouseMaker,
  /** Answers that were recorded once cannot answer random questions. */
  { random = true }: { readonly random?: boolean } = {},
): void {
  describe(`warehouse contract: ${name}`, () => {
    let warehouse: Warehouse | null = null;
    const opened = (): Warehouse => {
      if (warehouse === null) throw new Error('the warehouse was not opened');
      return warehouse;
    };
    beforeAll(async () => {
      warehouse = await make([
        ...CELLS_TABLES,
        ...ROWS_TABLES,
        ...BINS_TABLES,
        ...ERRORS_TABLES,
        ...PAYLOAD_TABLES,
        ...VOTES_TABLES,
      ]);
    });
    afterAll(() => warehouse?.close());

    describe('cells of a column', () => cellsContract(opened));
    describe('rows of a source', () => rowsContract(opened));
    describe('bins', () => binsContract(opened));
    describe('what is missing or wrong', () => errorsContract(opened));
    describe('votes of customers', () => votesContract(opened));
    describe('logged requests', () => payloadContract(opened));
    if (random) describe('random tables', () => randomContract(make));
  });
}
