import type { ModelConfig } from '../config/config.ts';
import { RemoteError, type RemoteReason } from '../remote/error.ts';
import type { Endpoint, ServedEntity, Serving } from '../serving/serving.ts';
import type { GateResult } from './rollback.ts';
import { movesTraffic } from './target.ts';
import { entityOf, type WorldView } from './world.ts';

/** What came of asking the target's own path: `not_asked` where no traffic would be given to it. */
export interface SmokeResult {
  readonly outcome: 'not_asked' | 'answered' | 'failed' | 'not_yet';
  readonly reason: string;
}

export interface SmokeDeps {
  readonly serving: Serving | null;
  /** The text of a file. Throws what the file system throws. */
  readonly readFile: (path: string) => Promise<string>;
}

/** An entity that sleeps has to start first: no answer in time, or none yet, is what its start looks like from outside. */
const WHILE_IT_STARTS: readonly RemoteReason[] = ['timeout', 'network', 'unavailable', 'conflict'];

/**
 * Sends the configured payload to the target's own path, which the routes play no part in. Asked once every gate is open,
 * right before the first write: what does not answer there would answer nobody.
 */
export async function smokeTest(
  model: ModelConfig,
  view: WorldView,
  { serving, readFile }: SmokeDeps,
): Promise<SmokeResult> {
  const { smoke } = model.rollback;
  const target = targetOf(model, view);
  if (smoke === null || target === null) {
    return { outcome: 'not_asked', reason: 'no smoke request is configured, or no traffic would be moved' };
  }
  if (serving?.smoke === undefined) {
    return {
      outcome: 'failed',
      reason: 'this serving system takes no smoke requests: remove rollback.smoke',
    };
  }
  const payload = await payloadOf(smoke.file, readFile);
  if ('unusable' in payload) {
    return {
      outcome: 'failed',
      reason: `the smoke payload ${smoke.file} cannot be used: ${payload.unusable}`,
    };
  }
  const { version } = target.entity;
  try {
    await serving.smoke(target.endpoint, target.entity.name, payload.text);
    return { outcome: 'answered', reason: `version ${version} answered the smoke request` };
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    const starting = !target.entity.warm && WHILE_IT_STARTS.includes(error.reason);
    return {
      outcome: starting || error.reason === 'rate_limited' ? 'not_yet' : 'failed',
      reason: `version ${version} did not answer the smoke request: ${error.message}`,
    };
  }
}

/** The entity that would be given the traffic; null where none is moved, or the version has all of it already. */
function targetOf(
  model: ModelConfig,
  view: WorldView,
): { readonly endpoint: Endpoint; readonly entity: ServedEntity } | null {
  const { version } = view.target;
  if (version === null || view.endpoint?.seen !== true || !movesTraffic(model, view)) return null;
  const endpoint = view.endpoint.value;
  const entity = entityOf(endpoint, model.registeredModel, version);
  return entity === null || endpoint.routes[entity.name] === 100 ? null : { endpoint, entity };
}

async function payloadOf(
  file: string,
  readFile: SmokeDeps['readFile'],
): Promise<{ readonly text: string } | { readonly unusable: string }> {
  try {
    const text = await readFile(file);
    JSON.parse(text);
    return { text };
  } catch (error) {
    return { unusable: error instanceof Error ? error.message : String(error) };
  }
}

/** The gates with what the smoke request said; null: it is too early to say. */
export function withSmoke(gates: readonly GateResult[], smoke: SmokeResult): readonly GateResult[] | null {
  if (smoke.outcome === 'not_asked') return gates;
  if (smoke.outcome === 'not_yet') return null;
  return gates.map((gate) =>
    gate.gate === 'champion_not_ready'
      ? { ...gate, held: smoke.outcome === 'failed', reason: `${gate.reason}; ${smoke.reason}` }
      : gate,
  );
}
