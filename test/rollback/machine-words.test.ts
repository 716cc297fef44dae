import { expect, test } from 'vitest';
import { step } from '../../src/rollback/machine.ts';
import type { Rollback } from '../../src/rollback/rollback.ts';
import type { Attempt, Observation } from '../../src/rollback/step.ts';
import {
  aModel,
  anEndpoint,
  anEntity,
  anObservation,
  aPlan,
  aView,
  iso,
  MINUTE,
  OPEN,
  rollbackIn,
  SECOND,
  seen,
  shiftedEndpoint,
  T0,
  unseen,
} from './support.ts';

const LATER = T0 + MINUTE;
const DEADLINE = T0 + 5 * MINUTE;
const UNTIL = '2026-11-24T10:05:00.000Z';
const DWELT = T0 + 30 * MINUTE;

const answered = (kind: 'ok' | 'conflict' | 'ambiguous' | 'rejected', settledAt = T0): Attempt => ({
  kind,
  settledAt,
  message: 'HTTP 418',
});
const ON = { endpoint: seen(shiftedEndpoint()) };
const MOVED = { ...ON, alias: seen('6') };
const asleep = (fields: Parameters<typeof shiftedEndpoint>[0]) => seen(shiftedEndpoint(fields));
const UNREADY = asleep({ entities: [anEntity('7'), anEntity('6', { ready: false })] });
const TRAFFIC_ONLY = aPlan(aModel({ moves: ['traffic'] }));
const ALIAS_ONLY = aPlan(aModel({ moves: ['alias'] }));
const ALREADY = aPlan(
  aModel(),
  aView({ endpoint: seen(anEndpoint({ routes: { 'pd-7': 0, 'pd-6': 100 } })) }),
);

type Case = readonly [what: string, rollback: Rollback, seen: Partial<Observation>, now: number, why: string];

