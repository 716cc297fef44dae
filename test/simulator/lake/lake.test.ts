import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openLake } from '../../../src/simulator/lake/lake.ts';
import { PORTFOLIO } from '../../../src/simulator/lake/portfolio.ts';
import type { Traffic } from '../../../src/simulator/workspace/state.ts';
import { DAY, HOUR, START, temporaryFolder } from '../support.ts';
import { query } from './psi.ts';

/** Half past two, and three quarters of it a minute later: a split that changes within an hour. */
const SPLIT: readonly Traffic[] = [
  { at: START, shares: { '6': 100, '7': 0 } },
  { at: START + 12.5 * HOUR, shares: { '6': 25, '7': 75 } },
  { at: START + 13.5 * HOUR, shares: { '6': 0, '7': 100 } },
];

async function write(
  folder: string,
  options: { seed?: number; until: number; traffic?: readonly Traffic[]; training?: boolean },
) {
  const lake = await openLake({
    folder,
    seed: options.seed ?? 1,
    models: PORTFOLIO,
    start: START,
    wrong: { model: 'credit_pd', version: '7', from: START + 30 * DAY },
    traffic: (endpoint) =>
      endpoint === 'credit-pd' ? (options.traffic ?? SPLIT) : [{ at: START, shares: { '3': 100 } }],
  });
  const written = await lake.writeUntil(options.until);
  if (options.training === true) await lake.writeTraining();
  lake.close();
  return written;
}

function digests(folder: string): { [file: string]: string } {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.includes('.'),
  );
  return Object.fromEntries(
    files.sort().map((file) => [
      file,
      createHash('sha256')
        .update(readFileSync(join(folder, file)))
        .digest('hex'),
    ]),
  );
}

describe('simulated lake', () => {
  let folder: string;
  let first: { [file: string]: string };
  beforeAll(async () => {
    folder = temporaryFolder();
    expect(await write(folder, { until: START + DAY, training: true })).toBe(12);
    first = digests(folder);
  });
  const payload = () => `'${folder}/credit_payload/*.parquet'`;

  it('has a file per model and four hours that have ended, and one per validation sample', async () => {
    expect(Object.keys(first)).toHaveLength(14);
    expect(first).toHaveProperty('credit_payload/2026-10-25T00.parquet');
    const other = temporaryFolder();
    expect(await write(other, { until: START + 4 * HOUR - 1 })).toBe(0);
    expect(await write(other, { until: START + 4 * HOUR })).toBe(2);
  });

  it('writes the same bytes again, and other ones for another seed', async () => {
    const again = temporaryFolder();
    await write(again, { until: START + 12 * HOUR });
    await write(again, { until: START + DAY, training: true });
    expect(digests(again)).toEqual(first);
    const other = temporaryFolder();
    await write(other, { seed: 2, until: START + 4 * HOUR });
    expect(digests(other)['credit_payload/2026-10-25T00.parquet']).not.toBe(
      first['credit_payload/2026-10-25T00.parquet'],
    );
  });

  it('leaves a finished file alone and replaces what a killed writer left half done', async () => {
    const other = temporaryFolder();
    mkdirSync(join(other, 'credit_payload'));
    const done = join(other, 'credit_payload', '2026-10-25T00.parquet');
    writeFileSync(done, 'as it was');
    writeFileSync(join(other, 'credit_payload', '2026-10-25T04.parquet.new'), 'half');
    expect(await write(other, { until: START + 8 * HOUR })).toBe(3);
    expect(readFileSync(done, 'utf8')).toBe('as it was');
    expect(existsSync(join(other, 'credit_payload', '2026-10-25T04.parquet.new'))).toBe(false);
    expect(digests(other)['credit_payload/2026-10-25T04.parquet']).toBe(
      first['credit_payload/2026-10-25T04.parquet'],
    );
  });

  it('routes rows as the traffic was at their own millisecond', async () => {
    const rows = await query(`
      SELECT count(*) FILTER (event_time < '2026-10-25 12:30' AND model_version <> '6'),
        count(*) FILTER (event_time >= '2026-10-25 13:30' AND model_version <> '7'),
        count(*) FILTER (event_time >= '2026-10-25 12:30' AND event_time < '2026-10-25 13:30'),
        count(*) FILTER (event_time >= '2026-10-25 12:30' AND event_time < '2026-10-25 13:30' AND model_version = '7')
      FROM ${payload()}`);
    const [strayBefore, strayAfter, between, challenger] = (rows[0] ?? []).map(Number);
    expect([strayBefore, strayAfter]).toEqual([0, 0]);
    // 75 % of about 270 rows: five standard deviations are 13 %.
    expect(Number(challenger) / Number(between)).toBeGreaterThan(0.62);
    expect(Number(challenger) / Number(between)).toBeLessThan(0.88);
  });

  it('asks the same applicants whoever serves: a rollback changes versions and scores, nothing else', async () => {
    const other = temporaryFolder();
    await write(other, { until: START + DAY, traffic: [{ at: START, shares: { '6': 100 } }] });
    const features = 'request_id, event_time, income, debt_ratio, age, months_employed, purpose, region';
    const rows = await query(`SELECT count(*) FROM (SELECT ${features} FROM ${payload()}
      EXCEPT ALL SELECT ${features} FROM '${other}/credit_payload/*.parquet')`);
    expect(Number(rows[0]?.[0])).toBe(0);
  });

  it('has the columns, types, gaps and rare levels that a real table has', async () => {
    const types = await query(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${payload()})`);
    expect(types).toEqual([
      ['request_id', 'VARCHAR'],
      ['event_time', 'TIMESTAMP'],
      ['model_version', 'VARCHAR'],
      ['income', 'DOUBLE'],
      ['debt_ratio', 'DOUBLE'],
      ['age', 'INTEGER'],
      ['months_employed', 'INTEGER'],
      ['purpose', 'VARCHAR'],
      ['region', 'VARCHAR'],
      ['score', 'DOUBLE'],
    ]);
    const rows = await query(`
      SELECT count(*) - count(DISTINCT request_id), count(*) FILTER (score IS NULL OR score <= 0 OR score >= 1),
        count(*) FILTER (income IS NULL), count(*) FILTER (months_employed IS NULL), count(*) FILTER (purpose IS NULL)
      FROM ${payload()}`);
    const [repeated, badScores, ...missing] = (rows[0] ?? []).map(Number);
    expect([repeated, badScores]).toEqual([0, 0]);
    for (const count of missing) expect(count).toBeGreaterThan(0);
    const levels = await query(`SELECT purpose FROM '${folder}/credit_training/*.parquet'
      WHERE purpose IS NOT NULL GROUP BY 1 HAVING count(*) < 100`);
    expect(levels.flat().map(String).sort()).toEqual(['legal_fees', 'pilgrimage']);
  });

  it('has 20 000 validation rows per version, of different people', async () => {
    const rows = await query(`SELECT model_version, CAST(count(*) AS INTEGER)
      FROM '${folder}/credit_training/*.parquet' GROUP BY 1 ORDER BY 1`);
    expect(rows).toEqual([
      ['6', 20_000],
      ['7', 20_000],
    ]);
    const same = await query(`SELECT count(*) FROM (
      SELECT income, debt_ratio, age FROM '${folder}/credit_training/*.parquet' WHERE model_version = '6'
      INTERSECT SELECT income, debt_ratio, age FROM '${folder}/credit_training/*.parquet' WHERE model_version = '7')`);
    expect(Number(same[0]?.[0])).toBeLessThan(20);
  });
});
