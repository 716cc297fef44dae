import { z } from 'zod';
import { RemoteError } from '../../remote/error.ts';
import { WarehouseError } from '../warehouse.ts';
import { DeadlineError } from './deadline.ts';
import { type Failure, failed, OperationFailure } from './failure.ts';
import { sqlFailure } from './sql-failure.ts';

const LATER =
  'Nothing, if it passes: the next cycle tries again. Otherwise look at the state of the SQL warehouse and the network to it.';

/** Gives whatever a try threw a closed reason; null for a WarehouseError, which has one already. */
export function failureOf(error: unknown, limitMs: number): Failure | null {
  if (error instanceof WarehouseError) return null;
  if (error instanceof DeadlineError) return late(error, limitMs);
  if (error instanceof RemoteError) return withoutToken(error);
  if (error instanceof OperationFailure) return ended(error, limitMs);
  const thrown = Thrown.safeParse(error);
  return thrown.success ? thrownFailure(thrown.data) : unreadable('an error without a text');
}

function thrownFailure({ name, message, statusCode, code, response }: z.infer<typeof Thrown>): Failure {
  const word = String(code ?? '');
  if (typeof statusCode === 'number') return refused(statusCode, response?.headers);
  if (name === 'Status Error') return said(message);
  if (NETWORK.test(word) || BROKEN.test(message)) {
    const what = `the connection broke (${word === '' ? message.slice(0, 80) : word}).`;
    return failed('unavailable', what, { remedy: LATER, again: 'reconnect' });
  }
  if (TLS.test(word))
    return failed('unavailable', `the certificate of the workspace is not accepted (${word}).`, {
      remedy: 'Set NODE_EXTRA_CA_CERTS to the authority of your proxy, or correct workspace.url.',
    });
  if (message.includes('Request timed out'))
    return failed('timeout', 'the warehouse gave no answer.', { remedy: LATER, again: 'reconnect' });
  return unreadable(`${name ?? 'error'}: ${message.slice(0, 200)}`);
}

const BROKEN = /Max retry count|Retry timeout|socket hang up|Premature close/;
const NETWORK =
  /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ERR_STREAM_PREMATURE_CLOSE)/;
const TLS = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO/;

/** What is used of the headers of an answer. */
interface Headers {
  get(name: string): string | null;
}

/** Errors come from four libraries: this is all that they share. One of them is not even an Error. */
const Thrown = z.object({
  name: z.string().optional(),
  message: z.string(),
  statusCode: z.unknown().optional(),
  code: z.union([z.string(), z.number()]).nullish().catch(null),
  response: z.object({ headers: z.custom<Headers>() }).optional().catch(undefined),
});

function late({ doing }: DeadlineError, limitMs: number): Failure {
  if (doing === 'open')
    return failed('unavailable', 'no session was opened in time.', {
      remedy:
        'Look whether the SQL warehouse starts, and whether a proxy or a login page answers in its place (a page instead of an answer is never noticed by the driver).',
    });
  return failed('timeout', `it took longer than ${limitMs} ms and was given up.`, {
    remedy:
      'Raise warehouse.statementTimeout, use a larger SQL warehouse, or cluster the table by its event time.',
  });
}

function withoutToken({ reason, message, remedy }: RemoteError): Failure {
  const credentials = reason === 'unauthorized' || reason === 'forbidden' || reason === 'rejected';
  return failed(credentials ? 'forbidden' : 'unavailable', `there is no token: ${message}`, { remedy });
}

function refused(status: number, headers: Headers | undefined): Failure {
  const header = (name: string): string => headers?.get(name) ?? '';
  const text = header('x-thriftserver-error-message') || header('x-databricks-error-or-redirect-message');
  const what = `the workspace answers HTTP ${status}${text === '' ? '.' : `: ${text.slice(0, 200)}`}`;
  if (status === 401)
    return failed('forbidden', what, {
      remedy:
        'Check the credentials under workspace.reader: the secret may have expired or belong to another workspace.',
      again: 'renew',
    });
  if (status === 403)
    return failed('forbidden', what, { remedy: 'Grant the reader CAN USE on the SQL warehouse.' });
  if (status === 429 || (status >= 500 && status !== 501))
    return failed('unavailable', what, {
      remedy: LATER,
      again: 'wait',
      retryAfter: waitAsked(header('retry-after')),
    });
  return failed('unavailable', what, {
    remedy:
      'Check workspace.url and warehouse.httpPath; both stand under the connection details of the SQL warehouse.',
  });
}

/** Retry-After in seconds, as milliseconds. The other form, a date, would need two clocks to agree. */
function waitAsked(header: string): number | null {
  return /^\d{1,5}$/.test(header) ? Number(header) * 1000 : null;
}

const SESSION =
  /invalid (?:session|operation) ?handle|session .{0,80}(?:closed|expired|not found)|INVALID_HANDLE/i;

/** A status instead of an answer: the session is gone, or the statement was refused before it ran. */
function said(text: string): Failure {
  if (SESSION.test(text))
    return failed('unavailable', 'the session had ended.', { remedy: LATER, again: 'reconnect' });
  return sqlFailure(text, null);
}

const CANCELED = 3;
const CLOSED = 4;
const TIMEDOUT = 8;

function ended({ state, text, sqlState }: OperationFailure, limitMs: number): Failure {
  if (state === TIMEDOUT) return late(new DeadlineError('statement'), limitMs);
  if (state === CANCELED)
    return failed('query_failed', 'the statement was cancelled by somebody.', {
      remedy: 'Nothing: the next cycle asks again. The query history of the SQL warehouse says who did it.',
    });
  if (state === CLOSED)
    return failed('unavailable', 'the statement was closed by the warehouse.', {
      remedy: LATER,
      again: 'reconnect',
    });
  return SESSION.test(text) ? said(text) : sqlFailure(text, sqlState);
}

function unreadable(what: string): Failure {
  return failed('bad_answer', `the answer cannot be read (${what}).`, {
    remedy:
      'Check that workspace.url and warehouse.httpPath lead to a SQL warehouse; otherwise report this as a defect.',
  });
}
