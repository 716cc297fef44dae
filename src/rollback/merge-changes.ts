import type { Change } from '../store/store.ts';
import type { Rollback } from './rollback.ts';

/** Two changes as one transaction. A rollback that is in both is taken from the second, which knew the first. */
export function mergeChanges(first: Change, second: Partial<Change>): Change {
  return {
    ...first,
    ...second,
    audit: [...first.audit, ...joined(second.audit)],
    rollbacks: mergeRollbacks(joined(first.rollbacks), joined(second.rollbacks)),
    exceptions: joined(first.exceptions, second.exceptions),
    queue: joined(first.queue, second.queue),
    messages: joined(first.messages, second.messages),
    holds: joined(first.holds, second.holds),
    count: joined(first.count, second.count),
  };
}

function joined<T>(...lists: readonly (readonly T[] | undefined)[]): readonly T[] {
  return lists.flatMap((list) => list ?? []);
}

function mergeRollbacks(first: readonly Rollback[], second: readonly Rollback[]): readonly Rollback[] {
  const replaced = new Set(second.map(({ id }) => id));
  return [...first.filter(({ id }) => !replaced.has(id)), ...second];
}
