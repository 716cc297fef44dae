import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createScimDirectory } from '../../src/identity/databricks/directory.ts';
import { createNoDirectory } from '../../src/identity/directory.ts';
import { createWorkspaceClients } from '../../src/remote/workspace.ts';
import { expectFailure } from '../support/fails.ts';
import { type HttpFake, html, json, startHttpFake } from '../support/http-fake.ts';
import { testDeps } from '../support/remote-deps.ts';

const UUID = '0f0e3a5c-1111-2222-3333-444455556666';

describe('the directory of a workspace', () => {
  let fake: HttpFake;
  beforeEach(async () => {
    fake = await startHttpFake();
  });
  afterEach(async () => {
    await fake.close();
  });

  function directory() {
    const reader = { kind: 'token', token: { env: 'READER' } } as const;
    const deps = testDeps({ READER: 'reader-token' });
    return createScimDirectory(createWorkspaceClients({ url: fake.url, reader, actor: null }, deps).reader);
  }

  function list(...entries: readonly unknown[]) {
    return json(200, { totalResults: entries.length, ...(entries.length > 0 ? { Resources: entries } : {}) });
  }

  it.each([
    ['ann@bank.example', 'Users', 'userName', 'userName,active'],
    [UUID, 'ServicePrincipals', 'applicationId', 'applicationId,active'],
    ['credit owners', 'Groups', 'displayName', 'displayName'],
  ])('looks for %s among %s', async (...row) => {
    const [owner, resource, attribute, attributes] = row;
    fake.next(list({ [attribute]: owner, active: true }));
    expect(await directory().lookup(owner)).toBe('active');
    expect(fake.seen[0]?.path).toBe(`/api/2.0/preview/scim/v2/${resource}`);
    expect(fake.seen[0]?.query.get('filter')).toBe(`${attribute} eq "${owner}"`);
    expect(fake.seen[0]?.query.get('attributes')).toBe(attributes);
  });

  it('cannot be talked into another filter by a name', async () => {
    fake.next(list());
    await directory().lookup('x" or displayName pr or "\\');
    expect(fake.seen[0]?.query.get('filter')).toBe('displayName eq "x\\" or displayName pr or \\"\\\\"');
  });

  it.each([
    ['nobody', list(), 'inactive'],
    ['a user who is switched off', list({ userName: 'ann@bank.example', active: false }), 'inactive'],
    ['a user in other letters', list({ userName: 'Ann@Bank.example', active: true }), 'active'],
    ['a user without a word on activity', list({ userName: 'ann@bank.example' }), 'unknown'],
    ['somebody else only', list({ userName: 'bob@bank.example', active: true }), 'inactive'],
    [
      'a part of a long list',
      json(200, { totalResults: 900, Resources: [{ userName: 'bob@bank.example' }] }),
      'unknown',
    ],
    ['no permission', json(403, { detail: 'no' }), 'unknown'],
    ['no such API', html(404), 'unknown'],
    ['a refused filter', json(400, { scimType: 'invalidFilter' }), 'unknown'],
  ])('takes an answer of %s as it is', async (_what, behaviour, standing) => {
    fake.always(behaviour);
    expect(await directory().lookup('ann@bank.example')).toBe(standing);
  });

  it('takes a group that exists for active and one that does not for gone', async () => {
    fake.next(list({ displayName: 'credit owners' }), list());
    expect(await directory().lookup('credit owners')).toBe('active');
    expect(await directory().lookup('credit owners')).toBe('inactive');
  });

  it.each([
    ['401', html(401), 'unauthorized'],
    ['an outage', json(503, {}), 'unavailable'],
    ['a page', html(200), 'bad_answer'],
    ['a list of another shape', json(200, { Resources: {} }), 'bad_answer'],
  ] as const)('throws on %s rather than call anybody gone', async (_what, behaviour, reason) => {
    fake.always(behaviour);
    await expectFailure(directory().lookup('ann@bank.example'), reason);
  });
});

it('no directory knows nobody', async () => {
  expect(await createNoDirectory().lookup('ann@bank.example')).toBe('unknown');
});
