import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isoTime } from '../../src/clock.ts';
import { silentLogger } from '../../src/log.ts';
import { increment } from '../../src/metrics/counters.ts';
import { createDaemonMetrics, type DaemonMetrics } from '../../src/metrics/daemon.ts';
import { createModelMetrics, type ModelMetrics } from '../../src/metrics/model-metrics.ts';
import { scrape } from '../../src/metrics/scrape.ts';
import {
  auditRecord,
  check,
  DAY,
  evaluation,
  exceptionCase,
  fleetConfig,
  HOUR,
  memoryState,
  memoryStore,
  message,
  modelConfig,
  policy,
  rollback,
  status,
  stored,
} from '../metrics/fixtures.ts';

export interface Exporter {
  /** Follows the Accept header of the scrape. */
  readonly address: string;
  /** Lets things happen: evaluations, a rollback, a held one, a delivery, and a second scrape's worth of queries. */
  advance(): Promise<void>;
  readonly models: ModelMetrics;
  readonly daemon: DaemonMetrics;
  close(): void;
}

/** The real metrics code behind a small HTTP server, over a store in memory: one model in breach, one well, one unknown. */
export async function startExporter(): Promise<Exporter> {
  const now = Date.now();
  const state = memoryState({
    statuses: ['credit_pd', 'mortgage_pd'].map((model) => status({ model })),
    evaluations: fleetEvaluations(now),
    exceptions: [exceptionCase({ dueAt: isoTime(now - HOUR), openedAt: isoTime(now - DAY) })],
    waiting: [message({ queuedAt: isoTime(now - HOUR) })],
    rollbacks: [rollback({ endedAt: isoTime(now - HOUR) })],
    audit: [auditRecord(1, 'genesis', now), auditRecord(2, 'checkpoint', now)],
  });
  const config = fleetConfig(['credit_pd', 'mortgage_pd', 'cards_pd'].map((name) => modelConfig(name)));
  const daemon = createDaemonMetrics({
    build: { version: '0.1.0', revision: 'test' },
    sources: ['duckdb'],
    process: true,
  });
  daemon.configLoaded(now);
  const models = createModelMetrics({
    store: memoryStore(state),
    config,
    daemon,
    clock: { now: () => Date.now() },
    logger: silentLogger(),
  });
  const work = (): void => {
    for (const seconds of [0.2, 0.02]) daemon.query('duckdb', { seconds, failed: false });
    daemon.query('duckdb', { seconds: 1, failed: true });
    daemon.evaluationStarted();
    daemon.evaluationEnded('credit_pd', 1.5);
    daemon.logged('warn');
  };
  work();
  await models.refresh();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { contentType, body } = await scrape(models.current(), daemon, request.headers.accept);
    response.writeHead(200, { 'content-type': contentType }).end(body);
  };
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  return {
    address: await listen(server),
    models,
    daemon,
    advance: async () => {
      work();
      state.counters = [
        increment('evaluations_total', { model: 'credit_pd' }, 2),
        increment('rollbacks_total', { model: 'credit_pd', trigger: 'automatic' }),
        increment('rollback_failures_total', { model: 'credit_pd', trigger: 'automatic' }),
        increment('rollbacks_suppressed_total', { model: 'mortgage_pd', reason: 'freeze' }),
        increment('ticket_deliveries_total', { desk: 'jira-risk' }, 2),
        increment('ticket_delivery_failures_total', { desk: 'jira-risk' }, 2),
      ];
      await models.refresh();
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Names with everything in them that a label value has to survive. */
const AWKWARD = 'debt, "to"\\income';

function fleetEvaluations(now: number) {
  const window = { start: isoTime(now - DAY), end: isoTime(now) };
  const breach = evaluation({
    model: 'credit_pd',
    window,
    verdict: 'breach',
    policy: [
      policy({ verdict: 'breach', worst: AWKWARD }),
      policy({ check: 'prediction', kind: 'output_drift', version: '7', worst: 'score' }),
      policy({ check: 'data', kind: 'data', verdict: 'insufficient', worst: null }),
    ],
    checks: [
      check({ subject: AWKWARD, verdict: 'breach', value: 0.4 }),
      check({ subject: AWKWARD, method: 'ks', value: 0.3, warn: null, breach: null }),
      check(),
      check({ check: 'prediction', kind: 'output_drift', subject: 'score', version: '7' }),
    ],
  });
  return [stored(breach, now), stored(evaluation({ model: 'mortgage_pd', window }), now)];
}
