import { describe, expect, test } from 'vitest';
import type { OwnerConfig } from '../../src/config/config.ts';
import { escalate, escalationDue } from '../../src/exceptions/escalation.ts';
import { moveCase } from '../../src/exceptions/lifecycle.ts';
import { messagesFor } from '../../src/exceptions/messages.ts';
import { ownersWithoutDesk } from '../../src/exceptions/owner.ts';
import { exampleCase } from '../contracts/ticket-desk.ts';

const HOUR = 3_600_000;
const OPENED = Date.parse('2026-03-01T00:00:00.000Z');
const OPEN = exampleCase({
  owner: 'desk-one',
  history: [{ at: '2026-03-01T00:00:00.000Z', state: 'open', by: null, why: 'breach' }],
});

function owner(fields: Partial<OwnerConfig>): OwnerConfig {
  return { email: null, ticketDesk: null, escalateTo: null, escalateAfter: null, ...fields };
}

const OWNERS = {
  'desk-one': owner({ ticketDesk: 'ops', escalateTo: 'head', escalateAfter: 4 * HOUR }),
  head: owner({ ticketDesk: 'pager', email: 'head@bank.example', escalateTo: 'board', escalateAfter: HOUR }),
  board: owner({ ticketDesk: 'ops', escalateTo: 'head', escalateAfter: HOUR }),
};

describe('an exception that nobody acknowledges', () => {
  test.each([
    [4 * HOUR - 1, null],
    [4 * HOUR, 'head'],
    [4 * HOUR + 1, 'head'],
  ])('after %d ms goes to %s', (waited, to) => {
    expect(escalationDue(OPEN, OWNERS, OPENED + waited)?.to ?? null).toBe(to);
  });

  test('is told to the next owner where that one is reached', () => {
    expect(escalationDue(OPEN, OWNERS, OPENED + 4 * HOUR)).toEqual({
      at: '2026-03-01T04:00:00.000Z',
      to: 'head',
      email: 'head@bank.example',
      desk: 'pager',
    });
  });

  test('goes up the chain once, each owner with a time of their own, and never around', () => {
    let current = OPEN;
    const story: string[] = [];
    for (let hour = 1; hour <= 12; hour += 1) {
      const due = escalationDue(current, OWNERS, OPENED + hour * HOUR);
      if (due === null) continue;
      story.push(`${hour}h ${due.to}`);
      current = { ...current, escalations: [...current.escalations, due] };
    }
    expect(story).toEqual(['4h head', '5h board']);
  });

  test('waits no longer because something was noted meanwhile, and anew once it is reopened', () => {
    const noted = moveCase(OPEN, 'open', { now: OPENED + HOUR, by: null, why: 'who it was' });
    expect(escalationDue(noted, OWNERS, OPENED + 4 * HOUR - 1)).toBeNull();
    expect(escalationDue(noted, OWNERS, OPENED + 4 * HOUR)?.to).toBe('head');
    const resolved = moveCase(noted, 'resolved', { now: OPENED + 2 * HOUR, by: 'ann', why: 'well' });
    const again = moveCase(resolved, 'reopened', { now: OPENED + 3 * HOUR, by: null, why: 'again' });
    expect(escalationDue(again, OWNERS, OPENED + 7 * HOUR - 1)).toBeNull();
    expect(escalationDue(again, OWNERS, OPENED + 7 * HOUR)?.to).toBe('head');
  });

  test.each(['acknowledged', 'risk_accepted', 'resolved'] as const)(
    'is not escalated once it is %s',
    (state) => {
      const moved = moveCase(OPEN, state, { now: OPENED + HOUR, by: 'ann', why: 'seen' });
      expect(escalationDue(moved, OWNERS, OPENED + 100 * HOUR)).toBeNull();
    },
  );

  test('that comes back is escalated anew, from then on', () => {
    const due = escalationDue(OPEN, OWNERS, OPENED + 4 * HOUR);
    const escalated = { ...OPEN, escalations: due === null ? [] : [due] };
    const resolved = moveCase(escalated, 'resolved', { now: OPENED + 5 * HOUR, by: null, why: 'quiet' });
    const back = moveCase(resolved, 'reopened', { now: OPENED + 48 * HOUR, by: null, why: 'breach' });
    expect(escalationDue(back, OWNERS, OPENED + 52 * HOUR - 1)).toBeNull();
    expect(escalationDue(back, OWNERS, OPENED + 52 * HOUR)?.to).toBe('head');
  });

  test('stays where nobody is named, and follows owners.default where only the registry knows the owner', () => {
    const alone = { 'desk-one': owner({ ticketDesk: 'ops' }) };
    expect(escalationDue(OPEN, alone, OPENED + 100 * HOUR)).toBeNull();
    const byTag = { default: OWNERS['desk-one'], head: OWNERS.head };
    expect(escalationDue(OPEN, byTag, OPENED + 4 * HOUR)?.to).toBe('head');
  });
});

describe('an escalation', () => {
  const due = { at: '2026-03-01T04:00:00.000Z', to: 'head', email: null, desk: 'pager' };
  const change = escalate(OPEN, due, { publicUrl: 'https://dw.example', runbook: null });

  test('tells the next desk whose case it is and for how long it has waited, and is on the record', () => {
    expect(change.queue).toMatchObject([
      {
        key: 'ex-1:escalate:1:pager',
        desk: 'pager',
        action: 'escalate',
        links: { exception: expect.any(String) },
      },
    ]);
    expect(change.queue?.[0]?.text).toContain('open since 2026-03-01T00:00:00.000Z and not acknowledged');
    expect(change.queue?.[0]?.text).toContain('Owner: desk-one');
    expect(change.audit).toMatchObject([{ kind: 'exception', body: { exception: 'ex-1', state: 'open' } }]);
    expect(change.exceptions).toMatchObject([{ escalations: [due] }]);
  });

  test('makes the next desk hear everything that comes after, each desk with a key of its own', () => {
    const [known] = change.exceptions ?? [];
    const fields = { text: 'over', links: {}, queuedAt: due.at, step: '3' };
    const told = messagesFor(known ?? OPEN, 'resolve', fields);
    expect(told.map(({ desk, key }) => [desk, key])).toEqual([
      ['ops', 'ex-1:resolve:3'],
      ['pager', 'ex-1:resolve:3:pager'],
    ]);
    expect(messagesFor({ ...OPEN, desk: null }, 'resolve', fields)).toEqual([]);
  });
});

test('owners whom no desk reaches are known', () => {
  const silent = owner({ email: 'a@bank.example' });
  expect(ownersWithoutDesk({ owners: { a: silent, b: owner({ ticketDesk: 'ops' }) } })).toEqual(['a']);
  expect(ownersWithoutDesk({ owners: { a: silent, default: owner({ ticketDesk: 'ops' }) } })).toEqual([]);
});
