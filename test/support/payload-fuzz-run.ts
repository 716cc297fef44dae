import { expect } from 'vitest';
import { PAYLOAD_REASONS, type PayloadAccount } from '../../src/warehouse/payload-account.ts';
import type { CountAnswer } from '../../src/warehouse/warehouse.ts';
import { categorical, column, numeric, sourceOf } from '../contracts/warehouse-seed.ts';
import { type Columns, writeParquet } from '../daemon/support/parquet.ts';
import { openLake, temporaryFolder } from '../warehouse/duckdb/lake.ts';
import { type FuzzRow, fuzzRows } from './payload-fuzz.ts';

const COLUMNS: Columns = {
  databricks_request_id: 'VARCHAR',
  request_time: 'TIMESTAMP',
  status_code: 'BIGINT',
  request: 'VARCHAR',
  response: 'VARCHAR',
  served_entity_id: 'VARCHAR',
};

/** Counts so many generated requests in one statement, and holds the account against what was generated. */
export async function fuzzPayloads(count: number, seed: number): Promise<PayloadAccount> {
  const rows = fuzzRows(count, seed);
  const { groups, payload } = await countRows(rows);
  if (payload === undefined) throw new Error('a payload table has an account');
  expect(payload.requests).toBe(count);
  expect(PAYLOAD_REASONS.reduce((sum, reason) => sum + payload.rejected[reason], payload.accepted)).toBe(
    count,
  );
  const of = (version: string): PayloadAccount['versions'][number] | undefined =>
    payload.versions.find((own) => own.version === `entity ${version}`);
  const told = rows.filter(({ outcome }) => outcome !== null);
  const expected = (reason: FuzzRow['outcome']): number =>
    told.filter(({ outcome }) => outcome === reason).length;
  expect(of('told')?.accepted).toBe(expected('accepted'));
  for (const reason of PAYLOAD_REASONS)
    expect([reason, of('told')?.rejected[reason]]).toEqual([reason, expected(reason)]);
  const records = told.reduce((sum, row) => sum + row.records, 0);
  expect(groups.find(({ version }) => version === 'entity told')?.rows).toBe(records);
  expect(payload.records).toBe(groups.reduce((sum, group) => sum + group.rows, 0));
  return payload;
}

async function countRows(rows: readonly FuzzRow[]): Promise<CountAnswer> {
  const folder = temporaryFolder();
  const file = `${folder.path}/payload.parquet`;
  await writeParquet(
    file,
    COLUMNS,
    rows.map(({ request, response, status, outcome }, place) => ({
      databricks_request_id: `r${place}`,
      request_time: place,
      status_code: status,
      ...{ request, response, served_entity_id: outcome === null ? 'garbled' : 'told' },
    })),
  );
  const warehouse = await openLake({ tables: { 'main.fuzz.payload': file } });
  try {
    return await warehouse.count({
      source: sourceOf('main.fuzz.payload', {
        payload: { layout: 'ai-gateway', prediction: 'score', entities: {} },
      }),
      window: { start: 0, end: rows.length },
      columns: [
        ...[column('age', numeric([1, 30])), column('a.b', numeric([0.5])), column('score', numeric([0.5]))],
        ...[column('purpose', categorical(['car', '7'])), column('"', categorical(['1']))],
      ],
    });
  } finally {
    await warehouse.close();
    folder.remove();
  }
}
