import { isoTime } from '../clock.ts';

/** What the demo's configuration needs to know; everything else in it is fixed. Paths in it are relative to its own folder. */
export interface DemoConfigOptions {
  readonly workspaceUrl: string;
  readonly readerId: string;
  readonly actorId: string;
  /** First window, milliseconds. */
  readonly since: number;
  /** Address of the daemon's own HTTP server, e.g. `127.0.0.1:9469`. */
  readonly listen: string;
}

/** The driftwarden.yaml that the demo's daemon runs on: a real one, only its workspace is simulated. */
export function demoConfigYaml(options: DemoConfigOptions): string {
  return `# Written by the demo. Workspace, registry, endpoints, ticket desk and data are SIMULATED; the daemon is the real one.
version: 1

workspace:
  url: ${quoted(options.workspaceUrl)}
  reader: { clientId: ${quoted(options.readerId)}, clientSecret: { file: secrets/reader } }
  actor: { clientId: ${quoted(options.actorId)}, clientSecret: { file: secrets/actor } }

warehouse:
  kind: duckdb
  tables:
    main.risk.credit_payload: lake/credit_payload/*.parquet
    main.risk.credit_training: lake/credit_training/*.parquet
    main.risk.mortgage_payload: lake/mortgage_payload/*.parquet
    main.risk.mortgage_training: lake/mortgage_training/*.parquet

registry: { kind: unity-catalog }
serving: { kind: databricks }
store: { kind: sqlite, path: state/driftwarden.db }
http: { listen: ${quoted(options.listen)} }
audit: { signingKey: { file: state/audit-ed25519.pem }, checkpointEvery: 25 }

owners:
  retail-credit: { email: retail-credit@bank.example, ticketDesk: simulated-desk }
  home-loans: { email: home-loans@bank.example, ticketDesk: simulated-desk }
  default: { email: model-risk@bank.example, ticketDesk: simulated-desk }

ticketDesks:
  simulated-desk: { kind: webhook, url: ${quoted(`${options.workspaceUrl}/tickets`)}, secret: { file: secrets/tickets } }

actions: { killSwitch: state/STOP }

defaults:
  task: binary
  window: 1d
  lateness: 1h
  since: ${isoTime(options.since)}
  catchUp: 400d
  drift: { rule: evidence, psi: { warn: 0.10, breach: 0.25 } }

${modelsYaml()}`;
}

function modelsYaml(): string {
  return `models:
  credit_pd:
    registeredModel: main.risk.credit_pd
    endpoint: credit-pd
    owner: retail-credit
    riskTier: high
    source: ${source('credit')}
    prediction: { name: score, type: double, threshold: 0.5, favourable: below }
    baseline: { table: main.risk.credit_training, version: model_version }
    rollback:
      mode: auto
      on: [ prediction ]
      moves: [ traffic, alias ]
      # Domain time runs thousands of times faster than the machine here: the deadlines leave it time to answer.
      deadline: { hot: 12h, cold: 12h, absent: 1d }
      dwell: 2h

  mortgage_pd:
    registeredModel: main.risk.mortgage_pd
    endpoint: mortgage-pd
    owner: home-loans
    riskTier: medium
    source: ${source('mortgage')}
    prediction: { name: score, type: double, threshold: 0.5, favourable: below }
    baseline: { table: main.risk.mortgage_training, version: model_version }
    rollback: { mode: observe }
`;
}

function source(product: string): string {
  return `{ table: main.risk.${product}_payload, layout: columns, requestId: request_id, timestamp: event_time, version: model_version }`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
