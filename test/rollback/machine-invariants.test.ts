import { describe, expect, test } from 'vitest';
import { hasIntent, step, wantsGates } from '../../src/rollback/machine.ts';
import {
  FINAL_STATES,
  type GateResult,
  ROLLBACK_STATES,
  type Rollback,
  type RollbackState,
} from '../../src/rollback/rollback.ts';
import type { Attempt, Observation, Step } from '../../src/rollback/step.ts';
import { TRANSITIONS } from '../../src/rollback/transitions.ts';
import type { Endpoint } from '../../src/serving/serving.ts';
import { ALIASES, ENDPOINTS } from './classes.ts';
import {
  aModel,
  anObservation,
  aPlan,
  aRegisteredModel,
  aView,
  HELD,
  HOUR,
  iso,
  MINUTE,
  OPEN,
  rollbackIn,
  seen,
  shiftedEndpoint,
  T0,
} from './support.ts';

const DEADLINE = 5 * MINUTE;
const GATES: readonly (readonly GateResult[] | null)[] = [OPEN, HELD, null];
const ATTEMPTS: readonly Attempt[] = [
  { kind: 'none' },
  ...(['ok', 'conflict', 'ambiguous', 'rejected'] as const).flatMap((kind) =>
    [T0, T0 + 10 * HOUR].map((settledAt) => ({ kind, settledAt, message: kind })),
  ),
];
const TIMES = [T0 + 1, T0 + DEADLINE, T0 + 31 * MINUTE, T0 + 5 * HOUR];

/** Rollbacks of every state; those that can stand before and after a first write in both ways. */
const PLANS = [
  aPlan(),
  aPlan(aModel({ moves: ['traffic'] })),
  aPlan(aModel({ moves: ['alias'] })),
  aPlan(
    aModel({ moves: ['alias'] }),
    aView({ registered: seen(aRegisteredModel({ aliases: { champion: '6' } })) }),
  ),
  aPlan(aModel(), aView({ registered: seen(aRegisteredModel({ aliases: { champion: '6' } })) })),
  aPlan(aModel(), aView({ endpoint: seen(shiftedEndpoint({ configVersion: 12 })) })),
];
const APPROVAL = { by: 'ann', identity: 'verified', at: iso(T0) } as const;
const ROLLBACKS: readonly Rollback[] = PLANS.flatMap((plan) =>
  ROLLBACK_STATES.filter((state) => possible(state, plan)).flatMap((state) => {
    const usual = rollbackIn(state, { plan });
    if (state === 'awaiting_approval') return [usual, { ...usual, approval: APPROVAL }];
    if (state === 'planned') return [usual, { ...usual, approvalExpiresAt: iso(T0 + 4 * HOUR) }];
    const unwritten = { ...usual, wrote: false, deadlineAt: null };
    return ['traffic_verified', 'alias_verified', 'dwelling'].includes(state) ? [usual, unwritten] : [usual];
  }),
);

function possible(state: RollbackState, plan: Rollback['plan']): boolean {
  if (state === 'shifting_traffic' || state === 'traffic_verified') return plan.routesAfter !== null;
  if (state === 'moving_alias' || state === 'alias_verified') return plan.alias !== null;
  return true;
}

interface Case {
  readonly rollback: Rollback;
  readonly seen: Observation;
  readonly now: number;
  readonly next: Step;
  readonly endpoint: string;
  readonly alias: string;
}

/** Everything that can meet everything; the gates and the last write only where the state asks for them. */
function* cases(): Generator<Case> {
  for (const rollback of ROLLBACKS) {
    for (const { gates, attempt } of asked(rollback)) {
      for (const [endpoint, endpointSeen] of Object.entries(ENDPOINTS)) {
        for (const [alias, aliasSeen] of Object.entries(ALIASES)) {
          for (const killSwitch of [false, true]) {
            const seen = anObservation({
              endpoint: endpointSeen,
              alias: aliasSeen,
              gates,
              attempt,
              killSwitch,
            });
            for (const now of TIMES) {
              yield { rollback, seen, now, next: step(rollback, seen, now), endpoint, alias };
            }
          }
        }
      }
    }
  }
}

function asked(rollback: Rollback): readonly Pick<Observation, 'gates' | 'attempt'>[] {
  const gates = wantsGates(rollback) ? GATES : [null];
  const attempts = hasIntent(rollback.state) ? ATTEMPTS : [{ kind: 'none' } as const];
  return gates.flatMap((one) => attempts.map((attempt) => ({ gates: one, attempt })));
}

function settled({ plan }: Rollback, { endpoint, alias }: Observation): boolean {
  if (endpoint?.seen !== true || (plan.alias !== null && !alias.seen)) return false;
  return (
    endpoint.value.update !== 'in_progress' && !(endpoint.value.pending && endpoint.value.update === 'none')
  );
}

