import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { bodyOf } from './http-body.ts';
import { type ResultRows, rowSet, tableSchema } from './result-set.ts';
import { selfSigned } from './self-signed.ts';
import { callOf, decode, encode, make, type Struct } from './thrift-wire.ts';

/** How the fake answers one statement. `running` never ends; `failed` ends with the engine's words. */
export type StatementAnswer =
  | { readonly kind: 'rows'; readonly result: ResultRows }
  | { readonly kind: 'failed'; readonly text: string; readonly sqlState: string | null }
  | { readonly kind: 'running' }
  | { readonly kind: 'ended'; readonly state: number };

/** What is done to a call instead of answering it. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: { readonly [name: string]: string };
    }
  | { readonly kind: 'html' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'silence' }
  | { readonly kind: 'refused'; readonly message: string };

export interface FakeOptions {
  readonly answer: (statement: string, values: { readonly [name: string]: string | null }) => StatementAnswer;
  readonly format?: 'arrow' | 'columns';
  /** Answers come with the statement, as a warehouse gives them when it is quick enough. */
  readonly direct?: boolean;
  /** Rows of one fetch. */
  readonly page?: number;
}

export interface SeenCall {
  readonly name: string;
  readonly authorization: string | undefined;
  readonly request: Struct | null;
}

export interface FakeSqlWarehouse {
  readonly url: string;
  readonly ca: string;
  /** Every request that came, Thrift or not, in order. */
  readonly calls: SeenCall[];
  /** Asked before each call; null lets it pass. `nth` counts calls of that name from 1. */
  fault: (name: string, nth: number) => Fault | null;
  /** Sessions and statements that were opened and not ended. */
  readonly open: { readonly sessions: ReadonlySet<string>; readonly operations: ReadonlySet<string> };
  count(name: string): number;
  close(): Promise<void>;
}

const PROTOCOL_V8 = 0xa508;
const OK = { statusCode: 0 };
const REQUESTS = [
  'OpenSession',
  'ExecuteStatement',
  'FetchResults',
  'CloseOperation',
  'CancelOperation',
  'CloseSession',
  'GetOperationStatus',
  'GetResultSetMetadata',
];

interface Operation {
  readonly answer: StatementAnswer;
  readonly handle: object;
  next: number;
}

/**
 * SIMULATED: a SQL warehouse that speaks the protocol of the real one (version V8, parameters, direct results, Arrow or columns) over
 * TLS to the unmodified driver, and knows no SQL: what each statement answers is scripted.
 */
