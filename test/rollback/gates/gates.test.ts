import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../../src/judge/verdict.ts';
import type { GateFacts } from '../../../src/rollback/gates/facts.ts';
import { askGates, firstHeld, GATE_FUNCTIONS } from '../../../src/rollback/gates/gates.ts';
import { GATES, type Gate } from '../../../src/rollback/rollback.ts';
import { DAY, HOUR, T0 } from '../support.ts';

/** Facts under which every gate is open. */
const FACTS: GateFacts = {
  now: T0,
  trigger: 'automatic',
  mode: 'auto',
  killSwitch: false,
  freeze: null,
  cooldown: DAY,
  others: [],
  holds: [],
  modelsInBreach: 1,
  models: 10,
  maxShareOfModels: 0.1,
  firstWrites: [],
  maxRollbacksPerHour: 3,
  from: '7',
  target: { version: '6', reason: 'the alias champion points to version 6' },
  plannedTarget: null,
  pointless: null,
  targetState: { fit: true, reason: 'version 6 is warm' },
  targetVerdict: null,
  evidence: { windowEnd: T0 - HOUR, maxAge: DAY },
  baseline: { id: 'bl-1', state: 'approved' },
  requireTags: {},
  targetTags: null,
  creator: null,
  data: null,
  feed: { table: 'main.risk.credit', models: 1, inBreach: 1 },
  silence: null,
  requestedBy: 'driftwarden',
  approvedBy: null,
  approvalVerified: false,
  requireVerified: false,
};

const ended = (ago: number) => [{ id: 'rb-0', endedAt: T0 - ago }];
const hold = (version: string, left = true) => [{ version, rollback: 'rb-0', left }];
const target = (version: string | null) => ({ version, reason: 'because' });
const breaching = (modelsInBreach: number, models: number) => ({ modelsInBreach, models });
const writes = (...ago: readonly number[]) => ago.map((time) => T0 - time);
const tagged = (targetTags: GateFacts['targetTags']) => ({
  requireTags: { validation: 'approved' },
  targetTags,
});
const approval = (approvalVerified: boolean) => ({ approvedBy: 'ann', approvalVerified });
const onData = (verdict: Verdict) => ({ verdict, reason: 'because' });
const feed = (inBreach: number, models: number) => ({ table: 'main.risk.credit', models, inBreach });
const silence = (reason: string | null) => ({ by: 'ann', until: '2026-11-25T00:00:00.000Z', reason });
const age = (time: number) => ({ windowEnd: T0 - time, maxAge: DAY });

