import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSimulatedClock } from '../../../src/simulator/clock.ts';
import { moveAlias } from '../../../src/simulator/workspace/people.ts';
import { startWorkspace } from '../../../src/simulator/workspace/workspace.ts';
import { CREDIT, creditConfig, type Rig, START, sendTicket, startRig } from '../support.ts';

const PUT = { as: 'actor', body: creditConfig(0, 100) } as const;

describe('trouble on demand', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig();
  });
  afterEach(() => rig.workspace.close());

  const credit = () => rig.workspace.snapshot().endpoints['credit-pd']!;
  const put = () => rig.caller.call('PUT', `${CREDIT}/config`, PUT);
  const get = () => rig.caller.call('GET', CREDIT);

  it('answers a status as often as asked, with Retry-After, without doing anything', async () => {
    const trouble = { kind: 'status', status: 429, retryAfter: 7, code: 'REQUEST_LIMIT_EXCEEDED' } as const;
    rig.workspace.fault({ match: { method: 'PUT' }, trouble, times: 2 });
    expect((await get()).status).toBe(200);
    const limited = await put();
    expect([limited.status, limited.retryAfter]).toEqual([429, '7']);
    expect(limited.json()['error_code']).toBe('REQUEST_LIMIT_EXCEEDED');
    expect((await put()).status).toBe(429);
    expect(credit().puts).toEqual({ effective: 0, refused: 0 });
    expect((await put()).status).toBe(200);
  });

  it('breaks a connection before anything is done', async () => {
    rig.workspace.fault({ match: { path: /config$/ }, trouble: { kind: 'reset' } });
    await expect(put()).rejects.toThrow();
    expect(credit().puts.effective).toBe(0);
  });

  it('loses a response whose request was carried out', async () => {
    rig.workspace.fault({ match: { path: `${CREDIT}/config` }, trouble: { kind: 'lost-response' } });
    await expect(put()).rejects.toThrow();
    expect(credit().puts.effective).toBe(1);
    expect(JSON.parse(readFileSync(rig.stateFile, 'utf8')).endpoints['credit-pd'].puts.effective).toBe(1);
  });

  it('answers with a login page, and with nothing', async () => {
    rig.workspace.fault({ match: { path: CREDIT }, trouble: { kind: 'html' } });
    rig.workspace.fault({ match: { path: CREDIT }, trouble: { kind: 'empty' } });
    const page = await get();
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('<!doctype html>')]);
    const empty = await get();
    expect([empty.status, empty.text]).toEqual([200, '']);
  });

  it('delays', async () => {
    rig.workspace.fault({ match: {}, trouble: { kind: 'delay', milliseconds: 20 } });
    expect(await rig.caller.token('reader')).toContain('simulated');
  });

  it('tells the state before the latest change to a reader, once', async () => {
    await put();
    rig.workspace.fault({ match: { method: 'GET', path: CREDIT }, trouble: { kind: 'stale-read' } });
    expect((await get()).json()['state']).toMatchObject({ config_update: 'NOT_UPDATING' });
    expect((await get()).json()['state']).toMatchObject({ config_update: 'IN_PROGRESS' });
  });

  it('forgets faults when told', async () => {
    rig.workspace.fault({ match: {}, trouble: { kind: 'reset' }, times: 100 });
    rig.workspace.clearFaults();
    expect((await get()).status).toBe(200);
  });
});

describe('a workspace that was killed', () => {
  it('goes on where it stood: updates, aliases, tickets, counters and tokens', async () => {
    const first = await startRig();
    await first.caller.call('PUT', `${CREDIT}/config`, PUT);
    first.workspace.change(moveAlias({ model: 'main.risk.credit_pd', alias: 'rollback', version: 6 }));
    await sendTicket(first.workspace, 'k1', { action: 'open', exception: 'ex-1' });
    const token = await first.caller.token('reader');
    const before = first.workspace.snapshot();
    // Nothing is told to it: what is on disk has to be enough.
    const second = await startRig({ stateFile: first.stateFile });
    expect(second.workspace.snapshot()).toEqual(before);
    const answer = await fetch(`${second.workspace.url}${CREDIT}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await answer.json()).toMatchObject({ pending_config: { config_version: 12 } });
    second.clock.advanceTo(START + 90_000);
    expect(second.workspace.snapshot().endpoints['credit-pd']?.config.config_version).toBe(12);
    await sendTicket(second.workspace, 'k1', { action: 'open', exception: 'ex-1' });
    expect(second.workspace.snapshot().tickets).toHaveLength(1);
    await Promise.all([first.workspace.close(), second.workspace.close()]);
  });

  it('does what people do once, also over a restart', async () => {
    const first = await startRig();
    const edit = moveAlias({ model: 'main.risk.credit_pd', alias: 'rollback', version: 6 });
    expect(first.workspace.perform('promotion', edit)).toBe(true);
    expect(first.workspace.perform('promotion', edit)).toBe(false);
    await first.workspace.close();
    const second = await startRig({ stateFile: first.stateFile });
    expect(second.workspace.perform('promotion', edit)).toBe(false);
    expect(second.workspace.snapshot().performed).toEqual({ promotion: START });
    await second.workspace.close();
  });

  it.each(['', '{', '{"format":2}', '<html>'])('refuses to begin on a file with %j in it', async (text) => {
    const rig = await startRig();
    await rig.workspace.close();
    writeFileSync(rig.stateFile, text);
    const clocks = { domain: createSimulatedClock(START), wall: createSimulatedClock(START) };
    await expect(startWorkspace({ stateFile: rig.stateFile, clocks, seed: 1 })).rejects.toMatchObject({
      reason: 'state_unreadable',
      message: expect.stringContaining(rig.stateFile),
    });
  });

  it('says so when its port is taken', async () => {
    const rig = await startRig();
    await expect(startRig({ port: rig.workspace.port })).rejects.toMatchObject({ reason: 'port_taken' });
    await rig.workspace.close();
  });
});
