import { describe, expect, test } from 'vitest';
import { step, wantsGates } from '../../src/rollback/machine.ts';
import { NOTHING_SEEN } from '../../src/rollback/memory.ts';
import { FINAL_STATES, type Rollback, type RollbackState } from '../../src/rollback/rollback.ts';
import { type Observation, SETTLE, type Step } from '../../src/rollback/step.ts';
import { ALIASES, ENDPOINTS } from './classes.ts';
import {
  aModel,
  anEndpoint,
  anObservation,
  aPlan,
  aRegisteredModel,
  aRollback,
  aView,
  HELD,
  iso,
  MINUTE,
  rollbackIn,
  SECOND,
  seen,
  shiftedEndpoint,
  T0,
  unseen,
} from './support.ts';

/** What a step leads to: the state, `~` when it stays and waits, `!` when something is written. */
function outcome(rollback: Rollback, next: Step): string {
  const state = next.state === rollback.state ? '~' : next.state;
  return next.write === null ? state : `${state}!`;
}

const SHIFTED = { endpoint: seen(shiftedEndpoint()) };
const MOVED = { alias: seen('6') };
const at = (milliseconds: number) => T0 + milliseconds;
const DEADLINE = 5 * MINUTE;

const ok = { kind: 'ok', settledAt: at(30 * SECOND), message: 'accepted' } as const;
const conflict = { kind: 'conflict', settledAt: at(5 * SECOND), message: 'HTTP 409' } as const;
const lost = { kind: 'ambiguous', settledAt: at(30 * SECOND), message: 'no answer' } as const;
const rejected = { kind: 'rejected', settledAt: at(30 * SECOND), message: 'HTTP 403' } as const;

/** State by state: what every kind of endpoint leads to while the alias is as that state expects it. */
/** What an answer that says nothing leads to. */
const UNREAD = {
  traffic_verified: '~',
  moving_alias: '~',
  alias_verified: 'dwelling',
  dwelling: '~',
} as const;

const BY_ENDPOINT: readonly (readonly [
  Rollback,
  Partial<Observation>,
  { readonly [endpoint: string]: string },
])[] = [
  [
    rollbackIn('planned'),
    {},
    {
      before: 'shifting_traffic!',
      before_busy: '~',
      before_pending: '~',
      before_failed: 'shifting_traffic!',
      before_canceled: 'shifting_traffic!',
      before_target_unready: '~',
      before_endpoint_unready: 'shifting_traffic!',
      after: 'superseded',
      after_busy: 'superseded',
      after_failed: 'superseded',
      after_target_unready: 'superseded',
      after_endpoint_unready: 'superseded',
      other_routes: 'superseded',
      other_version: 'superseded',
      reverted: 'superseded',
      after_and_again: 'superseded',
      entity_gone: 'superseded',
      entity_added: 'superseded',
      entity_replaced: 'superseded',
      unread: '~',
      missing: 'superseded',
    },
  ],
  [
    rollbackIn('shifting_traffic'),
    { attempt: lost },
    {
      before: '~',
      before_busy: '~',
      before_pending: '~',
      before_failed: '~',
      before_canceled: '~',
      before_target_unready: '~',
      before_endpoint_unready: '~',
      after: 'traffic_verified',
      after_busy: '~',
      after_failed: 'needs_human',
      after_target_unready: '~',
      after_endpoint_unready: '~',
      other_routes: 'superseded',
      other_version: 'superseded',
      reverted: 'superseded',
      after_and_again: 'superseded',
      entity_gone: 'superseded',
      entity_added: 'superseded',
      entity_replaced: 'superseded',
      unread: '~',
      missing: 'superseded',
    },
  ],
  ...(
    [
      ['traffic_verified', {}, 'moving_alias!'],
      ['moving_alias', { attempt: lost }, '~'],
      ['alias_verified', MOVED, 'dwelling'],
      ['dwelling', MOVED, '~'],
    ] as const
  ).map(([state, fields, calm]): (typeof BY_ENDPOINT)[number] => [
    rollbackIn(state),
    fields,
    {
      // A lower version than was read before is an old answer, not an act.
      before: UNREAD[state],
      before_busy: UNREAD[state],
      before_pending: UNREAD[state],
      before_failed: UNREAD[state],
      before_canceled: UNREAD[state],
      before_target_unready: UNREAD[state],
      before_endpoint_unready: UNREAD[state],
      after: calm,
      after_busy: state === 'alias_verified' ? calm : '~',
      after_failed: calm,
      after_target_unready: state === 'moving_alias' || state === 'alias_verified' ? calm : 'needs_human',
      after_endpoint_unready: state === 'moving_alias' || state === 'alias_verified' ? calm : 'needs_human',
      other_routes: 'superseded',
      other_version: 'superseded',
      reverted: 'superseded',
      after_and_again: 'superseded',
      entity_gone: 'superseded',
      entity_added: 'superseded',
      entity_replaced: 'superseded',
      unread: UNREAD[state],
      missing: 'superseded',
    },
  ]),
];