/** Gate, facts, whether it holds, and a word of the reason. */
const TABLE: readonly (readonly [Gate, Partial<GateFacts>, boolean, string])[] = [
  ['mode', { mode: 'observe' }, true, 'only watches'],
  ['mode', { mode: 'approve' }, false, 'approve'],
  ['mode', { mode: 'auto' }, false, 'auto'],
  ['mode', { mode: 'observe', trigger: 'manual' }, false, 'a person asked'],
  ['kill_switch', { killSwitch: true }, true, 'kill switch is on'],
  ['kill_switch', { killSwitch: false }, false, 'kill switch is off'],
  ['kill_switch', { killSwitch: true, trigger: 'manual' }, true, 'kill switch is on'],
  ['freeze', { freeze: { until: T0 + DAY, reason: 'year end' } }, true, '2026-11-25T10:00:00.000Z: year end'],
  ['freeze', { freeze: { until: T0 + DAY, reason: null }, trigger: 'manual' }, true, 'is on until'],
  ['freeze', { freeze: null }, false, 'no change freeze'],
  ['cooldown', { others: ended(DAY - 1) }, true, '2026-11-24T10:00:00.001Z'],
  ['cooldown', { others: ended(DAY) }, false, 'no rollback'],
  ['cooldown', { others: ended(DAY + 1) }, false, 'no rollback'],
  ['cooldown', { others: [{ id: 'rb-0', endedAt: null }] }, true, 'rb-0 of this model is still under way'],
  ['cooldown', { others: ended(0), trigger: 'manual' }, true, 'rb-0'],
  ['cooldown', { others: [...ended(2 * DAY), ...ended(1)] }, true, 'rb-0'],
  ['hold', { holds: hold('7') }, true, 'version 7 is on hold since rb-0'],
  ['hold', { holds: hold('6') }, true, 'the target, version 6, was itself left'],
  ['hold', { holds: hold('7', false) }, true, 'version 7 is on hold'],
  ['hold', { holds: hold('6', false) }, false, 'on hold'],
  ['hold', { holds: hold('5') }, false, 'on hold'],
  ['hold', { holds: hold('7'), trigger: 'manual' }, true, 'release it'],
  ['blast_radius', breaching(2, 3), false, '2 of 3'],
  ['blast_radius', breaching(3, 3), true, '3 of 3'],
  ['blast_radius', breaching(4, 3), true, '4 of 3'],
  ['blast_radius', breaching(3, 31), false, '3 of 31'],
  ['blast_radius', breaching(3, 30), false, '3 of 30'],
  ['blast_radius', breaching(3, 29), true, '3 of 29'],
  ['blast_radius', { ...breaching(4, 30), trigger: 'manual' }, true, 'the feed is suspect'],
  ['rate_limit', { firstWrites: writes(1, 2) }, false, '2 rollbacks'],
  ['rate_limit', { firstWrites: writes(1, 2, 3) }, true, '3 rollbacks'],
  ['rate_limit', { firstWrites: writes(1, 2, 3, 4) }, true, '4 rollbacks'],
  ['rate_limit', { firstWrites: writes(1, 2, HOUR - 1) }, true, '3 rollbacks'],
  ['rate_limit', { firstWrites: writes(1, 2, HOUR) }, false, '2 rollbacks'],
  ['rate_limit', { maxRollbacksPerHour: 0 }, true, '0 rollbacks'],
  ['no_target', { target: target(null) }, true, 'no version to go back to: because'],
  ['no_target', { target: target('6') }, false, 'version 6'],
  ['no_target', { target: target('5'), plannedTarget: '6' }, true, 'the plan goes to version 6'],
  ['no_target', { target: target('6'), plannedTarget: '6' }, false, 'version 6'],
  ['no_target', { pointless: 'version 7 takes no traffic' }, true, 'nothing to roll back: version 7'],
  ['champion_not_ready', { targetState: { fit: false, reason: 'it is asleep' } }, true, 'it is asleep'],
  [
    'champion_not_ready',
    { targetState: { fit: false, reason: 'x' } },
    true,
    'the target cannot take over: x',
  ],
  [
    'champion_not_ready',
    { targetState: { fit: false, unread: true, reason: 'no answer' } },
    true,
    'cannot be told whether the target could take over: no answer',
  ],
  ['champion_not_ready', { targetState: { fit: true, reason: 'it is warm' } }, false, 'it is warm'],
  ['champion_not_approved', { targetTags: null }, false, 'asks for no tags'],
  ['champion_not_approved', { ...tagged({ validation: 'approved' }) }, false, 'carries every'],
  ['champion_not_approved', { ...tagged({ validation: 'approved', other: 'x' }) }, false, 'carries every'],
  ['champion_not_approved', { ...tagged({ validation: 'Approved' }) }, true, 'lacks validation: approved'],
  ['champion_not_approved', { ...tagged({}) }, true, 'version 6 lacks validation: approved'],
  ['champion_not_approved', { ...tagged(null) }, true, 'the tags of version 6 are not known'],
  ['champion_not_approved', { ...tagged(null), trigger: 'manual' }, true, 'not known'],
  ['champion_not_approved', { requireTags: { toString: 'x' }, targetTags: {} }, true, 'lacks toString: x'],
  ['creator_inactive', { creator: null }, false, 'no creator'],
  ['creator_inactive', { creator: { name: 'ann', standing: 'active' } }, false, 'is active'],
  ['creator_inactive', { creator: { name: 'ann', standing: 'unknown' } }, false, 'not known to be gone'],
  [
    'creator_inactive',
    { creator: { name: 'ann', standing: 'inactive' } },
    true,
    'ann, who made the endpoint',
  ],
  ['creator_inactive', { creator: { name: 'ann', standing: 'inactive' }, trigger: 'manual' }, true, 'ann'],
  ['data_quality', { data: onData('breach') }, true, 'the feed is suspect: because'],
  ['data_quality', { data: onData('breach'), trigger: 'manual' }, true, 'the feed is suspect'],
  ['data_quality', { data: onData('warn') }, false, 'the data are warn'],
  ['data_quality', { data: onData('ok') }, false, 'the data are ok'],
  ['data_quality', { data: onData('insufficient') }, false, 'the data are insufficient'],
  ['data_quality', { data: onData('no_data') }, false, 'the data are no_data'],
  ['data_quality', { data: onData('stale') }, false, 'the data are stale'],
  ['data_quality', { data: onData('error') }, false, 'the data are error'],
  ['data_quality', { data: null }, false, 'no verdict'],
  ['data_quality', { feed: feed(1, 1) }, false, '1 of 1 models that read main.risk.credit'],
  ['data_quality', { feed: feed(1, 2) }, false, '1 of 2'],
  ['data_quality', { feed: feed(2, 2) }, true, 'the table is suspect'],
  ['data_quality', { feed: feed(2, 3) }, true, '2 of 3'],
  ['data_quality', { feed: feed(2, 4) }, false, '2 of 4'],
  ['data_quality', { feed: feed(3, 5) }, true, '3 of 5'],
  ['champion_breach', { targetVerdict: 'breach' }, true, 'in breach'],
  ['champion_breach', { targetVerdict: 'warn' }, false, 'warn'],
  ['champion_breach', { targetVerdict: 'ok' }, false, 'ok'],
  ['champion_breach', { targetVerdict: 'insufficient' }, false, 'insufficient'],
  ['champion_breach', { targetVerdict: 'no_data' }, false, 'no_data'],
  ['champion_breach', { targetVerdict: 'stale' }, false, 'stale'],
  ['champion_breach', { targetVerdict: 'error' }, false, 'error'],
  ['champion_breach', { targetVerdict: null }, false, 'no verdict of its own'],
  ['evidence_age', { evidence: age(DAY - 1) }, false, '2026-11-23T10:00:00.001Z'],
  ['evidence_age', { evidence: age(DAY) }, false, 'ends at'],
  ['evidence_age', { evidence: age(DAY + 1) }, true, 'too long ago'],
  ['evidence_age', { evidence: null }, true, 'no evaluation'],
  ['evidence_age', { evidence: age(DAY + 1), trigger: 'manual' }, false, 'a person asked'],
  ['evidence_age', { evidence: null, trigger: 'manual' }, false, 'a person asked'],
  ['baseline_not_approved', { baseline: null }, true, 'no baseline'],
  ['baseline_not_approved', { baseline: { id: 'bl-1', state: 'draft' } }, true, 'bl-1 is draft'],
  ['baseline_not_approved', { baseline: { id: 'bl-1', state: 'retired' } }, true, 'bl-1 is retired'],
  ['baseline_not_approved', { baseline: { id: 'bl-1', state: 'approved' } }, false, 'bl-1 is approved'],
  ['baseline_not_approved', { baseline: null, trigger: 'manual' }, true, 'no baseline'],
  ['approver', { approvedBy: null }, false, 'nobody'],
  ['approver', { approvedBy: 'ann', requestedBy: 'bob' }, false, 'ann approved what bob asked for'],
  ['approver', { approvedBy: ' Bob ', requestedBy: 'bob', trigger: 'manual' }, true, 'another person'],
  ['approver', { approvedBy: 'driftwarden' }, true, 'another person'],
  ['approver', { ...approval(false), requireVerified: false }, false, 'ann approved'],
  ['approver', { ...approval(true), requireVerified: true }, false, 'ann approved'],
  ['approver', { ...approval(false), requireVerified: true }, true, 'ann is not a verified identity'],
  ['approver', { approvedBy: null, requireVerified: true }, false, 'nobody'],
  ['silenced', { silence: null }, false, 'not silenced'],
  ['silenced', { silence: silence('planned work') }, true, 'ann silenced the model until 2026-11-25'],
  ['silenced', { silence: silence('planned work') }, true, ': planned work'],
  ['silenced', { silence: silence(null), trigger: 'manual' }, true, 'ann silenced the model'],
  ['version_unknown', { from: null }, true, 'which version fails: the alias champion'],
  ['version_unknown', { from: '7' }, false, 'version 7 fails'],
];

