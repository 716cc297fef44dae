import { describe, expect, test } from 'vitest';
import type { Refused } from '../../src/operations.ts';
import { approvalChange, cancelEntry, releaseChange } from '../../src/rollback/approval.ts';
import { NOTHING_SEEN } from '../../src/rollback/memory.ts';
import { mergeChanges } from '../../src/rollback/merge-changes.ts';
import { hashOfPlan } from '../../src/rollback/plan.ts';
import {
  afterStep,
  changeOfState,
  firstIntentAt,
  heldWish,
  newRollback,
  rollbackEntry,
} from '../../src/rollback/record.ts';
import type { RollbackState } from '../../src/rollback/rollback.ts';
import { holdOf, messageOf } from '../contracts/store-records.ts';
import { aModel, aPlan, aRollback, HELD, HOUR, iso, OPEN, rollbackIn, T0 } from './support.ts';

const ann = { by: 'ann', identity: 'claimed', reason: 'looked at it' } as const;

describe('a new rollback', () => {
  const fields = {
    model: aModel(),
    plan: aPlan(),
    gates: OPEN,
    trigger: 'automatic',
    cause: 'prediction',
    why: 'PSI of score is 0.4.',
    requestedBy: 'driftwarden',
    evaluation: 'ev-1',
    exception: 'ex-1',
    now: T0,
  } as const;

  test('is planned, has written nothing, and is bound to its plan', () => {
    expect(newRollback(fields)).toMatchObject({
      model: 'credit_pd',
      endpoint: 'credit-pd',
      from: '7',
      to: '6',
      state: 'planned',
      planHash: hashOfPlan(fields.plan),
      history: [{ at: iso(T0), state: 'planned', why: 'PSI of score is 0.4.' }],
      approvalExpiresAt: null,
      wrote: false,
      rev: 0,
    });
  });

  test('has one name per evaluation, and one per request of a person', () => {
    const first = newRollback(fields).id;
    expect(newRollback({ ...fields, now: T0 + 1 }).id).toBe(first);
    expect(newRollback({ ...fields, evaluation: 'ev-2' }).id).not.toBe(first);
    const asked = newRollback({ ...fields, trigger: 'manual' }).id;
    expect(asked).not.toBe(first);
    expect(newRollback({ ...fields, trigger: 'manual', now: T0 + 1 }).id).not.toBe(asked);
  });

  test('needs an approval in mode approve, whoever asks', () => {
    for (const trigger of ['automatic', 'manual'] as const) {
      const model = aModel({ mode: 'approve' });
      expect(newRollback({ ...fields, model, trigger }).approvalExpiresAt).toBe(iso(T0 + 4 * HOUR));
    }
    expect(
      newRollback({ ...fields, model: aModel({ mode: 'observe' }), trigger: 'manual' }).approvalExpiresAt,
    ).toBeNull();
  });
});

describe('what is committed with a state', () => {
  const enter = (from: RollbackState, to: RollbackState, wrote: boolean) => {
    const previous = rollbackIn(from);
    const changes = wrote ? { wrote } : {};
    const step = { state: to, why: 'because', write: null, wait: false, changes, remembers: NOTHING_SEEN };
    const next = afterStep(previous, step, { now: T0 + 5, gates: to === 'blocked' ? HELD : null });
    return { previous, next, change: changeOfState(next, previous) };
  };
  const names = (change: ReturnType<typeof changeOfState>) => change.count?.map(({ name }) => name);

  test('history, end and gates', () => {
    const { previous, next } = enter('planned', 'blocked', false);
    expect(next.history).toEqual([
      ...previous.history,
      { at: iso(T0 + 5), state: 'blocked', why: 'because' },
    ]);
    expect(next).toMatchObject({ endedAt: iso(T0 + 5), gates: HELD, rev: previous.rev });
    expect(enter('planned', 'shifting_traffic', true).next).toMatchObject({ endedAt: null, gates: OPEN });
  });

  test.each([
    ['planned', 'shifting_traffic', true, ['rollbacks_total'], 1],
    ['planned', 'moving_alias', true, ['rollbacks_total'], 1],
    ['planned', 'awaiting_approval', false, [], 0],
    ['planned', 'traffic_verified', false, [], 0],
    ['traffic_verified', 'moving_alias', true, [], 0],
    ['planned', 'needs_human', false, [], 0],
    ['shifting_traffic', 'needs_human', false, ['rollback_failures_total'], 0],
    ['dwelling', 'needs_human', false, ['rollback_failures_total'], 0],
    ['planned', 'blocked', false, ['rollbacks_suppressed_total'], 0],
    ['planned', 'cancelled', false, [], 1],
    ['planned', 'superseded', false, [], 0],
    ['dwelling', 'superseded', false, [], 0],
    ['awaiting_approval', 'expired', false, [], 0],
    ['dwelling', 'done', false, [], 0],
  ] as const)('%s to %s', (...[from, to, wrote, counted, holds]) => {
    const { next, change } = enter(from, to, wrote);
    expect(names(change)).toEqual(counted);
    expect(change.holds).toHaveLength(holds);
    expect(change.rollbacks).toEqual([next]);
    expect(change.audit).toEqual([rollbackEntry(next)]);
  });

  test('the record names the gate only where one held', () => {
    expect(rollbackEntry(enter('planned', 'blocked', false).next).body).toMatchObject({
      gate: 'kill_switch',
    });
    expect(rollbackEntry(enter('planned', 'superseded', false).next).body).not.toHaveProperty('gate');
  });

  test('the first intent is when it first meant to write', () => {
    expect(firstIntentAt(aRollback())).toBeNull();
    const { next } = enter('planned', 'moving_alias', true);
    expect(firstIntentAt(next)).toBe(T0 + 5);
  });
});

