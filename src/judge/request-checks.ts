import { rate } from '../statistics/rate.ts';
import { type CheckBase, checkOf, unmeasured } from './data-check.ts';
import type { Limits } from './limit.ts';
import type { Check } from './verdict.ts';
import { percent, wholeNumber } from './words.ts';

/** What became of the logged requests of a window, as far as it is judged. */
export interface RequestsQuestion {
  readonly requests: number;
  readonly rejected: { readonly [reason: string]: number };
  readonly records: number;
  /** Records with a value that is not of its type. */
  readonly wrongType: number;
}

/** Over one of a hundred is a finding. With so few requests that this is a handful, it is no case yet. */
const MOST = 0.01;
const HANDFUL = 4;

/** Logged twice, or the caller's own mistake: counted, and nobody's bad data. */
const NO_FAULT: readonly string[] = ['duplicate', 'client_error'];
/** Of an endpoint that fails, which is judged where releases are: as data it is told and holds nothing. */
const ERROR_ANSWER = 'error_answer';

const SAID: { readonly [reason: string]: string } = {
  duplicate: 'logged twice',
  client_error: 'refused by the endpoint (status 4xx)',
  error_answer: 'error answers',
  too_large: 'too large to be logged',
  not_logged: 'without a logged body',
  sampling_fraction: 'without a sensible sampling fraction',
  request_shape: 'with a request that cannot be read',
  response_shape: 'with a response that cannot be read',
  length_mismatch: 'with another number of predictions than of records',
  empty: 'without a record',
};

/** The reasons there are, most frequent first, in words. */
export function reasonsOf(rejected: { readonly [reason: string]: number }): string {
  const found = Object.entries(rejected).filter(([, count]) => count > 0);
  return found
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([reason, count]) => `${wholeNumber(count)} ${SAID[reason] ?? reason}`)
    .join(', ');
}

/** How much of what was logged could not be counted; what never happened is not worth a line. */
export function requestChecks(question: RequestsQuestion): readonly Check[] {
  const { rejected, records, wrongType } = question;
  const requests = question.requests - (rejected['duplicate'] ?? 0);
  const errors = rejected[ERROR_ANSWER] ?? 0;
  const unusable = Object.fromEntries(
    Object.entries(rejected).filter(([reason]) => reason !== ERROR_ANSWER && !NO_FAULT.includes(reason)),
  );
  const unread = Object.values(unusable).reduce((sum, count) => sum + count, 0);
  return [
    rejectedCheck('requests', {
      ...{ count: unread, rows: requests, limits: limitsFor(requests) },
      said: `of ${wholeNumber(requests)} logged requests could not be counted: ${reasonsOf(unusable)}`,
    }),
    rejectedCheck('answers', {
      ...{ count: errors, rows: requests, limits: { warn: MOST, breach: 1 } },
      said: `of ${wholeNumber(requests)} logged requests have error answers`,
    }),
    rejectedCheck('values', {
      ...{ count: wrongType, rows: records, limits: limitsFor(records) },
      said: `of ${wholeNumber(records)} records have a value that is not of its type, and counts as missing`,
    }),
  ].filter((check) => (check.value ?? 0) > 0);
}

function limitsFor(rows: number): Limits {
  return { warn: MOST, breach: Math.max(MOST, HANDFUL / rows) };
}

function rejectedCheck(
  subject: string,
  asked: {
    readonly count: number;
    readonly rows: number;
    readonly limits: Limits;
    readonly said: string;
  },
): Check {
  const { count, rows, limits, said } = asked;
  const measurement = rate({ count, rows, baselineCount: 0, baselineRows: rows });
  const base: CheckBase = {
    ...checkOf(subject, 'rejected_rate', measurement),
    cells: {
      edges: null,
      labels: ['rejected', 'counted'],
      baseline: [0, 0],
      window: [count, rows - count],
    },
    noiseFloor: null,
    baselineRows: 0,
    details: null,
  };
  if (measurement.kind === 'not_measured')
    return unmeasured(base, `The rejected_rate of ${subject}`, measurement.reason);
  const { value } = measurement;
  const verdict = value > limits.breach ? 'breach' : value > limits.warn ? 'warn' : 'ok';
  const limit = verdict === 'breach' ? limits.breach : limits.warn;
  const where = verdict === 'ok' ? `within ${percent(limit)}` : `over ${percent(limit)}`;
  return { ...base, ...limits, verdict, reason: `${percent(value)} ${said}; ${where}.` };
}
