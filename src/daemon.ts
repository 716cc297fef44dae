import { randomBytes } from 'node:crypto';
import { type App, besideStoreFailure, openApp } from './app.ts';
import { BUILD } from './build.ts';
import type { Clocks } from './clock.ts';
import type { Config } from './config/config.ts';
import { readSecret } from './config/secrets.ts';
import { createHealth, type HealthBook } from './daemon/health.ts';
import { createHeart, type Heart } from './daemon/heart.ts';
import { type ReloadDeps, reload } from './daemon/reload.ts';
import { createSchedules } from './daemon/schedules.ts';
import type { Logger } from './log.ts';
import type { DaemonMetrics } from './metrics/daemon.ts';
import { measured } from './metrics/measured.ts';
import { createModelMetrics, type ModelMetrics } from './metrics/model-metrics.ts';
import { scrape } from './metrics/scrape.ts';
import type { Claim } from './operations.ts';
import { noteConfig } from './requests/config.ts';
import { cliTokenPath, createCliToken } from './web/cli-token.ts';
import type { MetricsSource, ReloadResult } from './web/deps.ts';
import { createServer, type WebServer } from './web/server.ts';

export interface DaemonOptions {
  readonly config: Config;
  readonly clocks: Clocks;
  readonly logger: Logger;
  readonly metrics: DaemonMetrics;
  /** Whether the clock of this machine wakes it; the demo drives the daemon itself. */
  readonly selfDriven: boolean;
  /** Said on pages where the world outside is simulated. */
  readonly simulated: boolean;
  /** Seconds after which a page asks for itself again. */
  readonly refreshSeconds?: number;
}

export interface Daemon extends Pick<Heart, 'wake' | 'drive'> {
  readonly app: App;
  readonly url: string;
  reload(by: Claim): Promise<ReloadResult>;
  /** Ends what is under way, in reverse order of the start. */
  stop(): Promise<void>;
}

/** Builds the daemon, starts it, and answers when its address is open. Throws StoreError, AuditError, StartError. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { config, clocks, logger, metrics } = options;
  const health = createHealth(metrics);
  const stops: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    health.phase('stopping');
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const { app, modelMetrics } = await build(options, health);
    stops.push(() => app.close());
    const heart = createHeart(app, modelMetrics, logger);
    stops.push(() => heart.settle());
    const schedules = createSchedules(heart.wake, logger);
    const reloading: ReloadDeps = {
      app,
      metrics,
      modelMetrics,
      clocks,
      logger,
      schedules: options.selfDriven ? schedules : null,
    };
    const server = await serve({
      ...options,
      app,
      reloading,
      modelMetrics,
      health: health.now,
    });
    stops.push(() => server.close());
    const { url } = await server.listen();
    if (options.selfDriven) stops.push(startBeating(heart, { schedules, config, logger }));
    stops.push(() => app.burst.end());
    health.phase('ready');
    logger.info({ url, models: Object.keys(config.models).length, version: BUILD }, 'driftwarden is up');
    return { app, url, wake: heart.wake, drive: heart.drive, reload: (by) => reload(reloading, by), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(
  { config, clocks, logger, metrics, simulated }: DaemonOptions,
  health: HealthBook,
): Promise<{ app: App; modelMetrics: ModelMetrics }> {
  const late: { refresh: ModelMetrics['refresh'] } = { refresh: async () => {} };
  const refresh = (models?: readonly string[]): void => {
    late
      .refresh(models)
      .catch((error: unknown) => logger.error({ err: error }, 'metrics could not be rendered'));
  };
  const app = await openApp({
    config,
    mode: 'write',
    delivers: true,
    clocks,
    logger,
    build: BUILD,
    wrap: (warehouse) => measured(warehouse, { source: config.warehouse.kind, metrics, clock: clocks.wall }),
    used: metrics.warehouseUsed,
    listener: {
      queued: metrics.queueLength,
      started: metrics.evaluationStarted,
      ended: metrics.evaluationEnded,
      committed: (model) => refresh([model]),
    },
    committed: (models) => refresh(models.length === 0 ? undefined : models),
    stored: health.stored,
  });
  await noteConfig(app.store, config, { by: 'start', simulated, logger });
  metrics.configLoaded(clocks.wall.now());
  const modelMetrics = createModelMetrics({
    store: app.store,
    config,
    daemon: { durations: metrics.durations, storeAnswered: health.read },
    clock: clocks.wall,
    logger,
  });
  late.refresh = modelMetrics.refresh;
  await modelMetrics.refresh();
  return { app, modelMetrics };
}

interface ServeOptions extends DaemonOptions {
  readonly app: App;
  readonly reloading: ReloadDeps;
  readonly modelMetrics: ModelMetrics;
  readonly health: HealthBook['now'];
}

async function serve(options: ServeOptions): Promise<WebServer> {
  const { app, reloading, modelMetrics, metrics, clocks, logger, health } = options;
  const { path } = options.config.store;
  const cliToken = await createCliToken({ storePath: path, random: randomBytes }).catch((error: unknown) => {
    throw besideStoreFailure(error, cliTokenPath(path));
  });
  const source: MetricsSource = (accept) => scrape(modelMetrics.current(), metrics, accept);
  return createServer({
    config: app.config,
    store: app.store,
    operations: app.operations,
    metrics: source,
    health,
    reload: (claim) => reload(reloading, claim),
    readSecret,
    cliToken,
    clocks,
    random: randomBytes,
    log: logger,
    version: BUILD,
    ...(options.refreshSeconds === undefined ? {} : { refreshSeconds: options.refreshSeconds }),
  });
}

/** Wakes by cron and by a first look at once, and steps committed work each second. Answers how to end it. */
function startBeating(
  heart: Heart,
  by: { schedules: ReturnType<typeof createSchedules>; config: Config; logger: Logger },
): () => void {
  by.schedules.set(by.config);
  const endBeat = heart.beat();
  heart
    .wake()
    .catch((error: unknown) =>
      by.logger.error({ err: error }, 'first wake-up failed; the next one tries again'),
    );
  return () => {
    by.schedules.end();
    endBeat();
  };
}
