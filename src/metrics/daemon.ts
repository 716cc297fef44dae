import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { tidy } from './exposition.ts';
import { type FamilyName, family, fullName } from './families.ts';

/** The words of `log_messages_total`, the levels of the log. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** Seconds. From an answer out of memory to the longest statement a warehouse is given. */
const QUERY_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300];
const EVALUATION_BUCKETS = [0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900];

export interface DaemonMetricsOptions {
  readonly build: { readonly version: string; readonly revision: string };
  /** Names of the data sources that will be queried; their counters exist at 0 from the start. */
  readonly sources: readonly string[];
  /** Whether Node and the process are described too (`process_*`, `nodejs_*`). It costs an observer, so tests leave it out. */
  readonly process: boolean;
}

/** What the daemon says about itself, kept in memory and read at the scrape. Seconds, unless a name says otherwise. */
export interface DaemonMetrics {
  /** Wall time in milliseconds of a load that was taken over. */
  configLoaded(at: number): void;
  /** A load was refused; the old configuration goes on. */
  configRefused(): void;
  storeAnswered(up: boolean): void;
  /** Evaluations that are due and wait for a slot. */
  queueLength(waiting: number): void;
  evaluationStarted(): void;
  /** `seconds` is wall time; called for every start, whatever came of it. */
  evaluationEnded(model: string, seconds: number): void;
  query(source: string, outcome: { readonly seconds: number; readonly failed: boolean }): void;
  /** What costs money at a warehouse; a statement is counted for its model instead. */
  warehouseUsed(what: 'statement' | 'session' | 'wakeup'): void;
  logged(level: string): void;
  /** Run time of each model's last evaluation, for the snapshot. */
  durations(): ReadonlyMap<string, number>;
  /** Text format 0.0.4. */
  text(): Promise<string>;
}

/** Its own registry: prom-client's global one belongs to nobody. */
export function createDaemonMetrics(options: DaemonMetricsOptions): DaemonMetrics {
  const registry = new Registry();
  if (options.process) describeProcess(registry);
  const { gauges, counters, histograms } = registerFamilies(registry);
  const durations = new Map<string, number>();
  // prom-client begins a gauge at 0, which would say "down" and "loaded in 1970" before anybody has looked.
  for (const unknown of [gauges.configOk, gauges.configTime, gauges.storeUp]) unknown.remove();
  const { version, revision } = options.build;
  gauges.build.set({ version, revision, node_version: process.version }, 1);
  for (const level of LOG_LEVELS) counters.logged.inc({ level }, 0);
  for (const source of options.sources) {
    counters.queries.inc({ source }, 0);
    counters.queryFailures.inc({ source }, 0);
    histograms.queries.zero({ source });
  }
  return {
    configLoaded: (at) => {
      gauges.configOk.set(1);
      gauges.configTime.set(at / 1000);
    },
    configRefused: () => gauges.configOk.set(0),
    storeAnswered: (up) => gauges.storeUp.set(up ? 1 : 0),
    queueLength: (waiting) => gauges.queue.set(waiting),
    evaluationStarted: () => gauges.running.inc(),
    evaluationEnded: (model, seconds) => {
      gauges.running.dec();
      histograms.evaluations.observe(seconds);
      durations.set(model, seconds);
    },
    query: (source, outcome) => {
      counters.queries.inc({ source });
      counters.queryFailures.inc({ source }, outcome.failed ? 1 : 0);
      histograms.queries.observe({ source }, outcome.seconds);
    },
    warehouseUsed: (what) => {
      if (what === 'session') counters.sessions.inc();
      if (what === 'wakeup') counters.wakeups.inc();
    },
    logged: (level) => {
      if ((LOG_LEVELS as readonly string[]).includes(level)) counters.logged.inc({ level });
    },
    durations: () => durations,
    text: async () => tidy(await registry.metrics()),
  };
}

/** What prom-client knows of Node and the process, without three gauges that are named like counters. */
function describeProcess(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const kind of ['handles', 'requests', 'resources'])
    registry.removeSingleMetric(`nodejs_active_${kind}_total`);
}

function registerFamilies(registry: Registry) {
  const shape = (
    name: FamilyName,
  ): { name: string; help: string; labelNames: string[]; registers: Registry[] } => {
    const { help, labels } = family(name);
    return { name: fullName(name), help, labelNames: [...labels], registers: [registry] };
  };
  const gauge = (name: FamilyName): Gauge => new Gauge(shape(name));
  const counter = (name: FamilyName): Counter => new Counter(shape(name));
  const histogram = (name: FamilyName, buckets: number[]): Histogram =>
    new Histogram({ ...shape(name), buckets });
  return {
    gauges: {
      build: gauge('build_info'),
      configOk: gauge('config_last_reload_successful'),
      configTime: gauge('config_last_reload_success_timestamp_seconds'),
      storeUp: gauge('store_up'),
      running: gauge('evaluations_in_progress'),
      queue: gauge('evaluation_queue_length'),
    },
    counters: {
      queries: counter('source_queries_total'),
      queryFailures: counter('source_query_failures_total'),
      logged: counter('log_messages_total'),
      sessions: counter('warehouse_sessions_total'),
      wakeups: counter('warehouse_wakeups_total'),
    },
    histograms: {
      queries: histogram('source_query_duration_seconds', QUERY_BUCKETS),
      evaluations: histogram('evaluation_duration_seconds', EVALUATION_BUCKETS),
    },
  };
}
