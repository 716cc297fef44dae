import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config, ModelConfig } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { registeredName } from './ports.ts';
import { type ModelScene, type Scenario } from './scenario.ts';

export const DESK = 'ops';

/** What the daemon would load; what a scenario varies is set on it per run. Times are short, so that a run is short too. */
const YAML = `version: 1
workspace:
  url: http://127.0.0.1:1
  reader: { clientId: reader, clientSecret: { file: reader } }
  actor: { clientId: actor, clientSecret: { file: actor } }
warehouse: { kind: duckdb, tables: { main.risk.payload: payload.parquet, main.risk.training: training.parquet } }
registry: { kind: unity-catalog }
serving: { kind: databricks }
store: { kind: sqlite, path: ./unused.db }
owners: { default: { email: mrm@bank.example, ticketDesk: ${DESK} } }
ticketDesks: { ${DESK}: { kind: webhook, url: "http://127.0.0.1:1/", secret: { file: desk } } }
models:
  credit:
    registeredModel: ${registeredName('credit')}
    endpoint: credit
    owner: default
    riskTier: high
    source: { table: main.risk.payload, layout: columns, timestamp: at, version: version }
    prediction: { name: score, type: double }
    baseline: { table: main.risk.training }
    lateness: 30s
    rollback:
      mode: auto
      "on": [prediction]
      breaches: 1 of 1
      cooldown: 15m
      approvalExpires: 8m
      deadline: { hot: 5m, cold: 10m, absent: 15m }
      dwell: 2m
      requireTags: { validation: approved }
`;

let loaded: Config | null = null;

/** Reads the configuration once per process, by the program's own loader. */
export async function loadSettings(): Promise<void> {
  if (loaded !== null) return;
  const folder = mkdtempSync(join(tmpdir(), 'driftwarden-simulation-'));
  try {
    const path = join(folder, 'driftwarden.yaml');
    writeFileSync(path, YAML);
    const result = await loadConfig(path);
    if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 2));
    loaded = result.config;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The configuration of one run. */
export function configFor({ models, maxRollbacksPerHour }: Scenario): Config {
  const base = loaded;
  const model = base?.models['credit'];
  if (base === null || model === undefined) throw new Error('loadSettings was not awaited');
  return {
    ...base,
    // Two models in breach at once are no reason to hold here: the gate for that has its own tests.
    actions: { ...base.actions, killSwitch: null, maxRollbacksPerHour, maxShareOfModels: 1 },
    models: Object.fromEntries(models.map((scene) => [scene.name, modelFor(model, scene)])),
  };
}

function modelFor(base: ModelConfig, { name, mode, moves, batch }: ModelScene): ModelConfig {
  return {
    ...base,
    name,
    registeredModel: registeredName(name),
    endpoint: batch ? null : name,
    // Models of one table in breach at once would be its fault: another gate with tests of its own.
    source: { ...base.source, table: `main.risk.${name}_payload` },
    rollback: { ...base.rollback, mode, moves },
  };
}
