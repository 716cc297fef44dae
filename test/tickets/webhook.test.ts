import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebhookDeskConfig } from '../../src/config/config.ts';
import { createWebhookDesk } from '../../src/tickets/webhook/desk.ts';
import { describeTicketDesk, exampleCase, exampleRequest } from '../contracts/ticket-desk.ts';
import { everythingIn, expectFailure } from '../support/fails.ts';
import {
  endless,
  type HttpFake,
  html,
  json,
  redirect,
  reset,
  silent,
  startHttpFake,
  text,
  truncated,
} from '../support/http-fake.ts';
import { type TestDeps, testDeps } from '../support/remote-deps.ts';

function deskOn(
  url: string,
  secret: WebhookDeskConfig['secret'] = null,
  deps: TestDeps = testDeps({ HOOK: 'hook-secret' }),
) {
  return createWebhookDesk('ops', { kind: 'webhook', url, secret }, deps);
}

describeTicketDesk('webhook', async () => {
  const refusals: number[] = [];
  const accepted: string[] = [];
  const fake = await startHttpFake((seen, response) => {
    const refusal = refusals.shift();
    if (refusal === undefined) accepted.push(String(seen.headers['idempotency-key']));
    json(refusal ?? 200, {})(seen, response);
  });
  return {
    desk: deskOn(fake.url),
    accepted: async () => accepted,
    refuseNext: async (status) => {
      refusals.push(status);
    },
    close: () => fake.close(),
  };
});

describe('a webhook desk', () => {
  let fake: HttpFake;
  beforeEach(async () => {
    fake = await startHttpFake();
  });
  afterEach(async () => {
    await fake.close();
  });

  it('posts the change, to the very URL, under the contract’s names', async () => {
    await deskOn(`${fake.url}/hooks/driftwarden?team=risk`).deliver(exampleRequest());
    const [seen] = fake.seen;
    expect(seen).toMatchObject({ method: 'POST', path: '/hooks/driftwarden' });
    expect(seen?.query.get('team')).toBe('risk');
    expect(seen?.headers['content-type']).toBe('application/json');
    expect(seen?.headers['idempotency-key']).toBe('ex-1:open:1');
    const body = JSON.parse(seen?.body ?? '') as { exception: { [field: string]: unknown } };
    expect(body).toMatchObject({
      action: 'open',
      key: 'ex-1:open:1',
      title: 'Scores of credit_pd drifted',
      text: 'PSI of score is 0.31; größer als 0.25.',
      links: { exception: 'https://driftwarden.bank.example/exceptions/ex-1' },
      exception: { id: 'ex-1', model: 'credit_pd', cause: 'prediction', ticket: null },
    });
    expect(body.exception).not.toHaveProperty('rev');
  });

  it('signs timestamp and exact bytes with the shared secret', async () => {
    await deskOn(fake.url, { env: 'HOOK' }).deliver(exampleRequest());
    const [seen] = fake.seen;
    const timestamp = String(seen?.headers['x-driftwarden-timestamp']);
    expect(timestamp).toBe('1767225600');
    const mac = createHmac('sha256', 'hook-secret').update(`${timestamp}.${seen?.body}`).digest('hex');
    expect(seen?.headers['x-driftwarden-signature']).toBe(`sha256=${mac}`);
  });

  it('has no signature without a secret, and sends nothing when the secret is gone', async () => {
    await deskOn(fake.url).deliver(exampleRequest());
    expect(fake.seen[0]?.headers).not.toHaveProperty('x-driftwarden-signature');
    const error = await expectFailure(
      deskOn(fake.url, { env: 'GONE' }).deliver(exampleRequest()),
      'unauthorized',
    );
    expect(error.message).toContain('ticket desk ops');
    expect(fake.seen).toHaveLength(1);
  });

  it.each([
    [
      'both',
      { key: 'MRM-17', url: 'https://desk.example/MRM-17' },
      { key: 'MRM-17', url: 'https://desk.example/MRM-17' },
    ],
    ['a number', { key: 17 }, { key: '17', url: null }],
    ['a script for a link', { key: 'a', url: 'javascript:alert(1)' }, { key: 'a', url: null }],
    ['no link but a word', { key: 'a', url: 'somewhere' }, { key: 'a', url: null }],
    ['an empty key', { key: '' }, { key: 'ex-1', url: null }],
    ['two lines', { key: 'a\nb' }, { key: 'ex-1', url: null }],
    ['a key of 201 letters', { key: 'x'.repeat(201) }, { key: 'ex-1', url: null }],
    ['a key of 200 letters', { key: 'x'.repeat(200) }, { key: 'x'.repeat(200), url: null }],
    ['nulls', { key: null, url: null }, { key: 'ex-1', url: null }],
    ['another shape', [1, 2], { key: 'ex-1', url: null }],
  ])('takes the ticket from an answer with %s', async (_what, answer, ticket) => {
    fake.next(json(200, answer));
    expect(await deskOn(fake.url).deliver(exampleRequest())).toEqual(ticket);
  });

  it.each([
    ['a word', text(200, 'ok')],
    ['a page', html(200)],
    ['nothing', text(204, '')],
    ['a body that breaks off', truncated(201)],
  ])('takes 2xx with %s for delivered', async (_what, behaviour) => {
    fake.next(behaviour);
    expect(await deskOn(fake.url).deliver(exampleRequest())).toEqual({ key: 'ex-1', url: null });
  });

  it('takes 2xx with a body that never ends for delivered', async () => {
    const desk = deskOn(fake.url, null, { ...testDeps(), timeoutMs: 5, fetch: endless(202) });
    expect(await desk.deliver(exampleRequest())).toEqual({ key: 'ex-1', url: null });
  });

  it('keeps a ticket that this desk named before, and not one of another desk', async () => {
    const ticket = { desk: 'ops', key: 'MRM-17', url: 'https://desk.example/MRM-17' };
    const known = exampleRequest({ action: 'update', exception: exampleCase({ ticket }) });
    expect(await deskOn(fake.url).deliver(known)).toEqual({
      key: 'MRM-17',
      url: 'https://desk.example/MRM-17',
    });
    const elsewhere = exampleRequest({ exception: exampleCase({ ticket: { ...ticket, desk: 'pager' } }) });
    expect(await deskOn(fake.url).deliver(elsewhere)).toEqual({ key: 'ex-1', url: null });
  });

  it('tells the desk and the case when it fails, and nothing of URL or secret', async () => {
    fake.next(reset(), redirect('/login'), json(503, {}, { 'retry-after': '9' }));
    const desk = deskOn(`${fake.url}/hook?token=sekret`, { env: 'HOOK' });
    const lost = await expectFailure(desk.deliver(exampleRequest()), 'network');
    expect(lost.message).toContain('ticket desk ops, telling it to open the case ex-1');
    expect(everythingIn(lost)).not.toMatch(/sekret|hook-secret/);
    await expectFailure(desk.deliver(exampleRequest()), 'bad_answer');
    const busy = await expectFailure(desk.deliver(exampleRequest()), 'unavailable');
    expect(busy.retryAfter).toBe(9_000);
  });

  it('gives up on silence at the deadline', async () => {
    fake.next(silent());
    const desk = deskOn(fake.url, null, { ...testDeps(), timeoutMs: 30 });
    await expectFailure(desk.deliver(exampleRequest()), 'timeout');
    expect(fake.seen).toHaveLength(1);
  });
});
