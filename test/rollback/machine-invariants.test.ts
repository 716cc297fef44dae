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
  ...(['ok', 'conflict', 'ambiguous', 'rejected', 'overtaken'] as const).flatMap((kind) =>
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
function fault(one: Case): string | null {
  const { rollback, next } = one;
  if (next.write !== null) return writeFault(one);
  if (next.state === rollback.state) return next.wait ? null : 'neither waits nor does anything';
  return entryFault(rollback, next.state);
}

function entryFault({ state, wrote }: Rollback, to: RollbackState): string | null {
  const drawn = TRANSITIONS.some((arrow) => arrow.from === state && arrow.to === to);
  return firstOf([
    [FINAL_STATES.includes(state), 'left a final state'],
    [!drawn, 'an arrow not drawn'],
    [to === 'blocked' && wrote, 'blocked after a write'],
    [to === 'expired' && state !== 'awaiting_approval', 'expired without waiting'],
    [to === 'done' && state !== 'dwelling', 'done without dwelling'],
  ]);
}

function writeFault(one: Case): string | null {
  const { rollback, seen, now, next } = one;
  const entered = next.state !== rollback.state;
  const wrong = firstOf([
    [!hasIntent(next.state) || FINAL_STATES.includes(rollback.state), 'wrote without an intent'],
    [entered && entryFault(rollback, next.state) !== null, 'wrote on an arrow not drawn'],
    [entered && next.changes.wrote !== true, 'a first write without its mark'],
    [!entered && !mayRepeat(seen.attempt, now), 'repeated a write that may have landed'],
  ]);
  return wrong ?? permissionFault(one) ?? (next.write?.kind === 'shift' ? shiftFault(rollback, seen) : null);
}

function permissionFault({ rollback, seen, now }: Case): string | null {
  const { plan, wrote, deadlineAt } = rollback;
  const before = plan.alias === null || (seen.alias.seen && seen.alias.value === plan.alias.before);
  return firstOf([
    [plan.routesAfter !== null && !settled(rollback, seen), 'wrote to a world it did not see at rest'],
    [!wrote && seen.gates !== OPEN, 'wrote past a gate'],
    [wrote && seen.killSwitch, 'wrote against the kill switch'],
    [deadlineAt !== null && now >= Date.parse(deadlineAt), 'wrote after the deadline'],
    [!before, 'wrote over an alias'],
  ]);
}

function firstOf(rules: readonly (readonly [boolean, string])[]): string | null {
  return rules.find(([broken]) => broken)?.[1] ?? null;
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
