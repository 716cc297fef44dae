import { RemoteError } from '../remote/error.ts';
import { sameRoutes } from '../rollback/snapshot.ts';
import { isBusy } from '../rollback/world.ts';
import type { Endpoint, Serving } from '../serving/serving.ts';
import type { Outcome } from './claim.ts';

/** How long an update may take, and how often it is looked at. Milliseconds. */
const DEADLINE = 20 * 60_000;
const LOOK_EVERY = 5_000;

export interface ThrowAwayDeps {
  readonly serving: Serving;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/**
 * Updates an endpoint that nobody needs to what it is already, and watches the update to its end: the one claim that cannot be checked by
 * reading. It holds when the configuration has a new version and the same routes and entities.
 */
export async function tryUpdate(name: string, deps: ThrowAwayDeps): Promise<Outcome> {
  const { serving } = deps;
  const outcome = (word: Outcome['outcome'], why: string | null): Outcome => ({
    ...{ claim: 'rest.shift', outcome: word, why },
  });
  try {
    const before = await serving.endpoint(name);
    if (isBusy(before)) return outcome('not_reachable', `endpoint ${name} is being updated`);
    await serving.shift(before, before.routes);
    const after = await whenUpdated(before, deps);
    if (after === null)
      return outcome(
        'fail',
        `the update of endpoint ${name} was not to be seen in ${DEADLINE / 60_000} minutes`,
      );
    const same = sameRoutes(before.routes, after.routes) && entities(before) === entities(after);
    if (after.update !== 'none')
      return outcome('fail', `the update of endpoint ${name} ended as ${after.update}`);
    return same ? outcome('pass', null) : outcome('fail', `endpoint ${name} is not what it was before`);
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    const differs = error.reason === 'bad_answer' || error.reason === 'rejected';
    return outcome(differs ? 'fail' : 'not_reachable', error.message);
  }
}

async function whenUpdated(
  before: Endpoint,
  { serving, now, sleep }: ThrowAwayDeps,
): Promise<Endpoint | null> {
  const until = now() + DEADLINE;
  while (now() < until) {
    await sleep(LOOK_EVERY);
    const seen = await serving.endpoint(before.name);
    const newer = seen.configVersion !== before.configVersion || seen.update === 'failed';
    if (!isBusy(seen) && newer) return seen;
  }
  return null;
}

function entities(endpoint: Endpoint): string {
  const told = endpoint.entities.map(({ name, model, version }) => JSON.stringify([name, model, version]));
  return told.sort((a, b) => (a < b ? -1 : 1)).join();
}
