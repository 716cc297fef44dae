import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { bindText, type TextParameter } from '../support/bind-text.ts';
import { bodyOf } from '../support/http-body.ts';
import { selfSigned } from '../support/self-signed.ts';
import { callOf, decode, encode, type Struct } from '../support/thrift-wire.ts';

export interface SparkAdapter {
  readonly url: string;
  readonly ca: string;
  close(): Promise<void>;
}

/** Spark numbers columns from 0 where the driver counts from 1: unless they are renumbered, the first column is lost and all others move. */
export interface AdapterOptions {
  readonly renumber?: boolean;
  /** Told each statement with its values and its answer when it has one: for recording. */
  readonly seen?: (call: {
    readonly name: string;
    readonly request: Buffer;
    readonly answer: Buffer;
  }) => void;
}

const CLAIMED_PROTOCOL = 0xa508;
const HIVE_V10 = 9;
const COLUMN_BASED = 1;

/**
 * Between the unmodified driver, which speaks TLS and Databricks' dialect of the protocol, and the Thrift server of open-source Spark.
 * Test code. What it changes: the number of the protocol both ways, where the credentials stand, the format and the places of
 * columns in the description of a result, and parameters, which Spark's server does not have.
 */
export async function startSparkAdapter(
  sparkPort: number,
  options: AdapterOptions = {},
): Promise<SparkAdapter> {
  const { key, cert } = selfSigned();
  const server = createServer({ key, cert }, (request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(500, { 'x-thriftserver-error-message': String(error).slice(0, 300) });
      response.end();
    });
  });
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const name = callOf(body);
    const answer = await fetch(`http://127.0.0.1:${sparkPort}/cliservice`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-thrift',
        authorization: `Basic ${Buffer.from('test:x').toString('base64')}`,
      },
      body: new Uint8Array(toSpark(name, body)),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const translated = answer.ok ? fromSpark(name, bytes, options.renumber ?? true) : bytes;
    response.writeHead(answer.status, { 'content-type': 'application/x-thrift' });
    options.seen?.({ name, request: body, answer: translated });
    response.end(translated);
  }
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `https://localhost:${address.port}`,
    ca: cert,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** Spark has one catalog with Delta tables in it. */
const NAMES = new Map([['`main`', '`spark_catalog`']]);

function toSpark(name: string, body: Buffer): Buffer {
  if (name === 'OpenSession') {
    const message = decode(body, 'TOpenSessionReq');
    message.struct['client_protocol'] = HIVE_V10;
    return encode(message, 'call');
  }
  if (name === 'ExecuteStatement') {
    const message = decode(body, 'TExecuteStatementReq');
    const { struct } = message;
    struct['statement'] = bindText(String(struct['statement']), textParameters(struct), NAMES);
    struct['parameters'] = null;
    return encode(message, 'call');
  }
  return body;
}

export function textParameters(struct: Struct): readonly TextParameter[] {
  const given = (struct['parameters'] ?? []) as readonly {
    name: string;
    type: string;
    value: { stringValue: string | null } | null;
  }[];
  return given.map(({ name, type, value }) => ({ name, type, value: value?.stringValue ?? null }));
}

function fromSpark(name: string, body: Buffer, renumber: boolean): Buffer {
  if (name === 'OpenSession') {
    const message = decode(body, 'TOpenSessionResp');
    message.struct['serverProtocolVersion'] = CLAIMED_PROTOCOL;
    return encode(message, 'answer');
  }
  if (name === 'GetResultSetMetadata') {
    const message = decode(body, 'TGetResultSetMetadataResp');
    message.struct['resultFormat'] = COLUMN_BASED;
    const schema = message.struct['schema'] as { columns: { position: number }[] } | null;
    if (renumber)
      for (const [index, column] of (schema?.columns ?? []).entries()) column.position = index + 1;
    return encode(message, 'answer');
  }
  return body;
}