describe('a wish that is held', () => {
  const wish = { model: 'credit_pd', from: '7', to: null, cause: 'prediction', evaluation: 'ev-1' };

  test('is a record and a count under the first gate that holds', () => {
    const second = { gate: 'no_target', held: true, reason: 'nobody says' } as const;
    expect(heldWish({ ...wish, gates: [...HELD, second] })).toEqual({
      audit: {
        kind: 'rollback',
        body: {
          rollback: null,
          model: 'credit_pd',
          from: '7',
          to: null,
          state: 'blocked',
          gate: 'kill_switch',
          reason: 'the kill switch is on',
          cause: 'prediction',
          evaluation: 'ev-1',
          held: [
            { gate: 'kill_switch', reason: 'the kill switch is on' },
            { gate: 'no_target', reason: 'nobody says' },
          ],
        },
      },
      count: {
        name: 'rollbacks_suppressed_total',
        labels: '{"model":"credit_pd","reason":"kill_switch"}',
        value: 1,
      },
    });
  });

  test('is nothing when no gate holds', () => {
    expect(heldWish({ ...wish, gates: OPEN })).toBeNull();
  });
});

describe('what persons do to a rollback', () => {
  const waiting = rollbackIn('awaiting_approval', { requestedBy: 'bob' });

  test('an approval is in the record, one millisecond before its end and not at it', () => {
    const end = T0 + 4 * HOUR;
    expect(approvalChange(waiting, ann, end - 1).rollbacks).toEqual([
      { ...waiting, approval: { by: 'ann', identity: 'claimed', at: iso(end - 1) } },
    ]);
    expect(() => approvalChange(waiting, ann, end)).toThrow('until 2026-11-24T14:00:00.000Z');
  });

  test("of one's own wish is refused, however the name is spelt", () => {
    const refusal = (): unknown => {
      try {
        return approvalChange(waiting, { ...ann, by: ' BOB' }, T0);
      } catch (error) {
        return error;
      }
    };
    expect(refusal()).toMatchObject({ name: 'Refused', gate: 'approver' } satisfies Partial<Refused>);
  });

  test('an approval before the first step counts', () => {
    const planned = aRollback({}, aModel({ mode: 'approve' }));
    expect(approvalChange(planned, ann, T0).rollbacks?.[0]?.approval?.by).toBe('ann');
  });

  test('calling off and releasing are overrides with a name and a reason', () => {
    const claim = { by: 'ann', identity: 'claimed', reason: 'looked at it' };
    expect(cancelEntry(waiting, ann)).toEqual({
      kind: 'override',
      body: { subject: waiting.id, action: 'cancel', ...claim },
    });
    const hold = holdOf('7', { rollback: 'rb-1' });
    expect(releaseChange(hold, ann, T0)).toEqual({
      audit: [
        {
          kind: 'override',
          body: { subject: 'rb-1', action: 'release', model: 'credit_pd', version: '7', ...claim },
        },
      ],
      holds: [{ ...hold, releasedBy: 'ann', releasedAt: iso(T0), releaseReason: 'looked at it' }],
    });
  });
});

describe('two changes as one', () => {
  test('keep every part of both, in order', () => {
    const note = (subject: string) => ({ kind: 'override', body: { subject } }) as const;
    const merged = mergeChanges(
      { audit: [note('a')], holds: [holdOf('7')], count: [{ name: 'x', labels: '{}', value: 1 }] },
      { audit: [note('b')], queue: [messageOf('m')], facts: { told: 'yes' } },
    );
    expect(merged).toMatchObject({
      audit: [note('a'), note('b')],
      holds: [holdOf('7')],
      queue: [messageOf('m')],
      facts: { told: 'yes' },
      count: [{ name: 'x', labels: '{}', value: 1 }],
    });
  });

  test('have a rollback once, as the second has it', () => {
    const own = aRollback();
    const told = { ...own, exception: 'ex-1' };
    const other = aRollback({ id: 'rb-other' });
    expect(mergeChanges({ audit: [], rollbacks: [own, other] }, { rollbacks: [told] }).rollbacks).toEqual([
      other,
      told,
    ]);
  });
});
