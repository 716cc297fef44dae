import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellSql } from '../../../src/warehouse/databricks/cell-sql.ts';
import { countStatement } from '../../../src/warehouse/databricks/count-sql.ts';
import { doubleLiteral, identifier, parameters, tableSql } from '../../../src/warehouse/databricks/sql.ts';
import { asText, classOf } from '../../../src/warehouse/databricks/types.ts';
import { planCount } from '../../../src/warehouse/plan.ts';
import type { TableColumn } from '../../../src/warehouse/warehouse.ts';
import { categorical, column, numeric, sourceOf } from '../../contracts/warehouse-seed.ts';
import { bindText } from '../../support/bind-text.ts';

const DOUBLE: TableColumn = { name: 'x', kind: 'numeric', sqlType: 'DOUBLE' };

describe('names', () => {
  it.each([
    ['plain', '`plain`'],
    ['a`b', '`a``b`'],
    ['a`; DROP TABLE t; --', '`a``; DROP TABLE t; --`'],
    ['größe 😀', '`größe 😀`'],
  ])('quotes %s', (name, quoted) => {
    expect(identifier(name)).toBe(quoted);
  });

  it.each(['', 'a\0b'])('has no quotes for "%s"', (name) => {
    expect(() => identifier(name)).toThrow('no identifier');
  });

  it.each([
    ['loans', '`loans`'],
    ['risk.loans', '`risk`.`loans`'],
    ['main.risk.loans-2', '`main`.`risk`.`loans-2`'],
  ])('takes %s for a table', (name, sql) => {
    expect(tableSql(name)).toBe(sql);
  });

  it.each(['', 'a..b', 'a.b.c.d', 'a b', 'a`b', "a'b", 'a;b', 'a.b.', '-a'])(
    'takes "%s" for no table',
    (name) => {
      expect(tableSql(name)).toBeNull();
    },
  );
});

describe('numbers', () => {
  it('are written with an exponent, and read back as themselves', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const literal = doubleLiteral(value);
        expect(literal).toMatch(/^-?\d(\.\d+)?e[+-]\d+$/);
        // Minus nothing is nothing: no comparison tells them apart.
        expect(Number(literal)).toBe(value + 0);
      }),
    );
  });

  it.each([Number.NaN, Infinity, -Infinity])('cannot be %s', (value) => {
    expect(() => doubleLiteral(value)).toThrow('not finite');
  });
});

describe('cells', () => {
  /** The cell that the tree says, read word by word. */
  function cellOf(sql: string, x: number): number {
    const words = sql.replace(/^.* THEN -2 ELSE (.*) END$/, '$1').split(' ');
    function read(at: number): { readonly cell: number; readonly next: number } {
      if (words[at] !== 'CASE') return { cell: Number(words[at]), next: at + 1 };
      // CASE WHEN x <= edge THEN ... ELSE ... END
      const below = read(at + 6);
      const above = read(below.next + 1);
      return { cell: x <= Number(words[at + 4]) ? below.cell : above.cell, next: above.next + 1 };
    }
    return read(0).cell;
  }

  it('are right-closed, whatever the edges', () => {
    const edges = fc
      .uniqueArray(fc.integer({ min: -50, max: 50 }), { maxLength: 30 })
      .map((values) => values.sort((a, b) => a - b));
    fc.assert(
      fc.property(edges, fc.integer({ min: -51, max: 51 }), (rising, x) => {
        expect(cellOf(cellSql('x', DOUBLE, rising), x)).toBe(rising.filter((edge) => x > edge).length);
      }),
    );
  });

  it('take out what is no number before anything is compared', () => {
    expect(cellSql('x', DOUBLE, [])).toMatch(
      /^CASE WHEN x IS NULL THEN -1 WHEN isnan\(x\) OR .* THEN -2 ELSE 0 END$/,
    );
    expect(cellSql('x', { ...DOUBLE, sqlType: 'INT' }, [])).toBe('CASE WHEN x IS NULL THEN -1 ELSE 0 END');
  });
});

