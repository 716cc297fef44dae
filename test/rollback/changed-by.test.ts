import { describe, expect, test } from 'vitest';
import { ASK_AFTER, afterAsking, isTimeToAsk } from '../../src/rollback/changed-by.ts';
import type { SeenChange, ToldChanges, UntoldReason } from '../../src/warehouse/changes.ts';
import { HOUR, MINUTE, T0 } from './support.ts';

const EMPTY: ToldChanges = { told: true, changes: [] };
const untold = (reason: UntoldReason): ToldChanges => ({ told: false, reason, why: 'no grant on it' });

function change(actor: string, fields: Partial<SeenChange> = {}): SeenChange {
  return {
    at: T0,
    actor,
    resource: { kind: 'endpoint', name: 'credit-pd' },
    workspace: '4711',
    ...fields,
  };
}

describe('when the audit log is asked', () => {
  test.each([
    [5 * MINUTE - 1, false],
    [5 * MINUTE, true],
    [5 * MINUTE + 1, true],
  ])('%d ms after the change was noticed: %s', (age, due) => {
    expect(isTimeToAsk(null, T0, T0 + age)).toBe(due);
  });

  test('again later, while it has no such change, and no more after a day', () => {
    const asked: number[] = [];
    let known = null;
    for (let age = 0; age <= 72 * HOUR; age += MINUTE) {
      if (!isTimeToAsk(known, T0, T0 + age)) continue;
      asked.push(age);
      known = afterAsking(EMPTY, T0, T0 + age);
      expect(known.final).toBe(age >= 24 * HOUR);
    }
    expect(asked).toEqual(ASK_AFTER);
  });

  test('once, by a program that was down all day', () => {
    const known = afterAsking(EMPTY, T0, T0 + 30 * HOUR);
    expect(known).toMatchObject({ asked: ASK_AFTER.length, final: true });
    expect(isTimeToAsk(known, T0, T0 + 60 * HOUR)).toBe(false);
  });

  test.each([
    ['no_log', true],
    ['no_grant', true],
    ['not_enabled', true],
    ['too_slow', false],
    ['unavailable', false],
    ['unreadable', false],
  ] as const)('%s ends the asking: %s', (reason, final) => {
    expect(afterAsking(untold(reason), T0, T0 + 5 * MINUTE).final).toBe(final);
  });
});

describe('what is said', () => {
  const said = (told: ToldChanges, age = 5 * MINUTE): string => afterAsking(told, T0, T0 + age).sentence;

  test('names who did what and when, and the workspace of an endpoint, whose name is not its own', () => {
    const alias = change('ann', {
      resource: { kind: 'alias', model: 'main.risk.pd', alias: 'champion' },
      at: T0 + 1,
    });
    expect(said({ told: true, changes: [alias, change('CI-app'), change('kim', { workspace: null })] })).toBe(
      'The audit log of the workspace names ann (alias champion, 2026-11-24T10:00:00.001Z); ' +
        'CI-app (endpoint credit-pd, 2026-11-24T10:00:00.000Z, workspace 4711); ' +
        'kim (endpoint credit-pd, 2026-11-24T10:00:00.000Z).',
    );
  });

  test.each([
    [3, ''],
    [4, '; and 1 earlier change.'],
    [5, '; and 2 earlier changes.'],
  ])('of %d changes three are named', (many, end) => {
    const changes = Array.from({ length: many }, (_, place) => change(`p${place}`));
    const sentence = said({ told: true, changes });
    expect(sentence).toContain('p2');
    expect(sentence).not.toContain('p3');
    expect(sentence.endsWith(end)).toBe(true);
  });

  test('says why nobody is named', () => {
    expect(said(EMPTY)).toContain('not told yet');
    expect(said(EMPTY, 24 * HOUR)).toContain('a day later');
    expect(said(untold('no_grant'))).toBe('Who changed it is not told: no grant on it.');
  });
});
