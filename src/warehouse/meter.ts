import type { Clock } from '../clock.ts';
import type { Meter, StatementCost, Warehouse } from './warehouse.ts';

export const NO_COST: StatementCost = { statements: 0, seconds: 0 };

export function addCosts(a: StatementCost, b: StatementCost): StatementCost {
  return { statements: a.statements + b.statements, seconds: a.seconds + b.seconds };
}

/** What is left of `whole` without `part`. */
export function withoutCost(whole: StatementCost, part: StatementCost): StatementCost {
  return {
    statements: Math.max(0, whole.statements - part.statements),
    seconds: Math.max(0, whole.seconds - part.seconds),
  };
}

/** A meter that sums up. */
export function createMeter(): Meter & { total(): StatementCost } {
  let total = NO_COST;
  return {
    add: (cost) => {
      total = addCosts(total, cost);
    },
    total: () => total,
  };
}

/** The same warehouse, with every statement told to the meter; a meter of the caller's is told as well. */
export function meteredBy(warehouse: Warehouse, meter: Meter): Warehouse {
  const both = (other: Meter | undefined): Meter =>
    other === undefined
      ? meter
      : {
          add: (cost) => {
            meter.add(cost);
            other.add(cost);
          },
        };
  return {
    describe: (table, other) => warehouse.describe(table, both(other)),
    bins: (request, other) => warehouse.bins(request, both(other)),
    count: (request, other) => warehouse.count(request, both(other)),
    newest: (source, other) => warehouse.newest(source, both(other)),
    close: () => warehouse.close(),
  };
}

/** Runs one statement and tells the meter, also of one that fails: it was paid for. */
export async function metering<T>(
  work: () => Promise<T>,
  { meter, clock }: { readonly meter: Meter | undefined; readonly clock: Clock },
): Promise<T> {
  const started = clock.now();
  try {
    return await work();
  } finally {
    meter?.add({ statements: 1, seconds: Math.max(0, clock.now() - started) / 1000 });
  }
}
