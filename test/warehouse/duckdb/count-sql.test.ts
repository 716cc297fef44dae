import { DuckDBListValue } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import type { Table } from '../../../src/warehouse/columns.ts';
import { countStatement } from '../../../src/warehouse/duckdb/count-sql.ts';
import { warehouseError } from '../../../src/warehouse/duckdb/errors.ts';
import { doubleList, identifier, textLiteral } from '../../../src/warehouse/duckdb/sql.ts';
import { planCount } from '../../../src/warehouse/plan.ts';
import { WarehouseError } from '../../../src/warehouse/warehouse.ts';
import { categorical, column, numeric, sourceOf } from '../../contracts/warehouse-seed.ts';

const TABLE: Table = {
  name: 't',
  columns: [
    { name: 'x"y', kind: 'numeric', sqlType: 'DOUBLE' },
    { name: 'c', kind: 'categorical', sqlType: 'VARCHAR' },
    { name: 'at', kind: 'timestamp', sqlType: 'TIMESTAMP' },
    { name: 'id', kind: 'categorical', sqlType: 'VARCHAR' },
    { name: 'v', kind: 'categorical', sqlType: 'VARCHAR' },
  ],
};

function statement() {
  const source = sourceOf('t', {
    timestamp: 'at',
    version: 'v',
    onlyVersion: 'SECRET-VERSION',
    requestId: 'id',
    where: { column: 'c', equals: 'SECRET-WHERE' },
  });
  const plan = planCount(
    {
      source,
      window: { start: 0, end: 1 },
      columns: [
        column('x"y', numeric([0.1, 100])),
        column('c', categorical(["SECRET'LEVEL"], true), { source: sourceOf('t'), column: 'c' }),
      ],
    },
    new Map([['t', TABLE]]),
  );
  return countStatement({ plan, stages: [], account: false }, () => 'relation');
}

describe('the count statement', () => {
  it('is one statement that answers versions, places and counts', () => {
    const { sql } = statement();
    expect(sql).not.toContain(';');
    const last = sql.slice(sql.lastIndexOf('\nSELECT v, CAST(col'));
    expect(last).toMatch(
      /^\nSELECT v, CAST\(col AS INTEGER\) AS col, CAST\(cell AS INTEGER\) AS cell, CAST\(n AS BIGINT\) AS n FROM/,
    );
  });

  it('binds every value and quotes every name', () => {
    const { sql, values } = statement();
    expect(sql).not.toContain('SECRET');
    expect(sql).toContain('"x""y"');
    const texts = values.flatMap((value) => (value instanceof DuckDBListValue ? value.items : [value]));
    for (const text of ['SECRET-VERSION', 'SECRET-WHERE', "SECRET'LEVEL"]) expect(texts).toContain(text);
    const places = [...sql.matchAll(/\$(\d+)/g)].map((match) => Number(match[1]));
    expect(new Set(places)).toEqual(new Set(values.map((_, index) => index + 1)));
  });

  it('writes edges with an exponent', () => {
    expect(statement().sql).toContain('[1e-1, 1e+2]::DOUBLE[]');
    expect(doubleList([5e-324, 0.1 + 0.2, -0])).toBe('[5e-324, 3.0000000000000004e-1, 0e+0]::DOUBLE[]');
    expect(() => doubleList([Infinity])).toThrow('finite');
  });
});

describe('quoting', () => {
  it('doubles quotes, and refuses what no quoting can hold', () => {
    expect(identifier('a"b')).toBe('"a""b"');
    expect(textLiteral("it's")).toBe("'it''s'");
    expect(() => identifier('')).toThrow('identifier');
    expect(() => identifier('a\0')).toThrow('identifier');
    expect(() => textLiteral('a\0')).toThrow('literal');
  });
});

describe('failures of the engine', () => {
  const mapped = (type: string, message: string, more: object = {}): WarehouseError => {
    const said = JSON.stringify({ exception_type: type, exception_message: message, ...more });
    const error = warehouseError(new Error(`Some prefix: ${said}`), { table: 't' });
    expect(error).toBeInstanceOf(WarehouseError);
    return error as WarehouseError;
  };

  it.each([
    ['Catalog', {}, 'table_missing'],
    ['Binder', { error_subtype: 'COLUMN_NOT_FOUND', name: 'x' }, 'column_missing'],
    ['Binder', {}, 'query_failed'],
    ['IO', {}, 'unavailable'],
    ['Permission', {}, 'forbidden'],
    ['Out of Memory', {}, 'query_failed'],
    ['Invalid Input', {}, 'query_failed'],
    ['Anything', {}, 'query_failed'],
  ] as const)('%s %o is %s', (type, more, reason) => {
    const error = mapped(type, 'what it said\nand more', more);
    expect(error).toMatchObject({ reason, table: 't' });
    expect(error.message).not.toContain('and more');
    expect(error.remedy).not.toBe('');
  });

  it('does not repeat a text that may quote a value', () => {
    expect(mapped('Conversion', "Could not convert string 'Jane Doe'").message).not.toContain('Jane');
  });

  it('passes on what DuckDB did not say', () => {
    const bug = new TypeError('x is not a function');
    expect(warehouseError(bug, { table: 't' })).toBe(bug);
    expect(warehouseError(new Error('{ not JSON'), { table: 't' })).toBeInstanceOf(Error);
    const known = new WarehouseError({ reason: 'forbidden', message: 'm', remedy: 'r' });
    expect(warehouseError(known, { table: 't' })).toBe(known);
  });
});
