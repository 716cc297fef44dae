import { randomBytes } from 'node:crypto';
import type { AuditRecord } from '../../src/audit/record.ts';
import type { Config } from '../../src/config/config.ts';
import { silentLogger } from '../../src/log.ts';
import { type Claim, NotFound, type Operations } from '../../src/operations.ts';
import { FINAL_STATES } from '../../src/rollback/rollback.ts';
import type { Store } from '../../src/store/store.ts';
import type { WebDeps } from '../../src/web/deps.ts';
import { createServer, type WebServer } from '../../src/web/server.ts';
import * as sample from './sample.ts';

export const CLI_TOKEN = 'cli-token-of-the-tests-0123456789';

/** A store that only reads, over the sample. */
export function sampleStore(changes: Partial<Store> = {}): Store {
  const evaluations = [...sample.EVALUATIONS].sort((a, b) =>
    b.record.window.end.localeCompare(a.record.window.end),
  );
  const rollbacks = [sample.ROLLBACK, sample.OLD_ROLLBACK];
  return {
    commit: async () => {
      throw new Error('pages and reads change nothing');
    },
    progress: async () => null,
    statuses: async () => sample.STATUSES,
    evaluations: async ({ model, limit, before }) =>
      evaluations
        .filter(({ record }) => record.model === model)
        .filter(({ record }) => before === undefined || Date.parse(record.window.end) < before)
        .slice(0, limit),
    evaluation: async (id) => evaluations.find(({ record }) => record.evaluation === id) ?? null,
    revisions: async (model, end) =>
      evaluations.filter(({ record }) => record.model === model && Date.parse(record.window.end) === end),
    verdicts: async ({ model, check, version, limit }) =>
      evaluations
        .filter(({ record }) => record.model === model)
        .flatMap(({ record }) =>
          record.policy
            .filter((policy) => policy.check === check && policy.version === version)
            .map(({ verdict, worst }) => ({
              windowEnd: Date.parse(record.window.end),
              revision: record.revision,
              verdict,
              evaluation: record.evaluation,
              worst,
            })),
        )
        .slice(0, limit),
    checkStates: async () => [],
    baselines: async (model) => sample.BASELINES.filter(({ content }) => content.model === model),
    baseline: async (id) => sample.BASELINES.find((baseline) => baseline.id === id) ?? null,
    exceptions: async ({ model }) =>
      [sample.EXCEPTION].filter((exception) => model === undefined || exception.model === model),
    exception: async (id) => (id === sample.EXCEPTION.id ? sample.EXCEPTION : null),
    rollbacks: async ({ model, active }) =>
      rollbacks
        .filter((rollback) => model === undefined || rollback.model === model)
        .filter((rollback) => active !== true || !FINAL_STATES.includes(rollback.state)),
    rollback: async (id) => rollbacks.find((rollback) => rollback.id === id) ?? null,
    holds: async (model) => sample.HOLDS.filter((hold) => hold.model === model),
    waiting: async () => [],
    messages: async (exception) => sample.MESSAGES.filter((message) => message.exception === exception),
    servedVersions: async (model) => sample.SERVED.filter((served) => served.model === model),
    auditFrom: async (seq, limit) => AUDIT.filter((record) => record.seq >= seq).slice(0, limit),
    auditHead: async () => ({ seq: AUDIT.length, hash: sample.HASH }),
    auditLines: async () => [],
    counters: async () => [],
    fact: async () => null,
    close: async () => {},
    ...changes,
  };
}

const AUDIT: readonly AuditRecord[] = [1, 2, 3].map((seq) => ({
  seq,
  kind: seq === 1 ? 'genesis' : 'config',
  body: {},
  time: '2026-11-24T00:00:00.000Z',
  prev: sample.HASH,
  hash: sample.HASH,
}));

export interface Asked {
  readonly what: string;
  readonly subject: string;
  readonly claim: Claim | null;
  readonly more: unknown;
}

