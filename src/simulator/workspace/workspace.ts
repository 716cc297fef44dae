import { setTimeout as wait } from 'node:timers/promises';
import type { Clocks } from '../../clock.ts';
import { type Answer, failure } from './answer.ts';
import { type ApiRequest, answerRequest } from './api.ts';
import { nextUpdateAt, settle } from './endpoint.ts';
import { lendersEstate } from './estate.ts';
import { createFaults, type Fault, type Trouble } from './faults.ts';
import type { Edit } from './people.ts';
import { listen, type WireReply } from './server.ts';
import type { WorkspaceState } from './state.ts';
import { openStateStore } from './store.ts';
import { createTokens, type Principal, simulatedSecret, type Tokens } from './tokens.ts';

/** A small simulated workspace on loopback: registry, serving endpoints, identity, ticket desk. All of it is simulated. */
export interface SimulatedWorkspace {
  readonly url: string;
  readonly port: number;
  readonly principals: readonly Principal[];
  /** Shared secret of the ticket desk. */
  readonly ticketSecret: string;
  /** The state at this moment of domain time. */
  snapshot(): WorkspaceState;
  /** When the next pending update becomes active, or null. */
  nextUpdateAt(): number | null;
  /** A change made by a person inside the workspace, without HTTP; see `people.ts`. */
  change(edit: Edit): void;
  /** The same once and never again under this name, also over restarts. False when it has happened before. */
  perform(name: string, edit: Edit): boolean;
  fault(fault: Fault): void;
  clearFaults(): void;
  /** Makes all access tokens worthless. */
  revokeTokens(): void;
  close(): Promise<void>;
}

export interface WorkspaceOptions {
  readonly stateFile: string;
  /** `domain` is the simulated time in which updates take their while, `wall` the one in which tokens expire. */
  readonly clocks: Clocks;
  readonly seed: number;
  /** 0, or absent: any free one. */
  readonly port?: number;
  /** Seconds of wall time a token lives; an hour if not given. */
  readonly tokenLifetime?: number;
  /** What there is when the state file does not exist yet; if not given, the lender's two models. */
  readonly estate?: (at: number) => WorkspaceState;
}

/** Starts it, going on from the state file if there is one. Throws SimulatorError. */
export async function startWorkspace(options: WorkspaceOptions): Promise<SimulatedWorkspace> {
  const { clocks, seed } = options;
  const store = openStateStore(options.stateFile, () =>
    (options.estate ?? lendersEstate)(clocks.domain.now()),
  );
  const tokens = createTokens({ seed, wall: clocks.wall, lifetime: options.tokenLifetime ?? 3600 });
  const ticketSecret = simulatedSecret(seed, 'tickets');
  const faults = createFaults();
  const settled = (): WorkspaceState => {
    store.replace(settle(store.current(), clocks.domain.now()));
    return store.current();
  };
  let url = '';

  const carryOut = (request: ApiRequest, stale: boolean): Answer => {
    const current = settled();
    const reads = request.method === 'GET';
    const state = stale && reads ? store.previous() : current;
    const answer = answerRequest(request, { state, clocks, tokens, ticketSecret, url });
    if (answer.state !== undefined) store.replace(answer.state);
    return answer;
  };

  const server = await listen(options.port ?? 0, async (request) => {
    const trouble = faults.take(request.method, request.path);
    const instead = trouble === null ? undefined : replaceReply(trouble);
    if (instead !== undefined) return instead;
    if (trouble?.kind === 'delay') await wait(trouble.milliseconds);
    const answer = carryOut(request, trouble?.kind === 'stale-read');
    return trouble?.kind === 'lost-response' ? null : wire(answer);
  });
  url = `http://127.0.0.1:${server.port}`;

  return {
    url,
    port: server.port,
    ...controls({ store, settled, clocks, tokens }),
    principals: tokens.principals,
    ticketSecret,
    fault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    close: () => server.close(),
  };
}

type Controls = Pick<SimulatedWorkspace, 'snapshot' | 'nextUpdateAt' | 'change' | 'perform' | 'revokeTokens'>;

function controls(parts: {
  store: { replace(next: WorkspaceState): void };
  settled: () => WorkspaceState;
  clocks: Clocks;
  tokens: Tokens;
}): Controls {
  const { store, settled, clocks, tokens } = parts;
  return {
    snapshot: settled,
    nextUpdateAt: () => nextUpdateAt(settled()),
    change: (edit) => store.replace(edit(settled(), clocks.domain.now())),
    perform: (name, edit) => {
      const state = settled();
      const at = clocks.domain.now();
      if (state.performed[name] !== undefined) return false;
      const edited = edit(state, at);
      store.replace({ ...edited, performed: { ...edited.performed, [name]: at } });
      return true;
    },
    revokeTokens: () => tokens.revokeAll(),
  };
}

/** The reply that takes the place of any work, or undefined when the work is done all the same. */
function replaceReply(trouble: Trouble): WireReply | undefined {
  if (trouble.kind === 'reset') return null;
  if (trouble.kind === 'html') {
    return { status: 200, contentType: 'text/html', text: '<!doctype html><title>Sign in</title><p>Sign in' };
  }
  if (trouble.kind === 'empty') return { status: 200, contentType: 'application/json', text: '' };
  if (trouble.kind !== 'status') return undefined;
  const reply = wire(failure(trouble.status, trouble.code ?? 'SIMULATED_FAULT', 'A simulated fault.'));
  return trouble.retryAfter === undefined ? reply : { ...reply, retryAfter: trouble.retryAfter };
}

function wire(answer: Answer): Exclude<WireReply, null> {
  return { status: answer.status, contentType: 'application/json', text: JSON.stringify(answer.body) };
}