/** What the history, the audit record, the log and the ticket say: the words are all that a person at night has. */
const CASES: readonly Case[] = [
  ['has ended', rollbackIn('done'), {}, LATER, 'it has ended'],
  [
    'needs approval',
    rollbackIn('planned', { approvalExpiresAt: UNTIL }),
    {},
    LATER,
    'A person must approve this plan.',
  ],
  [
    'waits for it',
    rollbackIn('awaiting_approval', { approvalExpiresAt: UNTIL }),
    {},
    LATER,
    `waits for approval until ${UNTIL}`,
  ],
  [
    'nobody came',
    rollbackIn('awaiting_approval', { approvalExpiresAt: UNTIL }),
    {},
    DEADLINE,
    `Nobody approved before ${UNTIL}.`,
  ],
  [
    'has no gates',
    rollbackIn('planned'),
    { gates: null },
    LATER,
    'the gates were not asked, or the target has not answered yet',
  ],
  [
    'has all traffic already',
    rollbackIn('planned', { plan: ALREADY }),
    { endpoint: seen(anEndpoint({ routes: { 'pd-7': 0, 'pd-6': 100 } })) },
    LATER,
    'Version 6 already has all the traffic.',
  ],
  [
    'target not ready before',
    rollbackIn('planned'),
    { endpoint: seen(anEndpoint({ entities: [anEntity('7'), anEntity('6', { ready: false })] })) },
    LATER,
    'version 6 is not ready',
  ],
  ['shifts', rollbackIn('planned'), {}, LATER, 'All traffic of credit-pd shall go to version 6.'],
  [
    'failed update of ours',
    rollbackIn('shifting_traffic'),
    { endpoint: seen(anEndpoint({ update: 'failed' })), attempt: answered('ok') },
    LATER,
    'The update of the endpoint failed; the old routes serve.',
  ],
  [
    'target not ready when sent again',
    rollbackIn('shifting_traffic'),
    {
      endpoint: seen(anEndpoint({ entities: [anEntity('7'), anEntity('6', { ready: false })] })),
      attempt: answered('ambiguous'),
    },
    LATER,
    'version 6 is not ready',
  ],
  [
    'somebody else did it',
    rollbackIn('shifting_traffic'),
    { ...ON, attempt: answered('conflict') },
    LATER,
    'Somebody else gave version 6 all the traffic.',
  ],
  [
    'arrived and failed',
    rollbackIn('shifting_traffic'),
    { endpoint: asleep({ update: 'failed' }), attempt: answered('ok') },
    LATER,
    'The endpoint shows the new routes and says that the update failed.',
  ],
  [
    'arrived, not ready',
    rollbackIn('shifting_traffic'),
    { endpoint: UNREADY, attempt: answered('ok') },
    LATER,
    'version 6 has the traffic and is not ready yet',
  ],
  [
    'arrived',
    rollbackIn('shifting_traffic'),
    { ...ON, attempt: answered('ok') },
    LATER,
    'Version 6 has all the traffic, read back.',
  ],
  [
    'verified, ready no more',
    rollbackIn('traffic_verified'),
    { endpoint: UNREADY },
    LATER,
    'Version 6 has the traffic and is not ready.',
  ],
  [
    'traffic alone',
    rollbackIn('traffic_verified', { plan: TRAFFIC_ONLY }),
    ON,
    LATER,
    'Only traffic moves; it is as planned.',
  ],
  [
    'verified too late',
    rollbackIn('traffic_verified'),
    ON,
    DEADLINE,
    'Traffic has moved, but not before the deadline; the alias has not.',
  ],
  [
    'verified, stopped',
    rollbackIn('traffic_verified'),
    { ...ON, killSwitch: true },
    LATER,
    'the kill switch is on',
  ],
  [
    'moves the alias',
    rollbackIn('traffic_verified'),
    ON,
    LATER,
    'The alias champion shall point to version 6.',
  ],
  [
    'alias moved by another',
    rollbackIn('moving_alias'),
    { ...MOVED, attempt: answered('conflict') },
    LATER,
    'Somebody else moved the alias to where it was wanted.',
  ],
  [
    'alias moved',
    rollbackIn('moving_alias'),
    { ...MOVED, attempt: answered('ok') },
    LATER,
    'The alias is as wanted, read back.',
  ],
  ['all there', rollbackIn('alias_verified'), MOVED, LATER, 'Traffic and alias are as planned.'],
  ['dwells', rollbackIn('dwelling'), MOVED, LATER, 'watches until 2026-11-24T10:30:00.000Z'],
  ['stood', rollbackIn('dwelling'), MOVED, DWELT, 'Traffic and alias stood unchanged through the dwell.'],
  [
    'dwelt unseen',
    rollbackIn('dwelling'),
    { ...MOVED, endpoint: unseen() },
    DWELT,
    'endpoint credit-pd could not be read: HTTP 503',
  ],
  [
    'dwelt unseen for long',
    rollbackIn('dwelling'),
    { ...MOVED, endpoint: unseen() },
    DWELT + 5 * MINUTE,
    'After the dwell: endpoint credit-pd could not be read: HTTP 503.',
  ],
  [
    'dwelling, ready no more',
    rollbackIn('dwelling'),
    { ...MOVED, endpoint: UNREADY },
    LATER,
    'Version 6 has the traffic and is not ready.',
  ],
  [
    'rejected',
    rollbackIn('shifting_traffic'),
    { attempt: answered('rejected') },
    LATER,
    'The write was rejected: HTTP 418.',
  ],
  [
    'never seen',
    rollbackIn('shifting_traffic'),
    { attempt: answered('ok') },
    DEADLINE,
    `The write was not to be seen before ${UNTIL}.`,
  ],
  ['nothing known', rollbackIn('shifting_traffic'), {}, LATER, 'nothing is known of the write yet'],
  [
    'accepted, not seen',
    rollbackIn('shifting_traffic'),
    { attempt: answered('ok') },
    LATER,
    'the write was accepted and is not to be seen yet',
  ],
  [
    'no clear answer',
    rollbackIn('shifting_traffic'),
    { attempt: answered('ambiguous', LATER + SECOND) },
    LATER,
    'the write had no clear answer: HTTP 418',
  ],
  [
    'stopped before the second try',
    rollbackIn('shifting_traffic'),
    { attempt: answered('ambiguous'), killSwitch: true },
    LATER,
    'the kill switch is on',
  ],
  [
    'sent again',
    rollbackIn('shifting_traffic'),
    { attempt: answered('ambiguous') },
    LATER,
    'The write was not carried out and nothing has changed: it is sent again.',
  ],
  [
    'other routes',
    rollbackIn('planned'),
    { endpoint: seen(anEndpoint({ routes: { 'pd-7': 90, 'pd-6': 10 } })) },
    LATER,
    'Somebody else changed it: endpoint credit-pd: routes are { pd-6: 10, pd-7: 90 }, expected { pd-6: 0, pd-7: 100 }.',
  ],
  [
    'other routes after the write',
    rollbackIn('traffic_verified'),
    { endpoint: asleep({ routes: { 'pd-7': 50, 'pd-6': 50 } }) },
    LATER,
    'Somebody else changed it: endpoint credit-pd: routes are { pd-6: 50, pd-7: 50 }, expected { pd-6: 100, pd-7: 0 }.',
  ],
  [
    'another configuration',
    rollbackIn('planned'),
    { endpoint: seen(anEndpoint({ configVersion: 12 })) },
    LATER,
    'Somebody else changed it: endpoint credit-pd: configuration version is 12, expected 11.',
  ],
  [
    'other entities',
    rollbackIn('planned'),
    { endpoint: seen(anEndpoint({ entities: [anEntity('7')] })) },
    LATER,
    'Somebody else changed it: endpoint credit-pd: serves { pd-7: 7 }, expected { pd-6: 6, pd-7: 7 }.',
  ],
  [
    'no entities',
    rollbackIn('planned'),
    { endpoint: seen(anEndpoint({ entities: [] })) },
    LATER,
    'Somebody else changed it: endpoint credit-pd: serves nothing, expected { pd-6: 6, pd-7: 7 }.',
  ],
  [
    'no endpoint',
    rollbackIn('planned'),
    { endpoint: unseen({ missing: true }) },
    LATER,
    'Somebody else changed it: endpoint credit-pd does not exist any more.',
  ],
  [
    'another alias',
    rollbackIn('planned'),
    { alias: seen('5') },
    LATER,
    'Somebody else changed it: the alias champion points to version 5, expected 7.',
  ],
  [
    'no alias, after it was moved',
    rollbackIn('alias_verified'),
    { ...ON, alias: seen(null) },
    LATER,
    'Somebody else changed it: the alias champion points to version none, expected 6.',
  ],
  [
    'alias unread',
    rollbackIn('planned'),
    { alias: unseen() },
    LATER,
    'the alias champion could not be read: HTTP 503',
  ],
  [
    'busy',
    rollbackIn('planned'),
    { endpoint: seen(anEndpoint({ update: 'in_progress' })) },
    LATER,
    'endpoint credit-pd is being updated',
  ],
  [
    'busy for too long',
    rollbackIn('planned'),
    { endpoint: seen(anEndpoint({ update: 'in_progress' })) },
    DEADLINE,
    `Until ${UNTIL} endpoint credit-pd is being updated.`,
  ],
  [
    'an old answer',
    rollbackIn('planned'),
    { endpoint: seen(anEndpoint({ configVersion: 10 })) },
    LATER,
    'endpoint credit-pd answered with configuration version 10, but 11 was read before',
  ],
  [
    'no serving system',
    rollbackIn('planned'),
    { endpoint: null },
    LATER,
    'endpoint credit-pd cannot be read: no serving system is configured',
  ],
  [
    'the alias alone',
    rollbackIn('planned', { plan: ALIAS_ONLY }),
    {},
    LATER,
    'The alias champion shall point to version 6.',
  ],
];

test.each(CASES)('%s', (...[, rollback, fields, now, why]) => {
  const dwell = rollback.state === 'dwelling' ? { dwellUntil: iso(DWELT) } : {};
  const next = step({ ...rollback, ...dwell }, anObservation({ gates: OPEN, ...fields }), now);
  expect(next.why).toBe(why);
});

test('a rollback that moves an alias its plan does not have is a bug', () => {
  const rollback = rollbackIn('moving_alias', { plan: TRAFFIC_ONLY, id: 'rb-1' });
  expect(() => step(rollback, anObservation({ ...ON, attempt: answered('ambiguous') }), LATER)).toThrow(
    'rollback rb-1 moves an alias its plan does not have',
  );
});
