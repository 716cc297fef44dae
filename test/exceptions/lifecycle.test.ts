import { describe, expect, test } from 'vitest';
import {
  afterWindow,
  dueAt,
  isOpen,
  mayReopen,
  moveCase,
  openCase,
  REOPEN_WITHIN,
} from '../../src/exceptions/lifecycle.ts';

const DAY = 86_400_000;
const now = Date.parse('2026-11-24T10:00:00Z');
const opened = openCase({
  id: 'ex-1',
  model: 'credit_pd',
  cause: 'prediction',
  subCauses: [],
  severity: 'high',
  tier: 'high',
  owner: 'retail',
  email: null,
  desk: 'jira',
  version: '7',
  title: 'prediction drifted',
  text: 'because',
  evaluation: 'ev-1',
  now,
});
const step = { now: now + DAY, why: 'PSI is 0.02' };

describe('exceptions', () => {
  test.each([
    ['critical', 'high', 1],
    ['high', 'high', 3],
    ['medium', 'high', 10],
    ['low', 'high', 30],
    ['critical', 'medium', 2],
    ['low', 'low', 120],
  ] as const)('%s for tier %s is due after %d days', (severity, tier, days) => {
    expect(dueAt(now, severity, tier)).toBe(now + days * DAY);
  });

  test('opens with its history', () => {
    expect(opened).toMatchObject({
      state: 'open',
      openedAt: '2026-11-24T10:00:00.000Z',
      dueAt: '2026-11-27T10:00:00.000Z',
      ticket: null,
      rev: 0,
    });
    expect(opened.history).toHaveLength(1);
  });

  test('two quiet windows in a row resolve, one does not, an unknown one changes nothing', () => {
    const one = afterWindow(opened, 'quiet', step);
    expect(one).toMatchObject({ happened: null, exception: { quietWindows: 1, state: 'open' } });
    expect(afterWindow(one.exception, null, step).exception).toBe(one.exception);
    const two = afterWindow(one.exception, 'quiet', step);
    expect(two).toMatchObject({ happened: 'resolved', exception: { state: 'resolved' } });
    const broken = afterWindow(one.exception, 'breach', step);
    expect(broken.exception.quietWindows).toBe(0);
    expect(afterWindow(broken.exception, 'quiet', step).happened).toBeNull();
  });

  test('a resolved case is reopened by a breach, within its time', () => {
    const resolved = moveCase(opened, 'resolved', { now, by: null, why: 'quiet' });
    expect(afterWindow(resolved, 'breach', step)).toMatchObject({
      happened: 'reopened',
      exception: { state: 'reopened', quietWindows: 0 },
    });
    expect(afterWindow(resolved, 'quiet', step).happened).toBeNull();
    expect([
      mayReopen(resolved, now + REOPEN_WITHIN),
      mayReopen(resolved, now + REOPEN_WITHIN + 1),
      mayReopen(opened, now),
    ]).toEqual([true, false, false]);
  });

  test('accepted risk is quiet until its date', () => {
    const accepted = {
      ...moveCase(opened, 'risk_accepted', { now, by: 'mia', why: 'known' }),
      riskAcceptedUntil: new Date(now + 2 * DAY).toISOString(),
    };
    expect(afterWindow(accepted, 'breach', { now: now + 2 * DAY - 1, why: '' }).happened).toBeNull();
    expect(afterWindow(accepted, 'breach', { now: now + 2 * DAY, why: '' })).toMatchObject({
      happened: 'reopened',
      exception: { riskAcceptedUntil: null },
    });
  });

  test('which states wait for somebody', () => {
    expect((['open', 'acknowledged', 'reopened', 'risk_accepted', 'resolved'] as const).map(isOpen)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
