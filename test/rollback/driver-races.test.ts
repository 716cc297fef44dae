import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RemoteError } from '../../src/remote/error.ts';
import type { FakeWorld, Fault } from './fake-world.ts';
import { aHarness, type Harness } from './harness.ts';
import { MINUTE, SECOND } from './support.ts';

type Action = 'shift' | 'shift to the target' | 'alias' | 'alias to the target' | 'busy';

/** Somebody else acts; answers by which read that can be seen, or null when nothing was changed. */
function act(world: FakeWorld, action: Action): 'read endpoint' | 'read model' | null {
  if (action === 'busy') {
    if (world.endpoint().update === 'none') world.humanBusy(2);
    return null;
  }
  if (action === 'alias') return world.humanAlias('5') ? 'read model' : null;
  if (action === 'alias to the target') {
    return world.alias() !== '6' && world.humanAlias('6') ? 'read model' : null;
  }
  const routes = action === 'shift' ? { 'pd-7': 40, 'pd-6': 60 } : { 'pd-7': 0, 'pd-6': 100 };
  return world.humanShift(routes) ? 'read endpoint' : null;
}

interface Race {
  /** At which call somebody acts, and how. */
  readonly actions: ReadonlyMap<number, Action>;
  /** Writes that left after a read had shown a change by somebody else. */
  readonly against: string[];
  changes: number;
}

/** Lets somebody act right before the given calls, and watches what is written after it could be seen. */
function race(at: Harness, actions: ReadonlyMap<number, Action>): Race {
  const watch: Race = { actions, against: [], changes: 0 };
  let shownBy: string | null = null;
  let seen = false;
  at.world.before = (call, index) => {
    if (seen && (call === 'shift' || call === 'alias')) watch.against.push(`${call} at ${index}`);
    const action = actions.get(index);
    const shows = action === undefined ? null : act(at.world, action);
    if (shows !== null) watch.changes += 1;
    // Exactly what we were about to do: whether it was ours can be told only where ours is known to have failed.
    if (action?.endsWith('target') !== true) shownBy = shows ?? shownBy;
    // The read that this call is takes place after the action.
    if (shownBy === call) seen = true;
  };
  return watch;
}

async function calls(slowness: number): Promise<number> {
  const at = await aHarness();
  at.world.slowness = slowness;
  await at.finish();
  await at.close();
  return at.world.calls.length;
}

describe('somebody changes traffic or alias at any moment', () => {
  test.each([
    ['shift', 0],
    ['shift', 2],
    ['shift to the target', 0],
    ['shift to the target', 2],
    ['alias', 0],
    ['alias', 2],
    ['alias to the target', 0],
    ['alias to the target', 2],
  ] as const)(
    '%s, updates taking %i reads: never written against, always found',
    async (action, slowness) => {
      const moments = Math.min(24, await calls(slowness));
      for (let moment = 0; moment < moments; moment += 1) {
        const at = await aHarness();
        at.world.slowness = slowness;
        const watch = race(at, new Map([[moment, action]]));
        const ended = await at.finish();
        const name = `${action} before call ${moment}`;
        expect(watch.against, name).toEqual([]);
        // The registry has no version to compare: what falls between the last look and the write cannot be found.
        const later = at.world.calls.slice(moment);
        const unseen = action.startsWith('alias') && (later[0] === 'alias' || !later.includes('read model'));
        expect(ended.state, name).toBe(watch.changes === 0 || unseen ? 'done' : 'superseded');
        await at.close();
      }
    },
  );

  test('a change that falls between the last read and our write is found by the version it leaves', async () => {
    const at = await aHarness();
    at.world.before = (call) => {
      if (call === 'shift') at.world.humanShift({ 'pd-7': 50, 'pd-6': 50 });
    };
    const ended = await at.finish();
    expect(at.world.effects).toEqual(['human shift', 'our shift']);
    expect(ended.state).toBe('superseded');
    expect(ended.history.at(-1)?.why).toBe(
      'Somebody else changed it: endpoint credit-pd: configuration version is 13, expected 12.',
    );
  });

  test('the bad version that is put back during the dwell is not fought', async () => {
    const at = await aHarness();
    await at.driver().advance(at.id);
    expect((await at.rollback()).state).toBe('dwelling');
    at.world.humanShift({ 'pd-7': 100, 'pd-6': 0 });
    expect((await at.finish()).state).toBe('superseded');
    expect(at.world.endpoint().routes).toEqual({ 'pd-7': 100, 'pd-6': 0 });
  });
});

