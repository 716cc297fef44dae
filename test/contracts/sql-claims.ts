import { beforeAll, describe, expect, it } from 'vitest';
import type { Databricks } from '../../src/warehouse/databricks/open.ts';
import { SQL_CLAIMS } from '../../src/warehouse/sql-claims.ts';

/** Every statement of no table answers what the program relies on. */
export function describeSqlClaims(name: string, make: () => Promise<Databricks>): void {
  describe(`what is relied on of SQL: ${name}`, () => {
    let opened: Databricks;
    beforeAll(async () => {
      opened = await make();
    });
    it.each(SQL_CLAIMS.map((claim) => [claim.id, claim] as const))('%s', async (_id, claim) => {
      expect(await opened.answer(claim)).toEqual(claim.expected);
    });
  });
}