export async function startFakeSqlWarehouse(options: FakeOptions): Promise<FakeSqlWarehouse> {
  const { key, cert } = selfSigned();
  const calls: SeenCall[] = [];
  const operations = new Map<string, Operation>();
  const sessions = new Set<string>();
  const unended = new Set<string>();
  const rememberOperation = (
    answer: StatementAnswer,
  ): { readonly id: string; readonly operation: Operation } => {
    const { id, bytes } = handleId();
    const handle = { operationId: { guid: bytes, secret: bytes }, operationType: 0, hasResultSet: true };
    const operation = { answer, handle, next: 0 };
    operations.set(id, operation);
    unended.add(id);
    return { id, operation };
  };
  const operationIn = (request: Struct): { readonly id: string; readonly operation: Operation } | null => {
    const id = guidOf(request['operationHandle'], 'operationId');
    const operation = operations.get(id);
    return operation === undefined ? null : { id, operation };
  };

  const handlers: { readonly [name: string]: (request: Struct) => Struct } = {
    OpenSession: () => {
      const { id, bytes } = handleId();
      sessions.add(id);
      return make('TOpenSessionResp', {
        status: OK,
        serverProtocolVersion: PROTOCOL_V8,
        sessionHandle: { sessionId: { guid: bytes, secret: bytes }, serverProtocolVersion: PROTOCOL_V8 },
      });
    },
    ExecuteStatement: (request) => {
      const sessionId = guidOf(request['sessionHandle'], 'sessionId');
      if (!sessions.has(sessionId))
        return make('TExecuteStatementResp', {
          status: { statusCode: 4, errorMessage: `Invalid SessionHandle: SessionHandle [${sessionId}]` },
        });
      const { id, operation } = rememberOperation(
        options.answer(String(request['statement']), valuesOf(request)),
      );
      const response = { status: OK, operationHandle: operation.handle };
      if (options.direct === false || operation.answer.kind === 'running')
        return make('TExecuteStatementResp', response);
      const whole =
        operation.answer.kind === 'rows' && operation.answer.result.rows.length <= (options.page ?? 1e9);
      if (whole) unended.delete(id);
      return make('TExecuteStatementResp', {
        ...response,
        directResults: {
          operationStatus: statusOf(operation),
          ...(operation.answer.kind === 'rows'
            ? { resultSetMetadata: metadataOf(operation), resultSet: fetchFrom(operation) }
            : {}),
          ...(whole ? { closeOperation: { status: OK } } : {}),
        },
      });
    },
    GetOperationStatus: (request) => {
      const found = operationIn(request);
      return make(
        'TGetOperationStatusResp',
        found === null ? { status: INVALID } : statusOf(found.operation),
      );
    },
    GetResultSetMetadata: (request) => {
      const found = operationIn(request);
      return make(
        'TGetResultSetMetadataResp',
        found === null ? { status: INVALID } : metadataOf(found.operation),
      );
    },
    FetchResults: (request) => {
      const found = operationIn(request);
      return make('TFetchResultsResp', found === null ? { status: INVALID } : fetchFrom(found.operation));
    },
    CloseOperation: (request) => {
      unended.delete(operationIn(request)?.id ?? '');
      return make('TCloseOperationResp', { status: OK });
    },
    CancelOperation: (request) => {
      unended.delete(operationIn(request)?.id ?? '');
      return make('TCancelOperationResp', { status: OK });
    },
    CloseSession: (request) => {
      sessions.delete(guidOf(request['sessionHandle'], 'sessionId'));
      return make('TCloseSessionResp', { status: OK });
    },
  };

  function statusOf({ answer }: Operation): object {
    if (answer.kind === 'rows') return { status: OK, operationState: 2, hasResultSet: true };
    if (answer.kind === 'running') return { status: OK, operationState: 1 };
    if (answer.kind === 'ended') return { status: OK, operationState: answer.state };
    const { text, sqlState } = answer;
    return { status: OK, operationState: 5, errorMessage: text, displayMessage: text, sqlState };
  }
  function metadataOf({ answer }: Operation): object {
    if (answer.kind !== 'rows') return { status: OK };
    const { columns } = answer.result;
    return { status: OK, ...tableSchema(columns, options.format ?? 'arrow') };
  }
  function fetchFrom(operation: Operation): object {
    if (operation.answer.kind !== 'rows') return { status: OK };
    const { columns, rows } = operation.answer.result;
    const page = options.page ?? 1e9;
    const slice = rows.slice(operation.next, operation.next + page);
    operation.next += slice.length;
    return {
      status: OK,
      hasMoreRows: operation.next < rows.length,
      results: rowSet({ columns, rows: slice }, options.format ?? 'arrow'),
    };
  }

  const fake: FakeSqlWarehouse = {
    url: '',
    ca: cert,
    calls,
    fault: () => null,
    open: { sessions, operations: unended },
    count: (name) => calls.filter((call) => call.name === name).length,
    close: async () => {},
  };
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const { authorization } = request.headers;
    if (request.headers['content-type'] !== 'application/x-thrift') {
      calls.push({ name: `${request.method} ${request.url}`, authorization, request: null });
      response.writeHead(404).end();
      return;
    }
    const name = callOf(body);
    const message = decode(body, REQUESTS.includes(name) ? `T${name}Req` : 'TOpenSessionReq');
    calls.push({ name, authorization, request: message.struct });
    const fault = fake.fault(name, fake.count(name));
    if (fault !== null && fault.kind !== 'refused') {
      misbehave(fault, response);
      return;
    }
    const struct =
      fault === null
        ? handlers[name]?.(message.struct)
        : make(`T${name}Resp`, { status: { statusCode: 3, errorMessage: fault.message } });
    if (struct === undefined) throw new Error(`the fake does not know ${name}`);
    response.writeHead(200, { 'content-type': 'application/x-thrift' });
    response.end(encode({ ...message, struct }, 'answer'));
  }
  const server = createServer({ key, cert }, (request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(501, { 'x-thriftserver-error-message': String(error).slice(0, 300) }).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return Object.assign(fake, {
    url: `https://localhost:${address.port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  });
}

const INVALID = { statusCode: 4, errorMessage: 'Invalid OperationHandle' };

function misbehave(fault: Exclude<Fault, { kind: 'refused' }>, response: ServerResponse): void {
  if (fault.kind === 'status') response.writeHead(fault.status, fault.headers).end('not what you wanted');
  else if (fault.kind === 'html')
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Please log in</body></html>');
  else if (fault.kind === 'reset') response.socket?.destroy();
  // Silence: the connection stays open and nothing comes.
}

function handleId(): { readonly id: string; readonly bytes: Buffer } {
  const id = randomUUID();
  return { id, bytes: Buffer.from(id.replaceAll('-', ''), 'hex') };
}

function guidOf(handle: unknown, field: string): string {
  const guid = (handle as { readonly [name: string]: { readonly guid: Buffer | string } })[field]?.guid ?? '';
  const hex = (typeof guid === 'string' ? Buffer.from(guid, 'binary') : guid).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export function valuesOf(request: Struct): { readonly [name: string]: string | null } {
  const given = (request['parameters'] ?? []) as readonly {
    name: string;
    value: { stringValue: string | null } | null;
  }[];
  return Object.fromEntries(given.map(({ name, value }) => [name, value?.stringValue ?? null]));
}
