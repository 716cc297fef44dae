/**
 * Every default of the configuration, in the words of a configuration file, once: the loader lays files over this, the
 * JSON schema and the reference page print it. `*` stands for any name.
 */
export const DEFAULTS = {
  warehouse: { kind: 'databricks', concurrency: 4, statementTimeout: '5m' },
  registry: { kind: 'unity-catalog' },
  serving: { kind: 'databricks' },
  store: { kind: 'sqlite', path: './state/driftwarden.db' },
  http: { listen: '127.0.0.1:9469' },
  audit: { signingKey: { file: './state/audit-ed25519.pem' }, checkpointEvery: 100 },
  actions: { killSwitch: './state/STOP', maxRollbacksPerHour: 3, maxShareOfModels: 0.1 },
  metrics: { topFeatures: 20, maxSeries: 20_000 },
  models: {
    '*': {
      source: { layout: 'ai-gateway' },
      catchUp: '30d',
      window: '1d',
      lateness: '1h',
      revisions: '3d',
      unknownAfter: '2d',
      falseAlarmsPerYear: 1,
      drift: { rule: 'evidence', psi: { warn: 0.1, breach: 0.25 } },
      rollback: {
        mode: 'observe',
        on: ['performance', 'prediction', 'challenger'],
        moves: ['traffic', 'alias'],
        championAlias: 'champion',
        rollbackAlias: 'rollback',
        cooldown: '1d',
        approvalExpires: '4h',
        deadline: { hot: '5m', cold: '30m', absent: '60m' },
        dwell: '30m',
        bake: { for: '24h', window: '1h' },
      },
    },
  },
} as const;

/** Defaults inside a map that only counts when a file has it. */
export const DEFAULTS_WHEN_GIVEN = {
  owners: { '*': { escalateAfter: '1d' } },
  models: {
    '*': {
      prediction: { type: 'double' },
      baseline: { bins: 10 },
      drift: { ks: { warn: 0.126, breach: 0.197 } },
    },
  },
} as const;

/** Defaults that depend on `drift.rule`: a single window proves nothing under a plain limit, so it asks for rows and repetition. */
export const DEFAULTS_BY_RULE = {
  evidence: { minRows: 1, rollback: { breaches: '1 of 1' } },
  limit: { minRows: 200, rollback: { breaches: '3 of 4' } },
} as const;