describe('every state against every kind of endpoint', () => {
  for (const [rollback, fields, expected] of BY_ENDPOINT) {
    test(rollback.state, () => {
      const found = Object.entries(ENDPOINTS).map(([name, endpoint]) => [
        name,
        outcome(rollback, step(rollback, anObservation({ ...fields, endpoint }), at(SECOND))),
      ]);
      expect(Object.fromEntries(found)).toEqual(expected);
    });
  }

  test('awaiting_approval changes with the world alone, until it is approved', () => {
    const waiting = rollbackIn('awaiting_approval');
    const approved = { ...waiting, approval: { by: 'ann', identity: 'verified', at: iso(T0) } } as const;
    const planned = BY_ENDPOINT[0]?.[2] ?? {};
    for (const [name, endpoint] of Object.entries(ENDPOINTS)) {
      const look = (rollback: Rollback) =>
        outcome(rollback, step(rollback, anObservation({ endpoint }), at(SECOND)));
      expect(look(waiting), name).toBe(planned[name] === 'superseded' ? 'superseded' : '~');
      expect(look(approved), name).toBe(planned[name]);
    }
  });
});

describe('every state against every kind of alias', () => {
  const table: readonly (readonly [RollbackState, Partial<Observation>, readonly string[]])[] = [
    // The alias: as before, as wanted, another version, gone, not to be read.
    ['planned', {}, ['shifting_traffic!', 'superseded', 'superseded', 'superseded', '~']],
    ['awaiting_approval', {}, ['~', 'superseded', 'superseded', 'superseded', '~']],
    ['shifting_traffic', SHIFTED, ['traffic_verified', 'superseded', 'superseded', 'superseded', '~']],
    ['traffic_verified', SHIFTED, ['moving_alias!', 'superseded', 'superseded', 'superseded', '~']],
    ['moving_alias', SHIFTED, ['~', 'alias_verified', 'superseded', 'superseded', '~']],
    ['alias_verified', SHIFTED, ['superseded', 'dwelling', 'superseded', 'superseded', 'dwelling']],
    ['dwelling', SHIFTED, ['superseded', '~', 'superseded', 'superseded', '~']],
  ];
  test.each(table)('%s', (state, fields, expected) => {
    const rollback = rollbackIn(state);
    const found = Object.values(ALIASES).map((alias) =>
      outcome(rollback, step(rollback, anObservation({ ...fields, alias }), at(SECOND))),
    );
    expect(found).toEqual(expected);
  });
});