describe('types', () => {
  it.each([
    ['double', 'numeric', 'DOUBLE'],
    ['bigint', 'numeric', 'BIGINT'],
    ['decimal(12,3)', 'numeric', 'DECIMAL(12,3)'],
    ['string', 'categorical', 'STRING'],
    ['varchar(20)', 'categorical', 'VARCHAR(20)'],
    ['boolean', 'categorical', 'BOOLEAN'],
    ['timestamp', 'timestamp', 'TIMESTAMP'],
    ['timestamp_ntz', 'timestamp', 'TIMESTAMP_NTZ'],
    ['date', 'timestamp', 'DATE'],
    ['binary', 'unsupported', 'BINARY'],
    ['struct<a:int,b:string>', 'unsupported', 'STRUCT'],
    ['array<double>', 'unsupported', 'ARRAY'],
    ['interval day to second', 'unsupported', 'INTERVAL'],
    ['string collate UNICODE_CI', 'unsupported', 'STRING COLLATE'],
    ['variant', 'unsupported', 'VARIANT'],
    ['', 'unsupported', 'UNKNOWN'],
  ])('classes %s', (written, kind, sqlType) => {
    expect(classOf(written)).toEqual({ kind, sqlType });
  });

  it('leaves text as it is and writes whole numbers without a point', () => {
    expect(asText({ name: 'c', kind: 'categorical', sqlType: 'STRING' })).toBe('`c`');
    expect(asText({ ...DOUBLE, sqlType: 'INT' })).toBe('CAST(`x` AS STRING)');
    expect(asText({ ...DOUBLE, sqlType: 'DECIMAL(12,3)' })).toContain('AS BIGINT');
    expect(asText({ ...DOUBLE, sqlType: 'DECIMAL(12,0)' })).toBe('CAST(`x` AS STRING)');
  });
});

describe('a statement', () => {
  const table = {
    name: 'main.risk.loans',
    columns: [DOUBLE, { name: 'c', kind: 'categorical', sqlType: 'STRING' } as const],
  };
  const tables = new Map([[table.name, table]]);
  const hostile = "x' OR 1 = 1 --";

  it('holds no value, only places for them', () => {
    const source = sourceOf(table.name, {
      where: { column: 'c', equals: hostile },
      version: 'c',
      onlyVersion: hostile,
    });
    const columns = [column('c', categorical([hostile]))];
    const { sql, values } = countStatement(
      { plan: planCount({ source, window: null, columns }, tables), stages: [], account: false },
      () => '`t`',
    );
    expect(sql).not.toContain('OR 1 = 1');
    expect(Object.values(values)).toEqual([hostile, hostile, JSON.stringify([{ c: 0, i: 0, l: hostile }])]);
  });

  it('has one branch per forty numeric columns, and reads the rows once for each', () => {
    const branches = (count: number): number => {
      const columns = Array.from({ length: count }, (_, index) => ({
        ...column('x', numeric([1])),
        name: `x${index}`,
      }));
      const plan = planCount({ source: sourceOf(table.name), window: null, columns }, tables);
      return (
        countStatement({ plan, stages: [], account: false }, () => '`t`').sql.split('FROM `t`').length - 1
      );
    };
    expect([0, 1, 40, 41, 80, 81].map(branches)).toEqual([1, 1, 1, 2, 2, 3]);
  });

  it('numbers its values', () => {
    const bound = parameters();
    expect([bound.bind('a'), bound.bind('b')]).toEqual([':p1', ':p2']);
    expect(bound.statement('s')).toEqual({ sql: 's', values: { p1: 'a', p2: 'b' } });
  });
});

describe('writing values into a statement, for the server of the tests', () => {
  it('passes over texts, names, comments and casts', () => {
    const sql = "SELECT ':p1', `:p1`, a::int, :p1 -- :p1\n/* :p1 */";
    expect(bindText(sql, [{ name: 'p1', type: 'STRING', value: "it's" }])).toBe(
      "SELECT ':p1', `:p1`, a::int, CAST('it\\'s' AS STRING) -- :p1\n/* :p1 */",
    );
  });

  it('knows every value it is asked for', () => {
    expect(() => bindText('SELECT :p2', [])).toThrow(':p2');
  });
});
