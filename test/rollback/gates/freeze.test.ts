import { describe, expect, test } from 'vitest';
import type { FreezeConfig } from '../../../src/config/config.ts';
import { freezeInForce } from '../../../src/rollback/gates/freeze.ts';
import { DAY, HOUR } from '../support.ts';

function aFreeze(fields: Partial<FreezeConfig> = {}): FreezeConfig {
  return {
    cron: '0 0 24 12 *',
    duration: 8 * DAY,
    timezone: 'America/New_York',
    reason: 'year end',
    ...fields,
  };
}

const START = Date.parse('2026-12-24T05:00:00Z');

describe('a change freeze', () => {
  test.each([
    ['before it begins', START - 1, false],
    ['when it begins', START, true],
    ['in its midst', START + 4 * DAY, true],
    ['right before its end', START + 8 * DAY - 1, true],
    ['at its end', START + 8 * DAY, false],
  ])('%s', (_when, now, on) => {
    expect(freezeInForce([aFreeze()], now)).toEqual(
      on ? { until: START + 8 * DAY, reason: 'year end' } : null,
    );
  });

  test('of several the one that lasts longest is told, and one is enough', () => {
    const nightly = aFreeze({ cron: '0 5 * * *', duration: HOUR, timezone: 'UTC', reason: null });
    expect(freezeInForce([nightly, aFreeze()], START)?.reason).toBe('year end');
    expect(freezeInForce([aFreeze(), nightly], START - DAY)).toEqual({
      until: START - DAY + HOUR,
      reason: null,
    });
    expect(freezeInForce([], START)).toBeNull();
  });

  test('that begins again while it is on lasts from its last begin', () => {
    const weekend = aFreeze({ cron: '0 22 * * fri,sat', duration: 36 * HOUR, timezone: 'UTC' });
    const saturday = Date.parse('2026-11-28T22:30:00Z');
    expect(freezeInForce([weekend], saturday)?.until).toBe(Date.parse('2026-11-30T10:00:00Z'));
  });
});
