/** A value per row of a slice, under a name of our own: source names never meet ours. */
export interface Field {
  readonly name: string;
  readonly sql: string;
}

/** One field per expression, so that a column asked twice is read once. */
export interface Fields {
  readonly nameOf: (sql: string) => string;
  readonly all: readonly Field[];
}

export function fieldsOf(expressions: readonly string[]): Fields {
  const all = [...new Set(expressions)].map((sql, place) => ({ name: `f${place}`, sql }));
  const names = new Map(all.map((field) => [field.sql, field.name]));
  return {
    all,
    nameOf: (sql) => {
      const name = names.get(sql);
      if (name === undefined) throw new Error('an expression has no field');
      return name;
    },
  };
}
