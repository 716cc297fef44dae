import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/log.ts';
import { batchesOf } from '../../../src/warehouse/batches.ts';
import { openSession, type Session, type SessionOptions } from '../../../src/warehouse/duckdb/session.ts';
import { parameters } from '../../../src/warehouse/duckdb/sql.ts';
import type { CountPlan } from '../../../src/warehouse/plan.ts';
import type { SetTimer } from '../../../src/warehouse/timer.ts';
import { failureOf } from '../../contracts/warehouse-errors.ts';
import { withDuckDb } from './lake.ts';

describe('a session', () => {
  async function withSession(parts: Partial<SessionOptions>, work: (session: Session) => Promise<void>) {
    await withDuckDb(':memory:', async (connection) => {
      await connection.run('SET errors_as_json = true');
      const session = openSession({
        connection,
        catalog: null,
        timeout: 1000,
        setTimer: () => () => {},
        logger: silentLogger(),
        closing: new AbortController().signal,
        ...parts,
      });
      await work(session);
    });
  }
  const plain = (sql: string) => parameters().statement(sql);
  const LIMITS = { table: 't', maxRows: 2048 };

  it.each([
    { rows: 2047, refused: false },
    { rows: 2048, refused: false },
    { rows: 2049, refused: true },
    { rows: 100_000, refused: true },
  ])('takes 2048 rows of an answer and not one more: $rows', async ({ rows, refused }) => {
    await withSession({}, async (session) => {
      const answer = session.query(plain(`SELECT * FROM range(${rows})`), LIMITS);
      if (!refused) expect(await answer).toHaveLength(rows);
      else expect(await failureOf(answer)).toMatchObject({ reason: 'bad_answer', table: 't' });
    });
  });

  it('ends a statement whose deadline rang before it had begun', async () => {
    const setTimer: SetTimer = (_milliseconds, action) => {
      action();
      return () => {};
    };
    await withSession({ setTimer }, async (session) => {
      const endless = plain('SELECT count(*) FROM range(10000000) a, range(10000000) b');
      expect(await failureOf(session.query(endless, LIMITS))).toMatchObject({ reason: 'timeout' });
    });
  });

  it('begins nothing once the warehouse is being closed', async () => {
    await withSession({ closing: AbortSignal.abort() }, async (session) => {
      const error = await failureOf(session.query(plain('SELECT 1'), LIMITS));
      expect(error).toMatchObject({ reason: 'unavailable', table: 't' });
    });
  });
});

describe('a wide plan', () => {
  function plan(numeric: number, categorical: number): CountPlan {
    const column = { name: 'x', kind: 'numeric', sqlType: 'DOUBLE' } as const;
    return {
      slice: {
        table: 't',
        window: null,
        event: null,
        version: null,
        onlyVersion: null,
        requestId: null,
        where: null,
        weight: null,
        cluster: null,
      },
      numeric: Array.from({ length: numeric }, (_, index) => ({ index, column, edges: [] })),
      categorical: Array.from({ length: categorical }, (_, place) => ({
        index: numeric + place,
        column,
        levels: [],
        known: null,
      })),
    };
  }

  it.each([
    { numeric: 0, categorical: 0, sizes: [0] },
    { numeric: 9, categorical: 0, sizes: [9] },
    { numeric: 5, categorical: 5, sizes: [10] },
    { numeric: 5, categorical: 6, sizes: [10, 1] },
    { numeric: 11, categorical: 0, sizes: [10, 1] },
    { numeric: 15, categorical: 15, sizes: [10, 10, 10] },
    { numeric: 0, categorical: 21, sizes: [10, 10, 1] },
  ])('of $numeric and $categorical columns is asked in parts of ten', ({ numeric, categorical, sizes }) => {
    const parts = batchesOf(plan(numeric, categorical), 10);
    const indexes = parts.map((part) => [...part.numeric, ...part.categorical].map(({ index }) => index));
    expect(indexes.map(({ length }) => length)).toEqual(sizes);
    expect(indexes.flat()).toEqual(Array.from({ length: numeric + categorical }, (_, index) => index));
  });
});