function targetReady(endpoint: Endpoint): boolean {
  return endpoint.entities.some(({ name, ready }) => name === 'pd-6' && ready);
}

/** What is wrong with a step, in a word; null when nothing is. */
function fault({ rollback, seen, now, next }: Case): string | null {
  const { state, wrote } = rollback;
  const entered = next.state !== state;
  if (FINAL_STATES.includes(state) && (entered || next.write !== null)) return 'left a final state';
  if (!next.wait && !entered && next.write === null) return 'neither waits nor does anything';
  if (entered && !TRANSITIONS.some(({ from, to }) => from === state && to === next.state))
    return 'an arrow not drawn';
  if (next.state === 'blocked' && wrote) return 'blocked after a write';
  if (entered && next.state === 'expired' && state !== 'awaiting_approval') return 'expired without waiting';
  if (entered && next.state === 'done' && state !== 'dwelling') return 'done without dwelling';
  if (next.write !== null) return writeFault({ rollback, seen, now, next });
  return null;
}

function writeFault({
  rollback,
  seen,
  now,
  next,
}: Pick<Case, 'rollback' | 'seen' | 'now' | 'next'>): string | null {
  const { write } = next;
  const { plan } = rollback;
  if (plan.routesAfter !== null && !settled(rollback, seen)) return 'wrote to a world it did not see at rest';
  if (next.state !== 'shifting_traffic' && next.state !== 'moving_alias') return 'wrote without an intent';
  if (!rollback.wrote && seen.gates !== OPEN) return 'wrote past a gate';
  if (rollback.wrote && seen.killSwitch) return 'wrote against the kill switch';
  if (rollback.deadlineAt !== null && now >= Date.parse(rollback.deadlineAt))
    return 'wrote after the deadline';
  if (next.state !== rollback.state && next.changes.wrote !== true) return 'a first write without its mark';
  if (next.state === rollback.state && !mayRepeat(seen.attempt, now))
    return 'repeated a write that may have landed';
  if (plan.alias !== null && (!seen.alias.seen || seen.alias.value !== plan.alias.before))
    return 'wrote over an alias';
  if (write?.kind === 'shift') return shiftFault(rollback, seen);
  return null;
}

function shiftFault({ plan }: Rollback, { endpoint }: Observation): string | null {
  if (endpoint?.seen !== true) return 'shifted an endpoint it did not see';
  const { configVersion, routes } = endpoint.value;
  if (configVersion !== plan.servingBefore?.configVersion) return 'shifted over another configuration';
  if (JSON.stringify(routes) !== JSON.stringify(plan.servingBefore?.routes))
    return 'shifted over other routes';
  return targetReady(endpoint.value) ? null : 'shifted to a target that is not ready';
}

function mayRepeat(attempt: Attempt, now: number): boolean {
  return (attempt.kind === 'conflict' || attempt.kind === 'ambiguous') && now >= attempt.settledAt;
}

describe('every state, every endpoint, every alias, every gate result, every outcome of a write, every time', () => {
  test('no step breaks a rule, and every drawn arrow is taken', () => {
    const taken = new Set<string>();
    const faults = new Map<string, string>();
    for (const one of cases()) {
      const wrong = fault(one);
      const { state } = one.rollback;
      if (wrong !== null)
        faults.set(wrong, `${state} ${one.endpoint} ${one.alias} -> ${one.next.state}: ${one.next.why}`);
      if (one.next.state !== state) taken.add(`${state} ${one.next.state}`);
    }
    for (const rollback of ROLLBACKS) {
      for (const endpoint of Object.values(ENDPOINTS)) {
        for (const alias of Object.values(ALIASES)) {
          const called = step(rollback, anObservation({ cancel: 'x', endpoint, alias }), T0);
          expect(called.write).toBeNull();
          if (called.state !== rollback.state) taken.add(`${rollback.state} ${called.state}`);
        }
      }
    }
    expect(Object.fromEntries(faults)).toEqual({});
    expect([...taken].sort()).toEqual(TRANSITIONS.map(({ from, to }) => `${from} ${to}`).sort());
  });
});

describe('the arrows', () => {
  test('are drawn once each, and lead from every state that is not final to the end', () => {
    const names = TRANSITIONS.map(({ from, to }) => `${from} ${to}`);
    expect(new Set(names).size).toBe(names.length);
    const starts = new Set(TRANSITIONS.map(({ from }) => from));
    expect([...starts].sort()).toEqual(
      ROLLBACK_STATES.filter((state) => !FINAL_STATES.includes(state)).sort(),
    );
    const ends = new Set(TRANSITIONS.map(({ to }) => to));
    expect([...ends].sort()).toEqual(ROLLBACK_STATES.filter((state) => state !== 'planned').sort());
  });
});