describe('answers that are older than what is known', () => {
  test('a configuration version that was passed says nothing, and says so', () => {
    const next = step(
      rollbackIn('dwelling'),
      anObservation({ ...MOVED, endpoint: seen(anEndpoint()) }),
      at(SECOND),
    );
    expect(next).toMatchObject({
      state: 'dwelling',
      wait: true,
      write: null,
      why: 'watches until 2026-11-24T10:30:00.000Z',
    });
    const busy = step(rollbackIn('traffic_verified'), anObservation(), at(SECOND));
    expect(busy.why).toBe(
      'endpoint credit-pd answered with configuration version 11, but 12 was read before',
    );
  });

  test('one that is as high as the plan saw it is new, one below is old', () => {
    const look = (configVersion: number) =>
      outcome(
        rollbackIn('planned'),
        step(rollbackIn('planned'), anObservation({ endpoint: seen(anEndpoint({ configVersion })) }), T0),
      );
    expect([10, 11, 12].map(look)).toEqual(['~', 'shifting_traffic!', 'superseded']);
  });

  const moved = [
    { at: iso(T0), state: 'moving_alias', why: '' },
    { at: iso(T0 + SECOND), state: 'alias_verified', why: '' },
  ] as const;

  test.each([
    [SETTLE - 1, '~'],
    [SETTLE, 'superseded'],
    [SETTLE + 1, 'superseded'],
  ])('the alias as it was, %i ms after it was read as moved', (since, expected) => {
    const rollback = rollbackIn('dwelling', { history: moved });
    const seen7 = anObservation({ ...SHIFTED, alias: seen('7') });
    expect(outcome(rollback, step(rollback, seen7, T0 + SECOND + since))).toBe(expected);
  });

  test('an answer is as old as the look, however late the look has ended', () => {
    const rollback = rollbackIn('dwelling', { history: moved });
    const slow = anObservation({ ...SHIFTED, alias: seen('7'), lookedAt: T0 + 2 * SECOND });
    expect(outcome(rollback, step(rollback, slow, at(MINUTE)))).toBe('~');
  });

  test('another value of the alias, or one that we have not moved, is an act at once', () => {
    const rollback = rollbackIn('dwelling', { history: moved });
    expect(step(rollback, anObservation({ ...SHIFTED, alias: seen('5') }), at(2 * SECOND)).state).toBe(
      'superseded',
    );
    const inPlace = rollbackIn('dwelling', { history: moved.slice(1) });
    expect(step(inPlace, anObservation({ ...SHIFTED, alias: seen('7') }), at(2 * SECOND)).state).toBe(
      'superseded',
    );
  });

  test.each([-1, 0, 1])(
    'a look that began %i ms after a write settled, however late it is by now',
    (late) => {
      const rollback = rollbackIn('shifting_traffic');
      const seen = anObservation({ attempt: lost, lookedAt: lost.settledAt + late });
      expect(outcome(rollback, step(rollback, seen, at(4 * MINUTE)))).toBe(late < 0 ? '~' : '~!');
    },
  );
});

test.each([
  ['planned', { alias: seen('5') }, 'the alias champion points to version 5, expected 7'],
  ['planned', { alias: seen(null) }, 'the alias champion points to version none, expected 7'],
  ['dwelling', { ...SHIFTED, alias: seen('7') }, 'the alias champion points to version 7, expected 6'],
  ['planned', { endpoint: unseen({ missing: true }) }, 'endpoint credit-pd does not exist any more'],
  [
    'planned',
    { endpoint: ENDPOINTS['other_version'] ?? null },
    'endpoint credit-pd: configuration version is 12, expected 11',
  ],
  [
    'planned',
    { endpoint: seen(anEndpoint({ routes: { 'pd-7': 50, 'pd-6': 50 } })) },
    'endpoint credit-pd: routes are { pd-6: 50, pd-7: 50 }, expected { pd-6: 0, pd-7: 100 }',
  ],
  [
    'planned',
    { endpoint: seen(anEndpoint({ entities: [] })) },
    'endpoint credit-pd: serves nothing, expected { pd-6: 6, pd-7: 7 }',
  ],
] as const)('%s, superseded: the reason says what was found %#', (state, fields, why) => {
  expect(step(rollbackIn(state), anObservation(fields), T0)).toMatchObject({
    state: 'superseded',
    why: `Somebody else changed it: ${why}.`,
  });
});

describe('a final state absorbs', () => {
  test.each(FINAL_STATES)('%s', (state) => {
    for (const endpoint of Object.values(ENDPOINTS)) {
      for (const alias of Object.values(ALIASES)) {
        const next = step(rollbackIn(state), anObservation({ endpoint, alias, cancel: 'x' }), at(0));
        expect(next).toMatchObject({ state, write: null, wait: true, changes: {} });
      }
    }
  });
});

