import type { Baseline, BaselineColumn, CellCounts } from '../../src/baseline/bins.ts';
import type { Config, ModelConfig } from '../../src/config/config.ts';
import type { ExceptionCase, OutboxMessage } from '../../src/exceptions/exception.ts';
import { checkColumn, unknownCheck } from '../../src/judge/checks.ts';
import { policyVerdicts, worstVerdict } from '../../src/judge/policy.ts';
import type { Check, Evaluation } from '../../src/judge/verdict.ts';
import type { Rollback } from '../../src/rollback/rollback.ts';
import type { Silence } from '../../src/rollback/silence.ts';
import type { Hold, ModelStatus, ServedVersion, StoredEvaluation } from '../../src/store/store.ts';

/** A bank's three models over sixty days, made of counts by the program's own statistics; nothing here is random. */

export const DAY = 86_400_000;
export const NOW = Date.parse('2026-11-24T02:40:00Z');
/** End of the newest window. */
export const LAST = Date.parse('2026-11-24T00:00:00Z');
export const HASH = 'ab'.repeat(32);

const iso = (at: number): string => new Date(at).toISOString();

export const SILENCE: Silence = {
  model: 'credit_pd',
  until: '2026-11-25T00:00:00.000Z',
  by: 'ana',
  identity: 'verified',
  reason: 'planned work',
  at: iso(LAST),
};

export const CONFIG: Config = {
  path: '/etc/driftwarden/driftwarden.yaml',
  hash: HASH,
  workspace: null,
  warehouse: {
    kind: 'duckdb',
    database: null,
    tables: {},
    threads: null,
    memoryLimit: null,
    concurrency: 4,
    statementTimeout: 300_000,
  },
  registry: { kind: 'unity-catalog' },
  serving: { kind: 'databricks' },
  calendar: { freezes: [] },
  store: { kind: 'sqlite', path: '/var/lib/driftwarden/driftwarden.db' },
  http: { host: '127.0.0.1', port: 0, publicUrl: null, auth: null },
  audit: { signingKey: '/var/lib/driftwarden/key.pem', checkpointEvery: { records: 100 } },
  owners: {},
  ticketDesks: {},
  actions: { killSwitch: null, maxRollbacksPerHour: 3, maxShareOfModels: 0.1 },
  metrics: { topFeatures: 20, maxSeries: 20_000 },
  models: { card_fraud: model('card_fraud'), credit_pd: model('credit_pd'), deposits: model('deposits') },
};

export function model(name: string): ModelConfig {
  return {
    name,
    registeredModel: `main.risk.${name}`,
    endpoint: name.replaceAll('_', '-'),
    owner: 'retail-credit',
    riskTier: 'high',
    runbook: `https://wiki.bank.example/${name}`,
    task: 'binary',
    source: {
      table: `main.risk.${name}_payload`,
      layout: 'columns',
      requestId: 'request_id',
      timestamp: 'event_time',
      version: 'model_version',
      status: null,
      latency: null,
      where: null,
      cluster: null,
    },
    features: null,
    prediction: { name: 'score', kind: 'numeric', threshold: 0.5, favourable: 'below' },
    baseline: {
      kind: 'table',
      table: `main.risk.${name}_training`,
      bins: 10,
      where: null,
      columns: {},
      version: null,
    },
    since: null,
    catchUp: 30 * DAY,
    minRows: 200,
    schedule: null,
    window: { kind: 'fixed', milliseconds: DAY },
    lateness: 3_600_000,
    revisions: 3 * DAY,
    unknownAfter: 2 * DAY,
    falseAlarmsPerYear: 1,
    drift: {
      rule: 'limit',
      psi: { warn: 0.1, breach: 0.25 },
      ks: { warn: 0.126, breach: 0.197 },
      features: {},
    },
    rollback: {
      mode: 'approve',
      on: ['performance', 'prediction', 'challenger'],
      moves: ['traffic', 'alias'],
      breaches: { m: 3, n: 4 },
      championAlias: 'champion',
      rollbackAlias: 'rollback',
      cooldown: DAY,
      approvalExpires: 14_400_000,
      deadline: { hot: 300_000, cold: 1_800_000, absent: 3_600_000 },
      dwell: 1_800_000,
      bake: { for: 86_400_000, window: 3_600_000 },
      requireTags: {},
      smoke: null,
      requireVerified: false,
    },
  };
}

