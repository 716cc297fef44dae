import { describe, expect, test } from 'vitest';
import { isoTime } from '../../src/clock.ts';
import { summariseExceptions, summariseRollbacks } from '../../src/metrics/action-facts.ts';
import { ROLLBACK_STATES } from '../../src/rollback/rollback.ts';
import { DAY, exceptionCase, HOUR, NOW, rollback } from './fixtures.ts';

describe('rollbacks', () => {
  test('one that never wrote was held, expired or cancelled: its end is not the end of a rollback', () => {
    const held = rollback({ wrote: false, state: 'expired', endedAt: isoTime(NOW) });
    expect(summariseRollbacks([held, rollback()]).lastEnded).toBe(NOW - HOUR);
    expect(summariseRollbacks([held]).lastEnded).toBeNull();
  });

  test('it runs from the first intent to the end of the dwell, its deadline until the alias is verified', () => {
    const seen = ROLLBACK_STATES.map((state) => {
      const { running, deadline } = summariseRollbacks([rollback({ state })]);
      return [state, running, deadline !== null];
    });
    expect(seen.filter(([, running]) => running)).toEqual([
      ['shifting_traffic', true, true],
      ['traffic_verified', true, true],
      ['moving_alias', true, true],
      ['alias_verified', true, false],
      ['dwelling', true, false],
    ]);
    expect(seen.filter(([, running, deadline]) => !running && deadline)).toEqual([]);
  });

  test('the state shown is that of the newest, whatever order they come in', () => {
    const newest = rollback({ state: 'planned', createdAt: isoTime(NOW) });
    expect(summariseRollbacks([newest, rollback()]).newestState).toBe('planned');
    expect(summariseRollbacks([rollback(), newest]).newestState).toBe('planned');
    expect(summariseRollbacks([]).newestState).toBeNull();
  });
});

describe('exceptions', () => {
  test('open are those that wait for somebody', () => {
    const states = ['open', 'acknowledged', 'reopened', 'risk_accepted', 'resolved'] as const;
    const facts = summariseExceptions(states.map((state) => exceptionCase({ state })));
    expect(facts.open).toEqual({ critical: 0, high: 3, medium: 0, low: 0 });
  });

  test('the earliest due date counts among the open ones only', () => {
    const facts = summariseExceptions([
      exceptionCase({ dueAt: isoTime(NOW - DAY), state: 'resolved' }),
      exceptionCase({ dueAt: isoTime(NOW + 2 * DAY) }),
      exceptionCase({ dueAt: isoTime(NOW + DAY) }),
    ]);
    expect(facts.earliestDue).toBe(NOW + DAY);
    expect(summariseExceptions([]).earliestDue).toBeNull();
  });

  test('a ticket is open until its case is resolved; a case without a desk has none', () => {
    const facts = summariseExceptions([
      exceptionCase({ state: 'risk_accepted' }),
      exceptionCase({ openedAt: isoTime(NOW - 5 * DAY) }),
      exceptionCase({ state: 'resolved', openedAt: isoTime(NOW - 9 * DAY) }),
      exceptionCase({ desk: null }),
    ]);
    expect(facts.tickets).toEqual({ 'jira-risk': { open: 2, oldest: NOW - 5 * DAY } });
  });
});
