import type { ExceptionCase, Severity } from '../exceptions/exception.ts';
import { isOpen } from '../exceptions/lifecycle.ts';
import type { Rollback, RollbackState } from '../rollback/rollback.ts';
import type { ExceptionFacts, RollbackFacts } from './facts.ts';

/** States between the first write and the end: something outside is being changed or watched. */
const RUNNING: readonly RollbackState[] = [
  'shifting_traffic',
  'traffic_verified',
  'moving_alias',
  'alias_verified',
  'dwelling',
];
/** States in which the deadline is still ahead; from `alias_verified` on it has been met. */
const UNVERIFIED: readonly RollbackState[] = ['shifting_traffic', 'traffic_verified', 'moving_alias'];

/** Where the rollbacks of a model stand. How many there were is counted when they are committed. */
export function summariseRollbacks(rollbacks: readonly Rollback[]): RollbackFacts {
  const wrote = rollbacks.filter((rollback) => rollback.wrote);
  const [newest] = [...rollbacks].sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
  const unverified = rollbacks.filter((rollback) => UNVERIFIED.includes(rollback.state));
  return {
    running: rollbacks.some((rollback) => RUNNING.includes(rollback.state)),
    deadline: earliest(unverified.map((rollback) => rollback.deadlineAt)),
    lastEnded: latest(wrote.map((rollback) => rollback.endedAt)),
    newestState: newest?.state ?? null,
  };
}

/** What of a model's cases is still open. How many there were is counted when they are committed. */
export function summariseExceptions(cases: readonly ExceptionCase[]): ExceptionFacts {
  const waiting = cases.filter((exception) => isOpen(exception.state));
  const bySeverity = (severity: Severity): number =>
    waiting.filter((exception) => exception.severity === severity).length;
  return {
    open: {
      critical: bySeverity('critical'),
      high: bySeverity('high'),
      medium: bySeverity('medium'),
      low: bySeverity('low'),
    },
    earliestDue: earliest(waiting.map((exception) => exception.dueAt)),
    tickets: ticketsByDesk(cases),
  };
}

/** A ticket is not closed until its case is resolved, also while the risk is accepted. */
function ticketsByDesk(cases: readonly ExceptionCase[]): ExceptionFacts['tickets'] {
  const tickets: Record<string, { open: number; oldest: number | null }> = {};
  for (const { desk, state, openedAt } of cases) {
    if (desk === null || state === 'resolved') continue;
    const { open, oldest } = tickets[desk] ?? { open: 0, oldest: null };
    const opened = Date.parse(openedAt);
    tickets[desk] = { open: open + 1, oldest: oldest === null ? opened : Math.min(oldest, opened) };
  }
  return tickets;
}

function earliest(times: readonly (string | null)[]): number | null {
  const known = instants(times);
  return known.length > 0 ? Math.min(...known) : null;
}

function latest(times: readonly (string | null)[]): number | null {
  const known = instants(times);
  return known.length > 0 ? Math.max(...known) : null;
}

function instants(times: readonly (string | null)[]): readonly number[] {
  return times.flatMap((time) => (time === null ? [] : [Date.parse(time)]));
}
