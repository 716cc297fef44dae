import type { Clock } from '../clock.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import type { DaemonMetrics } from './daemon.ts';

export interface MeasuredOptions {
  /** The label `source`: what kind of warehouse it is. */
  readonly source: string;
  readonly metrics: Pick<DaemonMetrics, 'query'>;
  /** Wall time. */
  readonly clock: Clock;
}

/** The same warehouse, with every query counted and timed, failures too. Answers and errors pass through as they are. */
export function measured(warehouse: Warehouse, options: MeasuredOptions): Warehouse {
  const timed = async <Answer>(query: () => Promise<Answer>): Promise<Answer> => {
    const started = options.clock.now();
    let failed = true;
    try {
      const answer = await query();
      failed = false;
      return answer;
    } finally {
      const seconds = Math.max(0, options.clock.now() - started) / 1000;
      options.metrics.query(options.source, { seconds, failed });
    }
  };
  return {
    describe: (table, meter) => timed(() => warehouse.describe(table, meter)),
    bins: (request, meter) => timed(() => warehouse.bins(request, meter)),
    count: (request, meter) => timed(() => warehouse.count(request, meter)),
    newest: (source, meter) => timed(() => warehouse.newest(source, meter)),
    close: () => warehouse.close(),
  };
}