describe('before the first write', () => {
  test('mode approve waits for a person, and for the gates only afterwards', () => {
    const planned = aRollback({}, aModel({ mode: 'approve' }));
    expect(planned.approvalExpiresAt).toBe(iso(at(4 * 60 * MINUTE)));
    expect(wantsGates(planned)).toBe(false);
    expect(step(planned, anObservation({ gates: null }), T0)).toMatchObject({
      state: 'awaiting_approval',
      write: null,
    });
  });

  test.each([
    [-1, '~'],
    [0, 'expired'],
    [1, 'expired'],
  ])('an approval that does not come: %i ms after its end', (late, expected) => {
    const waiting = rollbackIn('awaiting_approval');
    expect(outcome(waiting, step(waiting, anObservation({ gates: null }), at(240 * MINUTE + late)))).toBe(
      expected,
    );
  });

  test('an approval in time counts even when the step comes late', () => {
    const approval = { by: 'ann', identity: 'claimed', at: iso(at(239 * MINUTE)) } as const;
    const approved = rollbackIn('awaiting_approval', { approval });
    expect(wantsGates(approved)).toBe(true);
    expect(outcome(approved, step(approved, anObservation(), at(241 * MINUTE)))).toBe('shifting_traffic!');
  });

  test.each(['planned', 'traffic_verified'] as const)('a gate that closed ends it in %s', (state) => {
    const rollback = rollbackIn(state, { wrote: false, deadlineAt: null });
    const fields = state === 'planned' ? {} : SHIFTED;
    expect(wantsGates(rollback)).toBe(true);
    const next = step(rollback, anObservation({ ...fields, gates: HELD }), T0);
    expect(next).toMatchObject({
      state: 'blocked',
      why: 'Gate kill_switch holds: the kill switch is on.',
      write: null,
    });
  });

  test('the intent holds routes, mark and deadline', () => {
    expect(step(rollbackIn('planned'), anObservation(), at(7))).toEqual({
      state: 'shifting_traffic',
      why: 'All traffic of credit-pd shall go to version 6.',
      write: { kind: 'shift', routes: { 'pd-7': 0, 'pd-6': 100 } },
      wait: false,
      changes: { wrote: true, deadlineAt: iso(at(7) + DEADLINE) },
      remembers: NOTHING_SEEN,
    });
  });

  test('gates that were not asked let nothing pass', () => {
    expect(
      outcome(rollbackIn('planned'), step(rollbackIn('planned'), anObservation({ gates: null }), T0)),
    ).toBe('~');
  });

  test.each([
    [DEADLINE - 1, '~'],
    [DEADLINE, 'needs_human'],
    [DEADLINE + 1, 'needs_human'],
  ])('busy %i ms after creation', (time, expected) => {
    const busy = anObservation({ endpoint: ENDPOINTS['before_busy'] ?? null });
    const unreadable = anObservation({ endpoint: unseen() });
    const noAlias = anObservation({ alias: unseen() });
    for (const seen of [busy, unreadable, noAlias]) {
      expect(outcome(rollbackIn('planned'), step(rollbackIn('planned'), seen, at(time)))).toBe(expected);
    }
  });

  test('the time for a busy endpoint counts from the approval where there is one', () => {
    const approval = { by: 'ann', identity: 'verified', at: iso(at(60 * MINUTE)) } as const;
    const approved = rollbackIn('awaiting_approval', { approval });
    const busy = anObservation({ endpoint: ENDPOINTS['before_busy'] ?? null });
    expect(outcome(approved, step(approved, busy, at(60 * MINUTE + DEADLINE - 1)))).toBe('~');
    expect(outcome(approved, step(approved, busy, at(60 * MINUTE + DEADLINE)))).toBe('needs_human');
  });

  test.each(['planned', 'awaiting_approval'] as const)('a person calls it off in %s', (state) => {
    expect(step(rollbackIn(state), anObservation({ cancel: 'ann called it off.' }), T0)).toMatchObject({
      state: 'cancelled',
      why: 'ann called it off.',
    });
  });

  test("somebody else's change says more than a cancellation", () => {
    const changed = anObservation({ cancel: 'x', endpoint: ENDPOINTS['other_routes'] ?? null });
    expect(step(rollbackIn('planned'), changed, T0).state).toBe('superseded');
  });
});

