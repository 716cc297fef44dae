import { request as httpRequest } from 'node:http';
import { z } from 'zod';
import type { Config } from '../config/config.ts';
import { NotFound, Refused } from '../operations.ts';
import { GATES } from '../rollback/rollback.ts';
import { NONCE_HEADER, PROOF_HEADER, proofHolds, readCliToken } from './cli-token.ts';
import { DaemonError } from './error.ts';

/** The way to the daemon that runs on this store: what a command asks for is then done by that process. */
export interface DaemonClient {
  readonly url: string;
  /**
   * Sends a request under `/api/v1` (or `/-/reload`) and answers with the parsed JSON. Throws NotFound and Refused as the
   * operations themselves do, DaemonError for everything else.
   */
  post(path: string, body: { readonly [key: string]: unknown }): Promise<unknown>;
}

export interface FindOptions {
  readonly config: Pick<Config, 'http' | 'store'>;
  readonly random: (bytes: number) => Uint8Array;
  /** Milliseconds to wait for the answer whether a daemon is there; 2 s when absent. */
  readonly findWithin?: number;
  /** Milliseconds to wait for what was asked; an hour when absent: an evaluation takes as long as the warehouse does. */
  readonly answerWithin?: number;
}

/**
 * The running daemon of this store, or null when there is none at the configured address. What listens there proves that it
 * holds this store's token before it is sent, so that no other program on the port can collect it.
 */
export async function findDaemon(options: FindOptions): Promise<DaemonClient | null> {
  const { http, store } = options.config;
  const token = await readCliToken(store.path);
  if (token === null) return null;
  const at = { host: reachable(http.host), port: http.port };
  const nonce = Buffer.from(options.random(32)).toString('hex');
  let answer: Answer;
  try {
    answer = await send({
      ...at,
      method: 'GET',
      path: '/-/healthy',
      headers: { [NONCE_HEADER]: nonce },
      body: null,
      within: options.findWithin ?? 2000,
    });
  } catch {
    return null;
  }
  const proof = answer.headers[PROOF_HEADER];
  if (typeof proof !== 'string' || !proofHolds(token, nonce, proof)) return null;
  const url = `http://${at.host.includes(':') ? `[${at.host}]` : at.host}:${at.port}`;
  return {
    url,
    post: (path, body) => post({ ...at, url, token, within: options.answerWithin ?? 3_600_000 }, path, body),
  };
}

interface Daemon {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly token: string;
  readonly within: number;
}

async function post(
  daemon: Daemon,
  path: string,
  body: { readonly [key: string]: unknown },
): Promise<unknown> {
  let answer: Answer;
  try {
    answer = await send({
      host: daemon.host,
      port: daemon.port,
      method: 'POST',
      path,
      headers: { authorization: `Bearer ${daemon.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      within: daemon.within,
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new DaemonError(
      'lost',
      `The daemon at ${daemon.url} gave no answer to POST ${path} (${why}). It may have carried it out: look before you repeat it.`,
    );
  }
  if (answer.status === 200)
    return path.startsWith('/-/') ? answer.body : parseJson(daemon, path, answer.body);
  throw failure(daemon, path, answer);
}

const problem = z.object({ error: z.string(), gate: z.enum(GATES).nullable().catch(null) });

function failure(daemon: Daemon, path: string, answer: Answer): Error {
  const parsed = problem.safeParse(safeJson(answer.body));
  const text = parsed.success ? parsed.data.error : answer.body.trim().slice(0, 500);
  if (answer.status === 404 && parsed.success) return new NotFound(text);
  if (answer.status === 409 && parsed.success) return new Refused(text, parsed.data.gate);
  const message = `The daemon at ${daemon.url} answered ${answer.status} to POST ${path}: ${text}`;
  return new DaemonError(answer.status < 500 ? 'refused_request' : 'failed', message);
}

function parseJson(daemon: Daemon, path: string, body: string): unknown {
  const value = safeJson(body);
  if (value !== undefined) return value;
  throw new DaemonError(
    'bad_answer',
    `The daemon at ${daemon.url} answered POST ${path} with something that is not JSON.`,
  );
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An address to listen on everywhere is reached on this machine by the loopback address. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

interface Answer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly body: string;
}

interface Send {
  readonly host: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string | null;
  readonly within: number;
}

const LARGEST_ANSWER = 16 * 1024 * 1024;

/** Not `fetch`: that one gives up on an answer after five minutes whatever it is told. */
function send(what: Send): Promise<Answer> {
  const { within, body, ...target } = what;
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { ...target, agent: false, signal: AbortSignal.timeout(within) },
      (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on('data', (part: Buffer) => {
          size += part.length;
          parts.push(part);
          if (size > LARGEST_ANSWER)
            response.destroy(new Error(`the answer is larger than ${LARGEST_ANSWER} bytes`));
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(parts).toString('utf8'),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(body ?? undefined);
  });
}