const ROWS = 51_950;
const EDGES = [18_200, 24_500, 29_800, 34_900, 40_100, 46_000, 53_400, 64_000, 83_500];
const numeric = (name: string, edges: readonly number[]): BaselineColumn => ({
  name,
  bins: { kind: 'numeric', edges, coarseEdges: edges },
  counts: counts(
    Array.from({ length: 10 }, () => ROWS / 10),
    { missing: 640 },
  ),
});
const COLUMNS: readonly BaselineColumn[] = [
  numeric('income', EDGES),
  numeric('debt_ratio', [0.08, 0.13, 0.17, 0.21, 0.26, 0.31, 0.37, 0.46, 0.61]),
  numeric('age_of_account_months', [6, 14, 23, 35, 48, 66, 89, 121, 170]),
  numeric('utilisation', [0.02, 0.09, 0.17, 0.26, 0.36, 0.48, 0.61, 0.75, 0.9]),
  {
    name: 'purpose',
    bins: {
      kind: 'categorical',
      levels: ['debt consolidation', 'car', 'home improvement', 'medical', 'holiday', 'wedding'],
      other: true,
    },
    counts: counts([24_400, 9800, 7600, 4100, 3300, 1500], { other: 1250 }),
  },
  {
    name: 'channel',
    bins: { kind: 'categorical', levels: ['web', 'branch', 'phone'], other: false },
    counts: counts([31_000, 14_000, 6950], {}),
  },
];
const SCORE = numeric('score', [0.03, 0.05, 0.07, 0.1, 0.13, 0.17, 0.22, 0.3, 0.44]);

function counts(cells: readonly number[], special: Partial<Omit<CellCounts, 'cells'>>): CellCounts {
  return { cells, missing: 0, nonFinite: 0, other: 0, unseen: 0, ...special };
}

