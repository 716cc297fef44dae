import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { createSimulatedClock, type SimulatedClock } from '../../src/simulator/clock.ts';
import {
  type SimulatedWorkspace,
  startWorkspace,
  type WorkspaceOptions,
} from '../../src/simulator/workspace/workspace.ts';

export const START = Date.UTC(2026, 9, 25);
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const CREDIT = '/api/2.0/serving-endpoints/credit-pd';
export const MODEL = '/api/2.1/unity-catalog/models/main.risk.credit_pd';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that goes when the tests of the file have ended. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'driftwarden-simulator-'));
  folders.push(folder);
  return folder;
}

export type Fields = { readonly [field: string]: unknown };

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | null;
  /** The parsed body; fails the test when it is not JSON. */
  json(): Fields;
}

export interface Caller {
  /** As the reader, if no role is given; `nobody` sends no token. */
  call(method: string, path: string, more?: CallOptions): Promise<Reply>;
  token(role: 'reader' | 'actor'): Promise<string>;
}

interface CallOptions {
  readonly as?: 'reader' | 'actor' | 'nobody';
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface Rig {
  readonly workspace: SimulatedWorkspace;
  readonly clock: SimulatedClock;
  readonly stateFile: string;
  readonly caller: Caller;
  moveWall(milliseconds: number): void;
}

/** A workspace in a folder of its own, its clocks in the test's hands. */
export async function startRig(changes: Partial<WorkspaceOptions> = {}): Promise<Rig> {
  let wall = START;
  const clock = createSimulatedClock(START);
  const stateFile = changes.stateFile ?? join(temporaryFolder(), 'workspace.json');
  const clocks = { domain: clock, wall: { now: () => wall } };
  const workspace = await startWorkspace({ stateFile, clocks, seed: 1, ...changes });
  return {
    workspace,
    clock,
    stateFile,
    caller: callerOf(workspace),
    moveWall: (milliseconds) => {
      wall += milliseconds;
    },
  };
}

export function callerOf(workspace: SimulatedWorkspace): Caller {
  const token = async (role: 'reader' | 'actor'): Promise<string> => {
    const principal = workspace.principals.find((one) => one.role === role);
    const answer = await askToken(workspace, `${principal?.clientId}:${principal?.clientSecret}`);
    return String(answer.json()['access_token']);
  };
  return {
    token,
    call: async (method, path, { as = 'reader', body, headers } = {}) => {
      const authorization = as === 'nobody' ? {} : { authorization: `Bearer ${await token(as)}` };
      return send(workspace, path, {
        method,
        headers: { ...authorization, ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
    },
  };
}

export function askToken(
  workspace: SimulatedWorkspace,
  idAndSecret: string,
  form = 'grant_type=client_credentials&scope=all-apis',
): Promise<Reply> {
  return send(workspace, '/oidc/v1/token', {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(idAndSecret).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: form,
  });
}

export function sendTicket(
  workspace: SimulatedWorkspace,
  key: string | null,
  ticket: { action: string; exception: string; secret?: string; body?: string },
): Promise<Reply> {
  const body =
    ticket.body ??
    JSON.stringify({
      action: ticket.action,
      key,
      exception: { id: ticket.exception },
      title: 'Scores drifted',
    });
  const mac = createHmac('sha256', ticket.secret ?? workspace.ticketSecret)
    .update(`1766000000.${body}`)
    .digest('hex');
  return send(workspace, '/tickets', {
    method: 'POST',
    headers: {
      ...(key === null ? {} : { 'idempotency-key': key }),
      'x-driftwarden-timestamp': '1766000000',
      'x-driftwarden-signature': `sha256=${mac}`,
    },
    body,
  });
}

async function send(workspace: SimulatedWorkspace, path: string, init: RequestInit): Promise<Reply> {
  const answer = await fetch(`${workspace.url}${path}`, init);
  const text = await answer.text();
  return {
    status: answer.status,
    text,
    retryAfter: answer.headers.get('retry-after'),
    json: () => JSON.parse(text) as Fields,
  };
}

/** What a GET tells of an endpoint, as far as tests look at it. */
export interface EndpointWire {
  readonly state: Fields;
  readonly config: ConfigWire;
  readonly pending_config: ConfigWire;
  readonly permission_level: string;
  readonly tags: readonly Fields[];
}

interface ConfigWire {
  readonly config_version: number;
  readonly served_entities: readonly { readonly name: string; readonly state: Fields }[];
  readonly traffic_config: { readonly routes: readonly { readonly traffic_percentage: number }[] };
}

/** A body that a test may spoil. */
export interface ConfigBody {
  served_entities: [Spoilable, Spoilable];
  traffic_config: { routes: [Spoilable, Spoilable] };
}

type Spoilable = { [field: string]: unknown };

/** The whole configuration of the credit endpoint with other percentages, as a client must send it. */
export function creditConfig(champion: number, challenger: number): ConfigBody {
  return {
    served_entities: [
      {
        name: 'credit_pd-6',
        entity_name: 'main.risk.credit_pd',
        entity_version: '6',
        workload_type: 'CPU',
        workload_size: 'Small',
        scale_to_zero_enabled: false,
        environment_vars: { SCORECARD: 'v6', LOG_LEVEL: 'info' },
      },
      {
        name: 'credit_pd-7',
        entity_name: 'main.risk.credit_pd',
        entity_version: '7',
        workload_type: 'CPU',
        min_provisioned_concurrency: 4,
        max_provisioned_concurrency: 8,
        scale_to_zero_enabled: false,
        environment_vars: { SCORECARD: 'v7', LOG_LEVEL: 'info' },
      },
    ],
    traffic_config: {
      routes: [
        { served_entity_name: 'credit_pd-6', traffic_percentage: champion },
        { served_entity_name: 'credit_pd-7', traffic_percentage: challenger },
      ],
    },
  };
}