/** Operations that write down what they are asked and answer with the sample; `no-such` is a subject that does not exist. */
export function fakeOperations(asked: Asked[], changes: Partial<Operations> = {}): Operations {
  const note = (one: Omit<Asked, 'claim' | 'more'> & Partial<Asked>): void => {
    if (one.subject === 'no-such') throw new NotFound('There is no such thing.');
    asked.push({ claim: null, more: null, ...one });
  };
  const baseline = sample.BASELINES[1];
  const evaluation = sample.EVALUATIONS[0];
  const hold = sample.HOLDS[0];
  if (baseline === undefined || evaluation === undefined || hold === undefined)
    throw new Error('empty sample');
  return {
    evaluate: async (model, windowEnd) => (
      note({ what: 'evaluate', subject: model, more: windowEnd }), evaluation.record
    ),
    freezeBaseline: async (model, claim) => (
      note({ what: 'freezeBaseline', subject: model, claim }), baseline
    ),
    approveBaseline: async (id, claim) => (note({ what: 'approveBaseline', subject: id, claim }), baseline),
    planRollback: async () => ({ plan: null, gates: [] }),
    applyRollback: async (model, claim) => (
      note({ what: 'applyRollback', subject: model, claim }), sample.ROLLBACK
    ),
    approveRollback: async (id, claim) => (
      note({ what: 'approveRollback', subject: id, claim }), sample.ROLLBACK
    ),
    release: async ({ model, version, claim }) => (
      note({ what: 'release', subject: model, claim, more: version }), hold
    ),
    silence: async ({ model, until, claim }) => (
      note({ what: 'silence', subject: model, claim, more: until }), sample.SILENCE
    ),
    setKillSwitch: async (on, claim) => (
      note({ what: 'setKillSwitch', subject: 'kill_switch', claim, more: on }), { on, file: '/state/STOP' }
    ),
    acknowledge: async (id, claim) => (note({ what: 'acknowledge', subject: id, claim }), sample.EXCEPTION),
    acceptRisk: async ({ exception, until, claim }) => (
      note({ what: 'acceptRisk', subject: exception, claim, more: until }), sample.EXCEPTION
    ),
    resolve: async (id, claim) => (note({ what: 'resolve', subject: id, claim }), sample.EXCEPTION),
    ...changes,
  };
}

export interface Harness {
  readonly server: WebServer;
  readonly asked: Asked[];
}

export function webDeps(asked: Asked[], changes: Partial<WebDeps> = {}): WebDeps {
  return {
    config: () => sample.CONFIG,
    store: sampleStore(),
    operations: fakeOperations(asked),
    metrics: async (accept) => ({
      contentType: 'text/plain; version=0.0.4',
      body: `up 1\n# ${accept ?? ''}\n`,
    }),
    health: () => ({ healthy: true, ready: true, why: 'the store answers' }),
    reload: async () => ({ loaded: true, hash: sample.HASH }),
    readSecret: (ref) => ('env' in ref ? ref.env : ref.file),
    cliToken: CLI_TOKEN,
    clocks: { domain: { now: () => sample.NOW }, wall: { now: () => sample.NOW } },
    random: randomBytes,
    log: silentLogger(),
    version: '0.1.0',
    ...changes,
  };
}

export async function start(changes: Partial<WebDeps> = {}): Promise<Harness> {
  const asked: Asked[] = [];
  return { server: await createServer(webDeps(asked, changes)), asked };
}

/** The sample's configuration with other `http` keys. */
export function withHttp(http: Partial<Config['http']>): { config: () => Config } {
  return { config: () => ({ ...sample.CONFIG, http: { ...sample.CONFIG.http, ...http } }) };
}

/** Tokens of the tests: the secret is the name, long enough to be one. */
export const TOKENS: NonNullable<Config['http']['auth']> = {
  kind: 'bearer',
  tokens: (['viewer', 'operator', 'approver', 'auditor'] as const).map((role) => ({
    name: `${role} of the tests`,
    token: { env: tokenOf(role) },
    roles: [role],
  })),
};

export function tokenOf(role: string): string {
  return `token-of-the-${role}-in-tests`;
}

export function bearer(token: string): { authorization: string; 'content-type': string } {
  return { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
}
