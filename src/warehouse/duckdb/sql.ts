import { type DuckDBType, type DuckDBValue, LIST, listValue } from '@duckdb/node-api';

/** A statement and its bound values; `$1` is the first of them. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly DuckDBValue[];
  readonly types: readonly DuckDBType[];
}

/** Values on their way into one statement. */
export interface Parameters {
  /** The placeholder that stands for the value. */
  bind(value: DuckDBValue, type: DuckDBType): string;
  bindList(values: readonly DuckDBValue[], type: DuckDBType): string;
  statement(sql: string): Statement;
}

export function parameters(): Parameters {
  const values: DuckDBValue[] = [];
  const types: DuckDBType[] = [];
  function bind(value: DuckDBValue, type: DuckDBType): string {
    values.push(value);
    types.push(type);
    return `$${values.length}`;
  }
  return {
    bind,
    bindList: (items, type) => bind(listValue(items), LIST(type)),
    statement: (sql) => ({ sql, values, types }),
  };
}

/** A quoted name. Any text but the empty one and one with a NUL can be a name. */
export function identifier(name: string): string {
  if (name === '' || name.includes('\0')) throw new Error('an empty name or one with a NUL is no identifier');
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text literal; only for file names, which have no place for a parameter. */
export function textLiteral(value: string): string {
  if (value.includes('\0')) throw new Error('a text with a NUL is no literal');
  return `'${value.replaceAll("'", "''")}'`;
}

/**
 * Edges as a list of DOUBLE. Written with an exponent: a plain decimal is a DECIMAL here, and some lose a digit on the way to
 * DOUBLE; with an exponent the literal is the double that JavaScript printed.
 */
export function doubleList(values: readonly number[]): string {
  return `[${values.map(doubleLiteral).join(', ')}]::DOUBLE[]`;
}

export function doubleLiteral(value: number): string {
  if (!Number.isFinite(value)) throw new Error('an edge is not finite');
  return value.toExponential();
}
