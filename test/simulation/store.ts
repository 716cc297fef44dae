import { ephemeralSigner } from '../../src/audit/signer.ts';
import type { Clock } from '../../src/clock.ts';
import { appendAudit } from '../../src/store/sqlite/audit-log.ts';
import { type Connection, openConnection } from '../../src/store/sqlite/connection.ts';
import { migrate } from '../../src/store/sqlite/migrations.ts';
import { storeOn } from '../../src/store/sqlite/store.ts';
import type { Store } from '../../src/store/store.ts';

const signer = ephemeralSigner();
const checkpointEvery = { records: 20 };

/** One database in memory per process, emptied before each run: making it anew takes a third of the time of a run. */
let connection: Connection | null = null;
let tables: readonly string[] = [];

/** The real SQLite store as a first start leaves it: empty but for its genesis record. */
export function emptyStore(clock: Clock): Store {
  connection ??= open();
  const on = connection;
  on.transaction(() => {
    for (const table of tables) on.run(`DELETE FROM ${table}`);
    const body = { build: 'simulation', configHash: '0'.repeat(64), publicKey: signer.publicKey };
    appendAudit(on, [{ kind: 'genesis', body }], { signer, checkpointEvery, now: clock.now() });
  });
  return readingOnce(storeOn(on, { clock, signer, checkpointEvery }, () => undefined));
}

/**
 * Between two commits nobody else writes, so the same question has the same answer: the loops ask it dozens of times in a
 * run, which takes a third of its time.
 */
function readingOnce(store: Store): Store {
  const known = new Map<string, Promise<unknown>>();
  const once =
    <A extends readonly unknown[], T>(name: string, read: (...asked: A) => Promise<T>) =>
    (...asked: A): Promise<T> => {
      const key = `${name} ${JSON.stringify(asked)}`;
      const answer = (known.get(key) as Promise<T> | undefined) ?? read(...asked);
      known.set(key, answer);
      return answer;
    };
  return {
    ...store,
    rollback: once('rollback', store.rollback),
    rollbacks: once('rollbacks', store.rollbacks),
    waiting: once('waiting', store.waiting),
    holds: once('holds', store.holds),
    evaluations: once('evaluations', store.evaluations),
    baselines: once('baselines', store.baselines),
    exception: once('exception', store.exception),
    commit(change) {
      const committed = store.commit(change);
      known.clear();
      return committed.finally(() => known.clear());
    },
  };
}

function open(): Connection {
  const path = ':memory:';
  const made = openConnection({ path, mode: 'write' });
  migrate(made, { path, time: '2026-11-24T10:00:00.000Z' });
  // The only difference to a real one: between two runs the chain may be thrown away.
  made.exec('DROP TRIGGER audit_never_deleted');
  const rows = made.all(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'migrations'`);
  // Those that others refer to come last.
  const names = rows.map((row) => String(row['name']));
  tables = ['messages', 'verdicts', ...names.filter((name) => name !== 'messages' && name !== 'verdicts')];
  return made;
}