describe('a plan that has less to do', () => {
  const inPlace = aPlan(aModel(), aView({ endpoint: seen(shiftedEndpoint({ configVersion: 11 })) }));

  test('traffic that is in place is not written', () => {
    const rollback = aRollback({ plan: inPlace });
    const next = step(
      rollback,
      anObservation({ endpoint: seen(shiftedEndpoint({ configVersion: 11 })) }),
      T0,
    );
    expect(next).toMatchObject({
      state: 'traffic_verified',
      write: null,
      changes: { configVersionAfter: 11 },
    });
  });

  test('its first write is the alias, and starts the deadline', () => {
    const rollback = aRollback({ plan: inPlace, state: 'traffic_verified', configVersionAfter: 11 });
    const next = step(
      rollback,
      anObservation({ endpoint: seen(shiftedEndpoint({ configVersion: 11 })) }),
      at(3),
    );
    expect(next).toMatchObject({
      state: 'moving_alias',
      write: { kind: 'alias', name: 'champion', version: '6' },
      changes: { wrote: true, deadlineAt: iso(at(3) + DEADLINE) },
    });
  });

  test('an alias that is in place is not written', () => {
    const view = aView({ registered: seen(aRegisteredModel({ aliases: { champion: '6' } })) });
    const rollback = rollbackIn('traffic_verified', { plan: aPlan(aModel(), view) });
    expect(step(rollback, anObservation({ ...SHIFTED, ...MOVED }), T0)).toMatchObject({
      state: 'alias_verified',
      write: null,
    });
    expect(step(rollback, anObservation({ ...SHIFTED, alias: seen('7') }), T0).state).toBe('superseded');
  });

  test('traffic alone goes from verified traffic to the dwell', () => {
    const rollback = rollbackIn('traffic_verified', { plan: aPlan(aModel({ moves: ['traffic'] })) });
    for (const alias of [seen('7'), seen('6'), seen(null), unseen()]) {
      expect(step(rollback, anObservation({ ...SHIFTED, alias }), T0)).toMatchObject({
        state: 'dwelling',
        write: null,
        changes: { dwellUntil: iso(at(30 * MINUTE)) },
      });
    }
  });

  test.each([
    ['without an endpoint', aPlan(aModel({}, { endpoint: null }), aView({ endpoint: null })), null],
    ['with one that stays', aPlan(aModel({ moves: ['alias'] })), seen(anEndpoint())],
  ] as const)('the alias alone, %s', (_, plan, endpoint) => {
    const planned = aRollback({ plan, endpoint: plan.endpoint });
    expect(outcome(planned, step(planned, anObservation({ endpoint }), T0))).toBe('moving_alias!');
    expect(outcome(planned, step(planned, anObservation({ endpoint, ...MOVED }), T0))).toBe('superseded');
    const moving = { ...planned, state: 'moving_alias', wrote: true, deadlineAt: iso(at(DEADLINE)) } as const;
    expect(outcome(moving, step(moving, anObservation({ endpoint, ...MOVED }), T0))).toBe('alias_verified');
  });

  test('an endpoint that is not moved must stand still until the write, and may follow the alias after it', () => {
    const planned = aRollback({ plan: aPlan(aModel({ moves: ['alias'] })) });
    const elsewhere = { endpoint: ENDPOINTS['other_routes'] ?? null };
    const busy = { endpoint: ENDPOINTS['before_busy'] ?? null };
    expect(outcome(planned, step(planned, anObservation(elsewhere), T0))).toBe('superseded');
    expect(outcome(planned, step(planned, anObservation(busy), T0))).toBe('moving_alias!');
    const dwelling = rollbackIn('dwelling', { plan: planned.plan });
    expect(outcome(dwelling, step(dwelling, anObservation({ ...elsewhere, ...MOVED }), T0))).toBe('~');
  });

  test('nothing at all', () => {
    const view = aView({
      endpoint: null,
      registered: seen(aRegisteredModel({ aliases: { champion: '6' } })),
    });
    const planned = aRollback({ plan: aPlan(aModel({}, { endpoint: null }), view), endpoint: null });
    expect(outcome(planned, step(planned, anObservation({ endpoint: null, ...MOVED }), T0))).toBe(
      'alias_verified',
    );
  });

  test('a serving system without configuration versions is compared by content', () => {
    const plan = aPlan(aModel(), aView({ endpoint: seen(anEndpoint({ configVersion: null })) }));
    const look = (state: RollbackState, endpoint = shiftedEndpoint({ configVersion: null })) => {
      const rollback = rollbackIn(state, { plan, configVersionAfter: null });
      return outcome(
        rollback,
        step(rollback, anObservation({ endpoint: seen(endpoint), attempt: lost }), at(SECOND)),
      );
    };
    expect(look('planned', anEndpoint({ configVersion: null }))).toBe('shifting_traffic!');
    expect(look('shifting_traffic')).toBe('traffic_verified');
    expect(look('traffic_verified')).toBe('moving_alias!');
    expect(look('traffic_verified', anEndpoint({ configVersion: null }))).toBe('superseded');
  });

  test('an endpoint that can no longer be read for want of a serving system is waited for, then told', () => {
    const rollback = rollbackIn('shifting_traffic');
    const blind = anObservation({ endpoint: null, attempt: lost });
    expect(step(rollback, blind, at(SECOND))).toMatchObject({
      state: 'shifting_traffic',
      write: null,
      wait: true,
    });
    expect(step(rollback, blind, at(DEADLINE)).why).toContain('no serving system is configured');
  });
});

