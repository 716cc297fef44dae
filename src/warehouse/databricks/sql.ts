/** A statement and its bound values by name, all as text: the SQL casts each to the type it is compared with. */
export interface Statement {
  readonly sql: string;
  readonly values: { readonly [name: string]: string };
}

/** Values on their way into one statement. */
export interface Parameters {
  /** The placeholder that stands for the text. */
  bind(value: string): string;
  statement(sql: string): Statement;
}

export function parameters(): Parameters {
  const values: Record<string, string> = {};
  let count = 0;
  return {
    bind: (value) => {
      count += 1;
      values[`p${count}`] = value;
      return `:p${count}`;
    },
    statement: (sql) => ({ sql, values }),
  };
}

/** A quoted name. Any text but the empty one and one with a NUL can be a name. */
export function identifier(name: string): string {
  if (name === '' || name.includes('\0')) throw new Error('an empty name or one with a NUL is no identifier');
  return `\`${name.replaceAll('`', '``')}\``;
}

const NAME_PART = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/;

/** A name of parts, each of them quoted. Throws for an empty part. */
export function qualified(name: string): string {
  return name.split('.').map(identifier).join('.');
}

/** `table`, `schema.table` or `catalog.schema.table` as something to select from; null when it is no such name. */
export function tableSql(name: string): string | null {
  const parts = name.split('.');
  return parts.length <= 3 && parts.every((part) => NAME_PART.test(part)) ? qualified(name) : null;
}

/**
 * A DOUBLE literal. Always with an exponent: without one the engine reads a DECIMAL, whose way to DOUBLE is the engine's own (Spark
 * 4.2 was seen to keep every digit); with one the literal is the double that JavaScript printed, whatever the engine.
 */
export function doubleLiteral(value: number): string {
  if (!Number.isFinite(value)) throw new Error('an edge is not finite');
  return value.toExponential();
}
