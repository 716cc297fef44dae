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

/** All rollbacks a model ever had, as numbers. Counted from the records, so that they never disagree with the audit. */
export function summariseRollbacks(rollbacks: readonly Rollback[]): RollbackFacts {
  const wrote = rollbacks.filter((rollback) => rollback.wrote);
  const failed = wrote.filter((rollback) => rollback.state === 'needs_human');
  const [newest] = [...rollbacks].sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
  const unverified = rollbacks.filter((rollback) => UNVERIFIED.includes(rollback.state));
  return {
    started: byTrigger(wrote),
    failed: byTrigger(failed),
    running: rollbacks.some((rollback) => RUNNING.includes(rollback.state)),
    deadline: earliest(unverified.map((rollback) => rollback.deadlineAt)),
    lastEnded: latest(wrote.map((rollback) => rollback.endedAt)),
    newestState: newest?.state ?? null,
  };
}

function byTrigger(rollbacks: readonly Rollback[]): { automatic: number; manual: number } {
  const automatic = rollbacks.filter((rollback) => rollback.trigger === 'automatic').length;
  return { automatic, manual: rollbacks.length - automatic };
}

/** All cases a model ever had, as numbers. */
export function summariseExceptions(cases: readonly ExceptionCase[]): ExceptionFacts {
  const waiting = cases.filter((exception) => isOpen(exception.state));
  const bySeverity = (severity: Severity): number =>
    waiting.filter((exception) => exception.severity === severity).length;
  const opened: Record<string, number> = {};
  for (const { cause } of cases) opened[cause] = (opened[cause] ?? 0) + 1;
  return {
    open: {
      critical: bySeverity('critical'),
      high: bySeverity('high'),
      medium: bySeverity('medium'),
      low: bySeverity('low'),
    },
    earliestDue: earliest(waiting.map((exception) => exception.dueAt)),
    opened,
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
