import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { parseJson, readBody } from './body.ts';
import type { RemoteCall, RemoteClient } from './call.ts';
import type { AuthHeaders, Credentials } from './credentials.ts';
import { RemoteError, type RemoteReason } from './error.ts';
import { generalRemedy, reasonOfStatus, retryAfter, type Said, whatWasSaid } from './failure.ts';

type Fetch = typeof globalThis.fetch;

export interface ClientOptions {
  /** The system's name in messages. */
  readonly name: string;
  /** Without a trailing slash; may carry a path and, for a webhook, a query. */
  readonly baseUrl: string;
  readonly credentials: Credentials | null;
  readonly fetch: Fetch;
  /** Wall clock, for `Retry-After` dates and durations. */
  readonly clock: Clock;
  /** From sending to the last byte of the answer; getting a token has a deadline of its own. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly logger: Logger;
}

/** An error body is only quoted, so there is no need for more of it. */
const ERROR_BYTES = 64 * 1024;

/** The one place from which this program speaks HTTP. See {@link RemoteClient} for what it promises. */
export function createClient(options: ClientOptions): RemoteClient {
  return {
    name: options.name,
    async request(call) {
      const { credentials } = options;
      if (credentials === null) return await send(options, call, {});
      const used = await credentials.headers();
      try {
        return await send(options, call, used);
      } catch (error) {
        if (!(error instanceof RemoteError) || error.reason !== 'unauthorized') throw error;
        if (!(await credentials.renew(used))) throw error;
      }
      return await send(options, call, await credentials.headers());
    },
  };
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | null;
  /** Null: it broke off, or is not UTF-8. */
  readonly text: string | null;
  readonly tooLarge: boolean;
}

async function send(options: ClientOptions, call: RemoteCall, auth: AuthHeaders): Promise<unknown> {
  const started = options.clock.now();
  const answer = await exchange(options, call, auth);
  options.logger.debug(
    { place: call.place, status: answer.status, ms: options.clock.now() - started },
    `${options.name} answered`,
  );
  if (!isSuccess(answer.status)) throw refusal(options, call, { answer, auth });
  const parsed = answer.text === null ? undefined : parseJson(answer.text);
  if (call.answer === 'any') return parsed ?? null;
  if (parsed === undefined)
    throw failure(options, call, { reason: 'bad_answer', what: noJson(options, answer) });
  return parsed;
}

/** Sends and reads under one deadline. Throws `timeout` and `network`; whatever was answered is returned. */
async function exchange(options: ClientOptions, call: RemoteCall, auth: AuthHeaders): Promise<Answer> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), options.timeoutMs);
  const timedOut = (): RemoteError =>
    failure(options, call, { reason: 'timeout', what: `no answer within ${options.timeoutMs} ms` });
  try {
    const response = await fetchOnce(options, { call, auth, signal: controller.signal });
    const answer = await readAnswer(response, options.maxBytes);
    // A refusal whose text never ends is still that refusal, and where only the status counts 2xx means done.
    const needed = isSuccess(answer.status) && call.answer !== 'any';
    if (controller.signal.aborted && answer.text === null && needed) throw timedOut();
    return answer;
  } catch (error) {
    if (error instanceof RemoteError) throw error;
    if (controller.signal.aborted) throw timedOut();
    throw failure(options, call, { reason: 'network', what: `no connection (${causeOf(error)})` });
  } finally {
    clearTimeout(timer);
  }
}

async function fetchOnce(
  options: ClientOptions,
  { call, auth, signal }: { call: RemoteCall; auth: AuthHeaders; signal: AbortSignal },
): Promise<Response> {
  return await options.fetch(urlOf(options.baseUrl, call), {
    method: call.method,
    headers: headersOf(call, auth),
    ...(call.body === undefined ? {} : { body: call.body.text }),
    // Credentials must not follow a redirect, and an API that redirects is not the API.
    redirect: 'manual',
    signal,
  });
}

async function readAnswer(response: Response, maxBytes: number): Promise<Answer> {
  const cap = isSuccess(response.status) ? maxBytes : Math.min(ERROR_BYTES, maxBytes);
  const body = await readBody(response, cap);
  return {
    status: response.status,
    contentType: response.headers.get('content-type') ?? 'no content type',
    retryAfter: response.headers.get('retry-after'),
    text: body.kind === 'text' ? body.text : null,
    tooLarge: body.kind === 'too_large',
  };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

function urlOf(baseUrl: string, call: RemoteCall): string {
  const query = call.query === undefined ? '' : `?${new URLSearchParams(call.query).toString()}`;
  return `${baseUrl}${call.path}${query}`;
}

function headersOf(call: RemoteCall, auth: AuthHeaders): { [name: string]: string } {
  return {
    accept: 'application/json',
    'user-agent': 'driftwarden',
    ...(call.body === undefined ? {} : { 'content-type': call.body.type }),
    ...call.headers,
    ...auth,
  };
}

/** Node's fetch says "fetch failed" and hides the system's code; a message text could hold the whole URL. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : null;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(code) ? code : 'no reason given';
}

function refusal(
  options: ClientOptions,
  call: RemoteCall,
  { answer, auth }: { readonly answer: Answer; readonly auth: AuthHeaders },
): RemoteError {
  const said = whatWasSaid(answer.text ?? '', secretsIn(auth));
  const reason = reasonOfStatus(answer.status, said.text);
  const words = [said.code, said.text === '' ? null : `"${said.text}"`].filter((word) => word !== null);
  const redirect = answer.status < 400 ? ', a redirect, which is not followed' : '';
  return failure(options, call, {
    reason,
    what: `status ${answer.status}${redirect}${words.length > 0 ? `: ${words.join(' ')}` : ''}`,
    said,
    retryAfter: retryAfter(answer.retryAfter, options.clock.now()),
  });
}

/** What of our own headers the other side might echo: the header, its token, and a user's password in the clear. */
function secretsIn(auth: AuthHeaders): string[] {
  return Object.values(auth).flatMap((value) => {
    const [scheme, token] = value.split(' ');
    if (token === undefined) return [value];
    if (scheme !== 'Basic') return [value, token];
    const login = Buffer.from(token, 'base64').toString('utf8');
    const password = login.slice(login.indexOf(':') + 1);
    return [value, token, login, password, decodeURIComponentOr(password)].filter((part) => part !== '');
  });
}

function decodeURIComponentOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function noJson(options: ClientOptions, answer: Answer): string {
  const status = `status ${answer.status}`;
  if (answer.tooLarge) return `${status} with more than ${options.maxBytes} bytes`;
  if (answer.text === null) return `${status} with an answer that broke off or is not UTF-8`;
  if (answer.text.trim() === '') return `${status} with an empty answer`;
  if (/^\s*</.test(answer.text)) return `${status} with a web page instead of JSON`;
  return `${status} with an answer that is not JSON or not whole (${answer.contentType.slice(0, 80)})`;
}

interface Trouble {
  readonly reason: RemoteReason;
  readonly what: string;
  readonly said?: Said;
  readonly retryAfter?: number | null;
}

function failure(options: ClientOptions, call: RemoteCall, trouble: Trouble): RemoteError {
  const remedy = call.remedy?.(trouble.reason, trouble.said?.text ?? '') ?? null;
  return new RemoteError({
    reason: trouble.reason,
    place: `${options.name}, ${call.place}`,
    message: `${options.name}, ${call.place}: ${trouble.what}`,
    remedy: remedy ?? generalRemedy(trouble.reason),
    retryAfter: trouble.retryAfter ?? null,
    code: trouble.said?.code ?? null,
  });
}