describe('whatever happens', () => {
  const faults = fc.array(
    fc.constantFrom<Fault>('lost_applied', 'lost_not_applied', 'conflict', 'rejected'),
    { maxLength: 3 },
  );
  const moment = fc.nat({ max: 40 });
  const situation = fc.record({
    shift: faults,
    alias: faults,
    slowness: fc.constantFrom(0, 1, 4, Number.POSITIVE_INFINITY),
    failUpdate: fc.boolean(),
    humans: fc.array(
      fc.tuple(
        moment,
        fc.constantFrom<Action>('shift', 'shift to the target', 'alias', 'alias to the target', 'busy'),
      ),
      { maxLength: 3 },
    ),
    blind: fc.array(moment, { maxLength: 4 }),
    restarts: fc.array(moment, { maxLength: 3 }),
    killSwitch: fc.option(moment),
    tick: fc.constantFrom(1, 7, 20, 60).map((seconds) => seconds * SECOND),
  });

  test('it ends, writes once of each kind, never against anybody, never without a committed intent', async () => {
    await fc.assert(
      fc.asyncProperty(situation, async (drawn) => {
        const at = await aHarness();
        at.world.faults.shift.push(...drawn.shift);
        at.world.faults.alias.push(...drawn.alias);
        at.world.slowness = drawn.slowness;
        at.world.failNextUpdate = drawn.failUpdate;
        const watch = race(at, new Map(drawn.humans));
        const human = at.world.before;
        const intents: Promise<boolean>[] = [];
        at.world.before = (call, index) => {
          human(call, index);
          at.killSwitch = at.killSwitch || index === drawn.killSwitch;
          if (call === 'shift' || call === 'alias') {
            const state = call === 'shift' ? 'shifting_traffic' : 'moving_alias';
            intents.push(at.rollback().then((stored) => stored.wrote && stored.state === state));
          }
          if (drawn.blind.includes(index)) {
            throw new RemoteError({ reason: 'timeout', place: 'the fake', message: 'blind', remedy: 'wait' });
          }
        };
        const ended = await finishWithRestarts(at, drawn);
        const count = (effect: string) => at.world.effects.filter((done) => done === effect).length;
        expect(watch.against).toEqual([]);
        expect(count('our shift')).toBeLessThanOrEqual(1);
        expect(count('our alias')).toBeLessThanOrEqual(1);
        expect(await Promise.all(intents)).not.toContain(false);
        if (ended.state === 'done') expect(at.world.endpoint().routes).toEqual({ 'pd-7': 0, 'pd-6': 100 });
        await at.close();
      }),
      { numRuns: 150 },
    );
  });
});

/** Ticks until the rollback has ended, with a new process now and then. */
async function finishWithRestarts(
  at: Harness,
  { restarts, tick }: { readonly restarts: readonly number[]; readonly tick: number },
): Promise<Awaited<ReturnType<Harness['rollback']>>> {
  for (let turn = 0; turn < 20_000; turn += 1) {
    const reached = await at.driver().advance(at.id);
    if (reached.endedAt !== null) return reached;
    if (restarts.includes(turn)) at.restart();
    // A dwell of half an hour in small ticks would only repeat itself.
    at.pass(reached.state === 'dwelling' ? 10 * MINUTE : tick);
  }
  throw new Error('the rollback does not end');
}
