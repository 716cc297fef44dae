import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Rig, START, sendTicket, startRig } from '../support.ts';

describe('ticket desk of the simulated workspace', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig();
  });
  afterEach(() => rig.workspace.close());

  const send = (key: string | null, action = 'open', exception = 'ex-1') =>
    sendTicket(rig.workspace, key, { action, exception });
  const tickets = () => rig.workspace.snapshot().tickets;

  it('opens one ticket per exception and keeps its story', async () => {
    const opened = await send('k1');
    expect(opened.status).toBe(201);
    expect(opened.json()).toEqual({
      simulated: true,
      key: 'SIM-1',
      url: `${rig.workspace.url}/tickets/SIM-1`,
    });
    expect((await send('k2', 'open', 'ex-2')).json()['key']).toBe('SIM-2');
    rig.clock.advanceTo(START + 1000);
    expect((await send('k3', 'resolve')).json()['key']).toBe('SIM-1');
    expect(tickets()[0]).toMatchObject({ state: 'resolved', openedAt: START, resolvedAt: START + 1000 });
    await send('k4', 'reopen');
    expect(tickets()[0]).toMatchObject({ state: 'open', resolvedAt: null });
    await send('k5', 'escalate');
    expect(tickets()[0]?.deliveries.map(({ action }) => action)).toEqual([
      'open',
      'resolve',
      'reopen',
      'escalate',
    ]);
    expect(tickets()).toHaveLength(2);
  });

  it('takes the same key twice as one delivery, and counts the second', async () => {
    const first = await send('k1');
    const again = await send('k1');
    expect(again.status).toBe(200);
    expect(again.json()).toEqual(first.json());
    expect(tickets()).toHaveLength(1);
    expect(tickets()[0]?.deliveries).toMatchObject([{ key: 'k1', duplicates: 1 }]);
  });

  it('refuses a key that came with another body', async () => {
    await send('k1');
    expect((await send('k1', 'resolve')).status).toBe(422);
    expect(tickets()[0]?.state).toBe('open');
  });

  it('refuses what is not signed with the shared secret, and what says too little', async () => {
    const unsigned = { action: 'open', exception: 'ex-1', secret: 'guess' };
    expect((await sendTicket(rig.workspace, 'k1', unsigned)).status).toBe(401);
    expect((await rig.caller.call('POST', '/tickets', { body: '{}' })).status).toBe(401);
    expect((await send(null)).status).toBe(400);
    expect((await send('k1', 'shout')).status).toBe(400);
    expect((await sendTicket(rig.workspace, 'k1', { action: '', exception: '', body: '{' })).status).toBe(
      400,
    );
    expect(tickets()).toEqual([]);
  });

  it('shows tickets to a person who follows a link', async () => {
    await send('k1');
    const all = (await rig.caller.call('GET', '/tickets', { as: 'nobody' })).json();
    expect(all).toMatchObject({ simulated: true, tickets: [{ key: 'SIM-1', exception: 'ex-1' }] });
    const one = (await rig.caller.call('GET', '/tickets/SIM-1', { as: 'nobody' })).json();
    expect(one['ticket']).toMatchObject({ key: 'SIM-1' });
    expect((await rig.caller.call('GET', '/tickets/SIM-9', { as: 'nobody' })).status).toBe(404);
  });
});
