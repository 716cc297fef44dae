import type { App } from '../app.ts';
import type { Clocks } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { formatProblem } from '../config/problems.ts';
import type { Logger } from '../log.ts';
import type { DaemonMetrics } from '../metrics/daemon.ts';
import type { ModelMetrics } from '../metrics/model-metrics.ts';
import type { Claim } from '../operations.ts';
import { noteConfig } from '../requests/config.ts';
import type { ReloadResult } from '../web/deps.ts';
import type { Schedules } from './schedules.ts';

export interface ReloadDeps {
  readonly app: App;
  readonly metrics: DaemonMetrics;
  readonly modelMetrics: ModelMetrics;
  readonly clocks: Clocks;
  readonly logger: Logger;
  /** Null where the daemon does not wake itself. */
  readonly schedules: Schedules | null;
}

/** Loads the configuration file anew. A bad one is refused whole, and so is one that changes what cannot change while running. */
export async function reload(deps: ReloadDeps, claim: Claim): Promise<ReloadResult> {
  const { app, metrics, logger } = deps;
  const loaded = await loadConfig(app.config().path);
  const problems = loaded.ok
    ? fixedProblems(app.config(), loaded.config)
    : loaded.problems.map(formatProblem);
  if (!loaded.ok || problems.length > 0) {
    metrics.configRefused();
    logger.error({ problems }, 'configuration refused; the old one stays in force');
    return { loaded: false, problems };
  }
  await app.reconfigure(loaded.config);
  await noteConfig(app.store, loaded.config, { by: claim.by, simulated: null, logger });
  deps.schedules?.set(loaded.config);
  metrics.configLoaded(deps.clocks.wall.now());
  await deps.modelMetrics.configured(loaded.config);
  logger.info({ hash: loaded.config.hash, by: claim.by }, 'configuration loaded');
  return { loaded: true, hash: loaded.config.hash };
}

/** Store, address, tokens and signing key are taken at the start: a change of them needs a restart. */
function fixedProblems(now: Config, next: Config): readonly string[] {
  const fixed = ['store', 'http', 'audit'] as const;
  return fixed
    .filter((key) => JSON.stringify(now[key]) !== JSON.stringify(next[key]))
    .map((key) => `${next.path}: ${key} cannot change while the daemon runs; restart it.`);
}