describe('after a write whose effect is not to be seen', () => {
  const both = [
    ['shifting_traffic', {}],
    ['moving_alias', SHIFTED],
  ] as const;
  const attempts = [
    ['accepted: never sent twice', ok, 29, '~'],
    ['accepted, and long ago', ok, 120, '~'],
    ['refused just now', conflict, 4, '~'],
    ['refused, and the pause is over', conflict, 5, 'again!'],
    ['no answer, and it may still arrive', lost, 29, '~'],
    ['no answer, and it would have arrived', lost, 30, 'again!'],
    ['nothing known', { kind: 'none' }, 120, '~'],
    ['rejected', rejected, 0, 'needs_human'],
  ] as const;
  const rows = both.flatMap(([state, fields]) =>
    attempts.map((attempt) => [state, fields, ...attempt] as const),
  );

  test.each(rows)('%s %j %s', (...[state, fields, , attempt, seconds, expected]) => {
    const rollback = rollbackIn(state);
    const next = step(rollback, anObservation({ ...fields, attempt }), at(seconds * SECOND));
    expect(outcome(rollback, next)).toBe(expected === 'again!' ? '~!' : expected);
    expect(next.wait).toBe(expected !== 'again!');
    const { routesAfter, alias } = rollback.plan;
    const again =
      state === 'shifting_traffic'
        ? { kind: 'shift', routes: routesAfter }
        : { kind: 'alias', name: alias?.name, version: alias?.after };
    expect(next.write).toEqual(expected === 'again!' ? again : null);
  });

  test.each(both)('%s: not after the deadline', (state, fields) => {
    const rollback = rollbackIn(state);
    const look = (time: number) =>
      outcome(rollback, step(rollback, anObservation({ ...fields, attempt: lost }), at(time)));
    expect(look(DEADLINE - 1)).toBe('~!');
    expect(look(DEADLINE)).toBe('needs_human');
    expect(look(DEADLINE + 1)).toBe('needs_human');
  });

  test.each(both)('%s: not against the kill switch', (state, fields) => {
    const rollback = rollbackIn(state);
    const seen = anObservation({ ...fields, attempt: conflict, killSwitch: true });
    expect(outcome(rollback, step(rollback, seen, at(MINUTE)))).toBe('~');
    expect(outcome(rollback, step(rollback, seen, at(DEADLINE)))).toBe('needs_human');
  });

  test('not to a target that has become unready', () => {
    const rollback = rollbackIn('shifting_traffic');
    const unready = anObservation({
      endpoint: ENDPOINTS['before_target_unready'] ?? null,
      attempt: conflict,
    });
    expect(outcome(rollback, step(rollback, unready, at(MINUTE)))).toBe('~');
    expect(outcome(rollback, step(rollback, unready, at(DEADLINE)))).toBe('needs_human');
  });

  test.each([
    ['ours, accepted', ok, 30, 'needs_human'],
    ['perhaps ours', lost, 30, 'needs_human'],
    ['perhaps older than ours', ok, 29, '~'],
    ['not ours, we were refused', conflict, 5, '~!'],
    ['not ours, we were rejected', rejected, 0, 'needs_human'],
  ] as const)('an update that failed: %s', (...[, attempt, seconds, expected]) => {
    const rollback = rollbackIn('shifting_traffic');
    for (const name of ['before_failed', 'before_canceled']) {
      const seen = anObservation({ endpoint: ENDPOINTS[name] ?? null, attempt });
      expect(outcome(rollback, step(rollback, seen, at(seconds * SECOND))), name).toBe(expected);
    }
  });

  test.each([
    ['accepted', ok, true],
    ['lost', lost, true],
    ['not known', { kind: 'none' }, true],
    ['refused for now', conflict, false],
    ['rejected', rejected, false],
  ] as const)('what has arrived is ours however late, unless ours was refused: %s', (_, attempt, ours) => {
    const shifting = rollbackIn('shifting_traffic');
    const shifted = anObservation({ ...SHIFTED, attempt });
    expect(step(shifting, shifted, at(DEADLINE)).state).toBe(ours ? 'traffic_verified' : 'superseded');
    const moving = rollbackIn('moving_alias');
    const moved = anObservation({ ...SHIFTED, ...MOVED, attempt });
    expect(step(moving, moved, at(DEADLINE)).state).toBe(ours ? 'alias_verified' : 'superseded');
  });

  test('the version that was read back is the one that must stay', () => {
    expect(step(rollbackIn('shifting_traffic'), anObservation(SHIFTED), T0).changes).toEqual({
      configVersionAfter: 12,
    });
  });
});

