import { driverRequire } from './driver-parts.ts';

/** Types a statement answers with. */
export type ResultType = 'BOOLEAN' | 'INT' | 'BIGINT' | 'DOUBLE' | 'STRING';
export type ResultValue = string | number | boolean | null;

export interface ResultRows {
  readonly columns: readonly { readonly name: string; readonly type: ResultType }[];
  readonly rows: readonly (readonly ResultValue[])[];
}

export type ResultFormat = 'arrow' | 'columns';

/** Numbers of TTypeId. */
export const TYPE_IDS: { readonly [type in ResultType]: number } = {
  BOOLEAN: 0,
  INT: 3,
  BIGINT: 4,
  DOUBLE: 6,
  STRING: 7,
};

/** The little that is used here of a library whose types do not load in this kind of module. */
interface Arrow {
  readonly Bool: new () => object;
  readonly Int32: new () => object;
  readonly Int64: new () => object;
  readonly Float64: new () => object;
  readonly Utf8: new () => object;
  readonly Table: new (columns: object) => object;
  vectorFromArray(values: readonly unknown[], type: object): object;
  tableToIPC(table: object, kind: 'stream'): Uint8Array;
}

const arrow = driverRequire('apache-arrow') as Arrow;

const ARROW_TYPES: { readonly [type in ResultType]: () => object } = {
  BOOLEAN: () => new arrow.Bool(),
  INT: () => new arrow.Int32(),
  BIGINT: () => new arrow.Int64(),
  DOUBLE: () => new arrow.Float64(),
  STRING: () => new arrow.Utf8(),
};

const COLUMNS: { readonly [type in ResultType]: string } = {
  BOOLEAN: 'boolVal',
  INT: 'i32Val',
  BIGINT: 'i64Val',
  DOUBLE: 'doubleVal',
  STRING: 'stringVal',
};

const ARROW_BASED = 0;
const COLUMN_BASED = 1;

const Int64 = driverRequire('node-int64') as new (value: number) => object;

/** The fields of TGetResultSetMetadataResp that describe the result. */
export function tableSchema(columns: ResultRows['columns'], format: ResultFormat): object {
  const schema = {
    columns: columns.map(({ name, type }, index) => ({
      columnName: name,
      typeDesc: { types: [{ primitiveEntry: { type: TYPE_IDS[type] } }] },
      position: index + 1,
    })),
  };
  if (format === 'columns') return { schema, resultFormat: COLUMN_BASED };
  return { schema, resultFormat: ARROW_BASED, arrowSchema: stream({ columns, rows: [] }).schema };
}

/** The fields of TRowSet. */
export function rowSet(result: ResultRows, format: ResultFormat): object {
  const { columns, rows } = result;
  if (format === 'arrow')
    return {
      startRowOffset: new Int64(0),
      rows: [],
      arrowBatches:
        rows.length === 0 ? [] : [{ batch: stream(result).batches, rowCount: new Int64(rows.length) }],
    };
  return {
    startRowOffset: new Int64(0),
    rows: [],
    columns: columns.map(({ type }, index) => {
      const values = rows.map((row) => row[index] ?? null);
      return {
        [COLUMNS[type]]: { values: values.map((value) => plain(value, type)), nulls: nullsOf(values) },
      };
    }),
  };
}

function plain(value: ResultValue, type: ResultType): unknown {
  if (type === 'BIGINT') return new Int64(Number(value ?? 0));
  if (type === 'STRING') return value ?? '';
  return value ?? (type === 'BOOLEAN' ? false : 0);
}

function nullsOf(values: readonly ResultValue[]): Buffer {
  const bits = Buffer.alloc(Math.ceil(values.length / 8));
  for (const [index, value] of values.entries())
    if (value === null) bits.writeUInt8(bits.readUInt8(index >> 3) | (1 << (index & 7)), index >> 3);
  return bits;
}

/** An Arrow stream, cut behind its schema: the protocol carries the two apart. */
function stream({ columns, rows }: ResultRows): { readonly schema: Buffer; readonly batches: Buffer } {
  const vectors = columns.map(({ name, type }, index) => {
    const values = rows.map((row) => {
      const value = row[index] ?? null;
      return type === 'BIGINT' && value !== null ? BigInt(Number(value)) : value;
    });
    return [name, arrow.vectorFromArray(values, ARROW_TYPES[type]())] as const;
  });
  const bytes = Buffer.from(arrow.tableToIPC(new arrow.Table(Object.fromEntries(vectors)), 'stream'));
  // A continuation mark, the length of the message, the message.
  const end = 8 + bytes.readInt32LE(4);
  return { schema: bytes.subarray(0, end), batches: bytes.subarray(end) };
}
