import { describe, expect, test } from 'vitest';
import { tryUpdate } from '../../src/claims/throw-away.ts';
import { RemoteError } from '../../src/remote/error.ts';
import type { Endpoint } from '../../src/serving/serving.ts';
import { anEndpoint, anEntity } from '../rollback/support.ts';

/** An endpoint whose update takes three looks and leaves `after`. */
function staged(after: Partial<Endpoint>, refusal: RemoteError | null = null) {
  const before = anEndpoint();
  let time = 0;
  let looks: number | null = null;
  const shifted: unknown[] = [];
  const deps = {
    now: () => time,
    sleep: async (milliseconds: number) => {
      time += milliseconds;
    },
    serving: {
      endpoint: async () => {
        if (looks === null) return before;
        looks += 1;
        return looks < 3
          ? anEndpoint({ update: 'in_progress' })
          : anEndpoint({ configVersion: 12, ...after });
      },
      shift: async (_endpoint: Endpoint, routes: unknown) => {
        if (refusal !== null) throw refusal;
        shifted.push(routes);
        looks = 0;
      },
    },
  };
  return { deps, shifted, time: () => time };
}

describe('the update of an endpoint that nobody needs', () => {
  test('passes when it stands as before under a new version, and sends what was there', async () => {
    const { deps, shifted, time } = staged({});
    expect(await tryUpdate('spare', deps)).toEqual({ claim: 'rest.shift', outcome: 'pass', why: null });
    expect(shifted).toEqual([{ 'pd-7': 100, 'pd-6': 0 }]);
    expect(time()).toBe(15_000);
  });

  test.each([
    [{ routes: { 'pd-7': 0, 'pd-6': 100 } }, 'not what it was'],
    [{ entities: [anEntity('7')] }, 'not what it was'],
    [{ update: 'failed' }, 'ended as failed'],
    [{ configVersion: 11 }, 'not to be seen'],
  ] as const)('that leaves %j fails', async (after, why) => {
    const { deps } = staged(after);
    const outcome = await tryUpdate('spare', deps);
    expect(outcome.outcome).toBe('fail');
    expect(outcome.why).toContain(why);
  });

  test.each([
    ['forbidden', 'not_reachable'],
    ['conflict', 'not_reachable'],
    ['rejected', 'fail'],
  ] as const)('that is refused as %s: %s', async (reason, outcome) => {
    const { deps } = staged({}, new RemoteError({ reason, place: 'p', message: 'said so', remedy: '' }));
    expect(await tryUpdate('spare', deps)).toEqual({ claim: 'rest.shift', outcome, why: 'said so' });
  });
});