/** The baseline's counts on `rows` rows, tilted by `shift` towards the last cells, with a ripple in place of noise. */
function windowCounts(
  column: BaselineColumn,
  rows: number,
  shift: { by: number; phase: number },
): CellCounts {
  const weights = column.counts.cells.map((count, cell) => {
    const place = cell / Math.max(1, column.counts.cells.length - 1) - 0.5;
    return count * Math.exp(shift.by * place) * (1 + 0.06 * Math.sin(shift.phase * 1.7 + cell * 2.3));
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const scaled = weights.map((weight) => Math.round((weight / total) * rows));
  return counts(scaled, {
    missing: Math.round((column.counts.missing / ROWS) * rows * (1 + shift.by)),
    other: Math.round((column.counts.other / ROWS) * rows),
    unseen: column.bins.kind === 'categorical' && shift.by > 0.8 ? Math.round(rows * 0.02) : 0,
  });
}

/** How far each model has moved on each day; day 59 is the newest. */
const MOVES: { readonly [model: string]: (day: number) => number } = {
  card_fraud: () => 0,
  credit_pd: (day) => (day < 40 ? 0 : Math.min(2.1, (day - 39) * 0.15)),
  deposits: () => 0.05,
};

export const EVALUATIONS: readonly StoredEvaluation[] = Object.keys(CONFIG.models).flatMap((name) =>
  Array.from({ length: 60 }, (_, day) => day)
    .filter((day) => !(name === 'credit_pd' && (day === 17 || day === 18)))
    .map((day) => stored(name, day)),
);

function stored(name: string, day: number): StoredEvaluation {
  const end = LAST - (59 - day) * DAY;
  const checks = name === 'deposits' && day >= 57 ? staleChecks() : dayChecks(name, day);
  const policy = policyVerdicts(checks);
  const record: Evaluation = {
    evaluation: `ev-${name}-${day}`,
    model: name,
    window: { start: iso(end - DAY), end: iso(end) },
    revision: 0,
    verdict: worstVerdict(policy.map(({ verdict }) => verdict)),
    rows: checks[0]?.rows ?? 0,
    baseline: { id: `bl-${name}`, hash: HASH, rows: ROWS },
    policy,
    checks,
    actions:
      name === 'credit_pd' && day === 57
        ? [{ action: 'open_exception', key: 'ex-1', reason: 'drift was in breach in 3 of 4 windows' }]
        : [],
  };
  return { record, hash: HASH, endedAt: iso(end + 3_720_000) };
}

function staleChecks(): readonly Check[] {
  const reason = 'The table main.risk.deposits_payload has no rows newer than 2026-11-20 22:14.';
  return [
    unknownCheck({ check: 'drift', kind: 'input_drift', version: 'all', verdict: 'stale', reason, rows: 0 }),
  ];
}

function dayChecks(name: string, day: number): readonly Check[] {
  const rows = 4600 + ((day * 37) % 500) - (day % 7 > 4 ? 2100 : 0);
  const moved = MOVES[name]?.(day) ?? 0;
  const judged = new Map([
    ['psi', { warn: 0.1, breach: 0.25 }],
    ['ks', { warn: 0.126, breach: 0.197 }],
  ]);
  const limits = (method: string) => judged.get(method) ?? null;
  const drift = COLUMNS.flatMap((column, index) =>
    checkColumn({
      check: 'drift',
      kind: 'input_drift',
      version: 'all',
      column,
      counts: windowCounts(column, rows, {
        by: moved * ([1, 0.62, 0.1, 0, 0.55, 0][index] ?? 0),
        phase: day + index,
      }),
      rows,
      baselineRows: ROWS,
      limits,
      minRows: 200,
    }),
  );
  const version = name === 'credit_pd' && day >= 38 ? '7' : '6';
  const prediction = checkColumn({
    check: 'prediction',
    kind: 'output_drift',
    version,
    column: SCORE,
    counts: windowCounts(SCORE, rows, { by: moved * 0.8, phase: day }),
    rows,
    baselineRows: ROWS,
    limits,
    minRows: 200,
  });
  return [...drift, ...prediction];
}

export const STATUSES: readonly ModelStatus[] = ['card_fraud', 'credit_pd'].map((name) => ({
  model: name,
  at: iso(NOW - 60_000),
  owner: 'retail-credit',
  ownerResolved: true,
  tier: 'high',
  championVersion: '6',
  rollbackVersion: name === 'credit_pd' ? '5' : null,
  servingVersion: name === 'credit_pd' ? '7' : '6',
  shares: name === 'credit_pd' ? { '6': 0, '7': 1 } : { '6': 1 },
  conformant: name !== 'credit_pd',
  readiness: 'hot',
  gates: [
    { gate: 'mode', held: true, reason: 'Mode is approve: a person has to agree.' },
    { gate: 'kill_switch', held: false, reason: 'No kill switch file exists.' },
    { gate: 'champion_not_ready', held: false, reason: 'Version 6 is READY and warm on the endpoint.' },
  ],
  trouble: null,
}));

export const EXCEPTION: ExceptionCase = {
  id: 'ex-1',
  model: 'credit_pd',
  cause: 'drift',
  severity: 'critical',
  state: 'acknowledged',
  owner: 'retail-credit',
  email: 'retail-credit@bank.example',
  openedAt: iso(LAST - 2 * DAY + 3_720_000),
  dueAt: iso(LAST - DAY + 3_720_000),
  version: 'all',
  title: 'credit_pd: income has drifted beyond its limit',
  text: 'PSI of income was over the breach limit 0.25 in 3 of the last 4 windows.',
  evaluation: 'ev-credit_pd-57',
  rollbacks: ['rb-1'],
  subCauses: ['prediction'],
  quietWindows: 0,
  riskAcceptedUntil: null,
  escalations: [],
  desk: 'jira-risk',
  ticket: { desk: 'jira-risk', key: 'MRM-418', url: 'https://bank.atlassian.net/browse/MRM-418' },
  history: [
    {
      at: iso(LAST - 2 * DAY + 3_720_000),
      state: 'open',
      by: null,
      why: 'PSI of income was over the breach limit in 3 of 4 windows.',
    },
    {
      at: iso(LAST - 2 * DAY + 9_000_000),
      state: 'acknowledged',
      by: 'A. Ndiaye (claimed)',
      why: 'Looking at the new broker feed.',
    },
  ],
  rev: 2,
};

export const ROLLBACK: Rollback = {
  id: 'rb-1',
  model: 'credit_pd',
  endpoint: 'credit-pd',
  from: '7',
  to: '6',
  trigger: 'automatic',
  cause: 'prediction',
  state: 'awaiting_approval',
  planHash: 'cd'.repeat(32),
  plan: {
    model: 'credit_pd',
    registeredModel: 'main.risk.credit_pd',
    endpoint: 'credit-pd',
    from: '7',
    to: '6',
    moves: ['traffic', 'alias'],
    readiness: 'hot',
    servingBefore: {
      configVersion: 12,
      routes: { 'credit_pd-6': 0, 'credit_pd-7': 100 },
      versions: { 'credit_pd-6': '6', 'credit_pd-7': '7' },
    },
    routesAfter: { 'credit_pd-6': 100, 'credit_pd-7': 0 },
    alias: { name: 'champion', before: '7', after: '6' },
  },
  gates: STATUSES[1]?.gates ?? [],
  history: [
    { at: iso(LAST + 3_720_000), state: 'planned', why: 'prediction was in breach in 3 of 4 windows.' },
    { at: iso(LAST + 3_721_000), state: 'awaiting_approval', why: 'Mode is approve: a person has to agree.' },
  ],
  exception: 'ex-1',
  evaluation: 'ev-credit_pd-59',
  requestedBy: 'driftwarden',
  approval: null,
  createdAt: iso(LAST + 3_720_000),
  approvalExpiresAt: iso(LAST + 18_120_000),
  deadlineAt: null,
  dwellUntil: null,
  wrote: false,
  configVersionAfter: null,
  endedAt: null,
  rev: 1,
};

/** An earlier one, which wrote and ended well. */
export const OLD_ROLLBACK: Rollback = {
  ...ROLLBACK,
  id: 'rb-0',
  from: '6',
  to: '5',
  cause: 'drift',
  trigger: 'manual',
  state: 'done',
  requestedBy: 'B. Okafor',
  approval: { by: 'C. Lindqvist', identity: 'verified', at: iso(LAST - 25 * DAY) },
  createdAt: iso(LAST - 25 * DAY),
  history: [
    {
      at: iso(LAST - 25 * DAY),
      state: 'planned',
      why: 'Asked for by B. Okafor: wrong scaling after the release.',
    },
    { at: iso(LAST - 25 * DAY + 60_000), state: 'shifting_traffic', why: 'Sent 100 % to version 5.' },
    {
      at: iso(LAST - 25 * DAY + 95_000),
      state: 'traffic_verified',
      why: 'Config version 11 routes 100 % to version 5.',
    },
    { at: iso(LAST - 25 * DAY + 96_000), state: 'moving_alias', why: 'Set alias champion to version 5.' },
    { at: iso(LAST - 25 * DAY + 97_000), state: 'alias_verified', why: 'Alias champion names version 5.' },
    { at: iso(LAST - 25 * DAY + 97_500), state: 'dwelling', why: 'Watching for 30 minutes.' },
    {
      at: iso(LAST - 25 * DAY + 1_900_000),
      state: 'done',
      why: 'Nobody changed it, and rows of version 5 arrived.',
    },
  ],
  exception: null,
  evaluation: null,
  wrote: true,
  endedAt: iso(LAST - 25 * DAY + 1_900_000),
};

export const BASELINES: readonly Baseline[] = Object.keys(CONFIG.models).map((name) => ({
  id: `bl-${name}`,
  hash: HASH,
  state: name === 'credit_pd' ? 'approved' : 'draft',
  frozenAt: iso(LAST - 60 * DAY),
  approvedBy: name === 'credit_pd' ? 'C. Lindqvist' : null,
  approvedAt: name === 'credit_pd' ? iso(LAST - 59 * DAY) : null,
  approvalReason: name === 'credit_pd' ? 'the validation sample of June' : null,
  content: {
    model: name,
    version: 'all',
    table: `main.risk.${name}_training`,
    window: null,
    rows: ROWS,
    bins: 10,
    columns: COLUMNS,
    predictions: [],
  },
}));

export const SERVED: readonly ServedVersion[] = ['5', '6', '7'].map((version, index) => ({
  model: 'credit_pd',
  entity: `credit_pd-${version}`,
  version,
  firstSeen: iso(LAST - (60 - index * 20) * DAY),
}));

export const HOLDS: readonly Hold[] = [
  {
    model: 'credit_pd',
    version: '6',
    rollback: 'rb-0',
    since: iso(LAST - 25 * DAY),
    releasedBy: null,
    releasedAt: null,
    releaseReason: null,
  },
];

export const MESSAGES: readonly OutboxMessage[] = [
  {
    key: 'ex-1:open:0',
    desk: 'jira-risk',
    exception: 'ex-1',
    action: 'open',
    title: EXCEPTION.title,
    text: EXCEPTION.text,
    links: {},
    queuedAt: EXCEPTION.openedAt,
    state: 'delivered',
    attempts: 2,
    notBefore: 0,
    lastError: 'jira-risk answered 503',
  },
];
