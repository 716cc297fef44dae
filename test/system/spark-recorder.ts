import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type StatementAnswer, valuesOf } from '../support/fake-sql-warehouse.ts';
import { keyOf, RECORDED } from '../support/recorded.ts';
import { type ResultType, type ResultValue, TYPE_IDS } from '../support/result-set.ts';
import { decode, type Struct } from '../support/thrift-wire.ts';

interface Call {
  readonly name: string;
  readonly request: Buffer;
  readonly answer: Buffer;
}

interface Recording {
  readonly key: string;
  failure: { readonly text: string; readonly sqlState: string | null } | null;
  columns: { readonly name: string; readonly type: ResultType }[];
  readonly rows: ResultValue[][];
}

/** Watches the conversation between driver and server and keeps what each statement answered. */
export class SparkRecorder {
  private readonly byOperation = new Map<string, Recording>();

  see({ name, request, answer }: Call): void {
    if (name === 'ExecuteStatement') {
      const asked = decode(request, 'TExecuteStatementReq').struct;
      const handle = decode(answer, 'TExecuteStatementResp').struct['operationHandle'];
      const key = keyOf(String(asked['statement']), valuesOf(asked));
      this.byOperation.set(idOf(handle), { key, failure: null, columns: [], rows: [] });
      return;
    }
    const type = {
      GetOperationStatus: 'TGetOperationStatus',
      GetResultSetMetadata: 'TGetResultSetMetadata',
      FetchResults: 'TFetchResults',
    }[name];
    if (type === undefined) return;
    const recording = this.byOperation.get(idOf(decode(request, `${type}Req`).struct['operationHandle']));
    const struct = decode(answer, `${type}Resp`).struct;
    if (recording === undefined) return;
    if (name === 'GetOperationStatus') recording.failure = failureIn(struct) ?? recording.failure;
    else if (name === 'GetResultSetMetadata') recording.columns = columnsIn(struct);
    else recording.rows.push(...rowsIn(struct));
  }

  write(to: URL = RECORDED): void {
    const lines = new Map<string, string>();
    for (const { key, failure, columns, rows } of this.byOperation.values()) {
      const answer: StatementAnswer =
        failure === null ? { kind: 'rows', result: { columns, rows } } : { kind: 'failed', ...failure };
      if (failure !== null || columns.length > 0) lines.set(key, JSON.stringify([key, answer]));
    }
    const path = fileURLToPath(to);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      `${[...lines.keys()]
        .sort()
        .map((key) => lines.get(key))
        .join('\n')}\n`,
    );
  }
}

function idOf(handle: unknown): string {
  const { guid } = (handle as { operationId: { guid: Buffer | string } }).operationId;
  return (typeof guid === 'string' ? Buffer.from(guid, 'binary') : guid).toString('hex');
}

const ERROR_STATE = 5;

function failureIn(struct: Struct): Recording['failure'] {
  if (struct['operationState'] !== ERROR_STATE) return null;
  // The first line says it; the rest is a stack of the server's own code.
  const { errorMessage, sqlState } = struct as unknown as {
    errorMessage: string | null;
    sqlState: string | null;
  };
  return { text: errorMessage?.split('\n')[0] ?? '', sqlState };
}

function columnsIn(struct: Struct): Recording['columns'] {
  const { columns } = struct['schema'] as {
    columns: { columnName: string; typeDesc: { types: { primitiveEntry: { type: number } }[] } }[];
  };
  return columns.map(({ columnName, typeDesc }) => {
    const id = typeDesc.types[0]?.primitiveEntry.type;
    const type = (Object.keys(TYPE_IDS) as ResultType[]).find((name) => TYPE_IDS[name] === id);
    return { name: columnName, type: type ?? 'STRING' };
  });
}

function rowsIn(struct: Struct): ResultValue[][] {
  const { columns } = struct['results'] as {
    columns: { [field: string]: { values: unknown[]; nulls: Buffer } | null }[];
  };
  const lists = columns.map((column) => {
    const found = Object.values(column).find((value) => value !== null && 'values' in value);
    const nulls =
      found === undefined || found === null
        ? Buffer.alloc(0)
        : Buffer.from(found.nulls as Buffer | string as string, 'binary');
    return (found?.values ?? []).map((value, index): ResultValue => {
      if (((nulls[index >> 3] ?? 0) >> (index & 7)) & 1) return null;
      return typeof value === 'object' ? Number(value) : (value as ResultValue);
    });
  });
  return (lists[0] ?? []).map((_, row) => lists.map((list) => list[row] ?? null));
}