describe('each gate, and the words it gives either way', () => {
  test.each(TABLE)('%s %j: held %s', (...[gate, facts, held, word]) => {
    const result = askGates({ ...FACTS, ...facts }).find((answer) => answer.gate === gate);
    expect(result).toMatchObject({ gate, held });
    expect(result?.reason).toContain(word);
  });

  test('no gate answers for another', () => {
    for (const [gate, facts, held] of TABLE) {
      const others = askGates({ ...FACTS, ...facts }).filter((answer) => answer.held && answer.gate !== gate);
      expect(others, JSON.stringify([gate, facts, held])).toEqual([]);
    }
  });
});

test('what cannot be told is not said to be missing', () => {
  const gates = askGates({ ...FACTS, from: null, target: target(null) });
  expect(gates.filter(({ held }) => held)).toEqual([
    { gate: 'no_target', held: true, reason: 'it cannot be told what to go back to: because' },
    { gate: 'version_unknown', held: true, reason: 'it cannot be told which version fails: because' },
  ]);
});

describe('the gates together', () => {
  test('are asked in the order of the closed list, each once', () => {
    const asked = askGates(FACTS).map(({ gate }) => gate);
    expect(asked).toEqual(GATES);
    expect(askGates(FACTS).every(({ held }) => !held)).toBe(true);
  });

  test('are all in the table, both ways', () => {
    expect(Object.keys(GATE_FUNCTIONS).sort()).toEqual([...GATES].sort());
    for (const gate of GATES) {
      const ways = TABLE.filter(([name]) => name === gate).map(([, , held]) => held);
      expect(ways, gate).toContain(true);
      expect(ways, gate).toContain(false);
    }
  });

  test('are counted under the first that holds', () => {
    const gates = askGates({ ...FACTS, killSwitch: true, mode: 'observe', from: null });
    expect(gates.filter(({ held }) => held).map(({ gate }) => gate)).toEqual([
      'mode',
      'kill_switch',
      'version_unknown',
    ]);
    expect(firstHeld(gates)?.gate).toBe('mode');
    expect(firstHeld(askGates(FACTS))).toBeNull();
  });

  test('a person skips the mode and the age of the evidence, and no other gate', () => {
    const worst: GateFacts = {
      ...FACTS,
      mode: 'observe',
      killSwitch: true,
      freeze: { until: T0 + 1, reason: null },
      others: ended(1),
      holds: hold('7'),
      ...breaching(9, 10),
      firstWrites: writes(1, 1, 1),
      target: target(null),
      targetState: { fit: false, reason: '' },
      targetVerdict: 'breach',
      ...tagged({}),
      creator: { name: 'ann', standing: 'inactive' },
      data: onData('breach'),
      silence: silence(null),
      evidence: null,
      baseline: null,
      approvedBy: 'driftwarden',
    };
    const held = (facts: GateFacts) => askGates(facts).flatMap(({ gate, held }) => (held ? [gate] : []));
    const skipped = held(worst).filter((gate) => !held({ ...worst, trigger: 'manual' }).includes(gate));
    // The version is known: the hold is on it.
    expect([...held(worst), 'version_unknown']).toEqual(askGates(worst).map(({ gate }) => gate));
    expect(skipped).toEqual(['mode', 'evidence_age']);
  });
});
