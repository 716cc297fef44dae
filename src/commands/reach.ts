import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type App, openApp } from '../app.ts';
import { BUILD } from '../build.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { formatProblem } from '../config/problems.ts';
import { evaluateWindow } from '../cycle.ts';
import type { Outcome } from '../evaluation/task.ts';
import type { Operations } from '../operations.ts';
import { configuredModel } from '../requests/model.ts';
import { requestedWindow } from '../requests/operations.ts';
import { planOnRequest } from '../requests/rollbacks.ts';
import type { GateResult, RollbackPlan } from '../rollback/rollback.ts';
import type { Store } from '../store/store.ts';
import { findDaemon } from '../web/client.ts';
import { newestClosed } from '../windows/due.ts';
import { type CommandContext, CommandError } from './context.ts';
import { createDaemonOperations } from './daemon-operations.ts';

/** The configuration, or a CommandError that shows every problem of it at once. */
export async function configOf(context: CommandContext): Promise<Config> {
  const loaded = await loadConfig(context.configPath);
  if (loaded.ok) return loaded.config;
  throw new CommandError(loaded.problems.map(formatProblem).join('\n'));
}

/** What commands that write nothing may do: look at the store, and try things out without committing them. */
export interface Reader {
  readonly config: Config;
  readonly store: Store;
  /** Said where an empty answer would be taken for a good one: there is no store yet, or the path is wrong. Null: there is one. */
  readonly noStore: string | null;
  evaluate(model: string, windowEnd: number | null): Promise<Pick<Outcome, 'evaluation' | 'cost'>>;
  planRollback(
    model: string,
  ): Promise<{ readonly plan: RollbackPlan | null; readonly gates: readonly GateResult[] }>;
}

/** Opens the store to read, also beside a running daemon. */
export async function withReader<T>(
  context: CommandContext,
  use: (reader: Reader) => Promise<T>,
): Promise<T> {
  const config = await configOf(context);
  const { clocks, logger } = context;
  const app = await openApp({ config, mode: 'read', clocks, logger, build: BUILD });
  try {
    return await use(readerOf(app));
  } finally {
    await app.close();
  }
}

function readerOf(app: App): Reader {
  const cycle = app.cycle();
  const { path } = cycle.config.store;
  return {
    config: cycle.config,
    store: app.store,
    noStore: existsSync(path)
      ? null
      : `There is no store at ${path}: no daemon has run on this configuration yet, or store.path is wrong.`,
    async evaluate(name, windowEnd) {
      const model = configuredModel(cycle.config, name);
      const newest = newestClosed({
        length: model.window,
        lateness: model.lateness,
        now: cycle.clocks.domain.now(),
      });
      const window = windowEnd === null ? newest : requestedWindow(model, windowEnd, newest);
      return evaluateWindow({ model, window, newest: window.end === newest.end }, cycle);
    },
    planRollback: (model) => planOnRequest(model, { trigger: 'manual', by: 'a person' }, cycle),
  };
}

/** Goes through the daemon where one runs, else holds the store itself for as long as the command takes. */
export async function withOperations<T>(
  context: CommandContext,
  use: (operations: Operations) => Promise<T>,
): Promise<T> {
  const config = await configOf(context);
  const daemon = await findDaemon({ config, random: randomBytes });
  const { clocks, logger } = context;
  const app = await openApp({
    config,
    mode: daemon === null ? 'write' : 'read',
    clocks,
    logger,
    build: BUILD,
  });
  try {
    return await use(daemon === null ? app.operations : createDaemonOperations(daemon, app.cycle()));
  } finally {
    await app.close();
  }
}
