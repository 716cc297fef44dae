import type { Clock } from '../../clock.ts';
import type { DuckDbConfig } from '../../config/config.ts';
import type { Logger } from '../../log.ts';
import { metering } from '../meter.ts';
import { stagedBins, stagedCount } from '../payload-stage.ts';
import { tablesOf } from '../plan.ts';
import { type SetTimer, systemTimer } from '../timer.ts';
import type { Meter, Warehouse } from '../warehouse.ts';
import { readBins } from './bins.ts';
import { readCounts } from './count.ts';
import { startEngine } from './engine.ts';
import { readNewest } from './newest.ts';
import { type Relation, relationOf } from './relations.ts';
import type { Session } from './session.ts';

export interface DuckDbOptions {
  /** Wall clock, for the seconds that statements took. */
  readonly clock: Clock;
  readonly logger: Logger;
  /** Starts the deadline of a statement; the timer of the machine when absent. */
  readonly setTimer?: SetTimer;
}

/** What values taken out of JSON are in this engine. */
const TYPES = { text: 'VARCHAR', number: 'DOUBLE' };

/**
 * The embedded lake: Parquet files and a DuckDB file, read and never written. Table names are the keys of `config.tables`, or
 * `table`, `schema.table` or `<file name>.schema.table` of the database file. TIMESTAMP and DATE are UTC.
 * Opening reads no table: what is missing or locked is an error of the calls that need it.
 */
export async function openDuckDb(config: DuckDbConfig, options: DuckDbOptions): Promise<Warehouse> {
  const { clock, logger, setTimer = systemTimer } = options;
  const engine = await startEngine(config, { logger, setTimer });
  /** Looks the tables up and works on them, in one session, every statement told to the meter. */
  function on<T>(
    tables: readonly string[],
    meter: Meter | undefined,
    work: (session: Session, found: ReadonlyMap<string, Relation>, first: Relation) => Promise<T>,
  ): Promise<T> {
    return engine.session(tables, async (plain) => {
      const session: Session = {
        ...plain,
        query: (statement, limits) => metering(() => plain.query(statement, limits), { meter, clock }),
      };
      const found = new Map<string, Relation>();
      for (const table of tables) found.set(table, await relationOf(config, session, table));
      const [first] = found.values();
      if (first === undefined) throw new Error('no table is asked for');
      return work(session, found, first);
    });
  }
  return {
    describe: (table, meter) => on([table], meter, async (_session, _found, relation) => relation.columns),
    bins: (request, meter) =>
      on([request.source.table], meter, (session, _found, relation) =>
        readBins({
          ...{ session, request, relation: relation.sql },
          staged: stagedBins(request, relation, TYPES),
        }),
      ),
    count: (request, meter) =>
      on(tablesOf(request), meter, (session, relations) =>
        readCounts({
          ...{ session, relations, request },
          staged: stagedCount(request, relations, TYPES),
        }),
      ),
    newest: (source, meter) =>
      on([source.table], meter, (session, _found, relation) => readNewest(session, source, relation)),
    close: () => engine.close(),
  };
}