describe('between traffic and alias', () => {
  const verified = rollbackIn('traffic_verified');

  test.each([
    [DEADLINE - 1, 'moving_alias!'],
    [DEADLINE, 'needs_human'],
    [DEADLINE + 1, 'needs_human'],
  ])('the deadline, %i ms after the intent', (time, expected) => {
    expect(outcome(verified, step(verified, anObservation(SHIFTED), at(time)))).toBe(expected);
  });

  test('the deadline of the first intent stays', () => {
    expect(step(verified, anObservation(SHIFTED), at(SECOND)).changes).toEqual({
      wrote: true,
      deadlineAt: iso(at(DEADLINE)),
    });
  });

  test('the kill switch keeps the alias where it is; gates are not asked again', () => {
    expect(wantsGates(verified)).toBe(false);
    expect(outcome(verified, step(verified, anObservation({ ...SHIFTED, killSwitch: true }), at(1)))).toBe(
      '~',
    );
    expect(outcome(verified, step(verified, anObservation({ ...SHIFTED, gates: HELD }), at(1)))).toBe(
      'moving_alias!',
    );
  });

  test('a cancellation now needs a person', () => {
    const gone = anObservation({ ...SHIFTED, cancel: 'Model credit_pd is no longer configured.' });
    expect(step(verified, gone, at(1))).toMatchObject({
      state: 'needs_human',
      why: 'Model credit_pd is no longer configured.',
    });
  });
});

describe('the dwell', () => {
  const dwelling = rollbackIn('dwelling');
  const END = 30 * MINUTE;

  test.each([
    [END - 1, '~'],
    [END, 'done'],
    [END + 1, 'done'],
  ])('%i ms of 30 minutes', (time, expected) => {
    expect(outcome(dwelling, step(dwelling, anObservation({ ...SHIFTED, ...MOVED }), at(time)))).toBe(
      expected,
    );
  });

  test.each(['after_busy', 'unread'])('does not end well while the endpoint is %s', (name) => {
    const look = (time: number) =>
      outcome(
        dwelling,
        step(dwelling, anObservation({ endpoint: ENDPOINTS[name] ?? null, ...MOVED }), at(time)),
      );
    expect(look(END)).toBe('~');
    expect(look(END + DEADLINE - 1)).toBe('~');
    expect(look(END + DEADLINE)).toBe('needs_human');
  });

  test('gates that hold by now do not matter', () => {
    expect(
      outcome(dwelling, step(dwelling, anObservation({ ...SHIFTED, ...MOVED, gates: HELD }), at(END))),
    ).toBe('done');
  });
});
