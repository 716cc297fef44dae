import { describe, expect, test } from 'vitest';
import { type HttpConfig, ROLES, type Role } from '../../src/config/config.ts';
import { type Access, authorize, type Caller, createAuthenticate } from '../../src/web/access.ts';
import { StartError } from '../../src/web/error.ts';
import { HttpProblem } from '../../src/web/problem.ts';
import { CLI_TOKEN, TOKENS, tokenOf } from './fake.ts';

const http = (auth: HttpConfig['auth']): HttpConfig => ({
  host: '127.0.0.1',
  port: 1,
  publicUrl: null,
  auth,
});
const readSecret = async (ref: object): Promise<string> => ('env' in ref ? String(ref.env) : '');
const authenticateWith = (auth: HttpConfig['auth']) =>
  createAuthenticate({ http: http(auth), cliToken: CLI_TOKEN, readSecret });

function statusOf(
  access: Access,
  caller: Caller | null,
  rules: { loopback: boolean; openReads: boolean },
): number {
  try {
    authorize(access, caller, rules);
    return 200;
  } catch (error) {
    if (error instanceof HttpProblem) return error.status;
    throw error;
  }
}

describe('who holds a token', () => {
  test('a named token is its name with its roles', async () => {
    const authenticate = await authenticateWith(TOKENS);
    expect(authenticate(`Bearer ${tokenOf('approver')}`)).toEqual({
      kind: 'named',
      name: 'approver of the tests',
      roles: ['approver'],
    });
  });

  test('the token of the command line acts, but is nobody by itself', async () => {
    const authenticate = await authenticateWith(null);
    expect(authenticate(`Bearer ${CLI_TOKEN}`)).toEqual({
      kind: 'command_line',
      roles: ['operator', 'approver', 'auditor'],
    });
  });

  test.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer unknown-token-0123456789',
    `Basic ${CLI_TOKEN}`,
    CLI_TOKEN,
    `Bearer ${CLI_TOKEN}x`,
    `Bearer ${CLI_TOKEN.slice(0, -1)}`,
    `Bearer ${CLI_TOKEN} ${CLI_TOKEN}`,
  ])('%j is nobody', async (header) => {
    expect((await authenticateWith(TOKENS))(header)).toBeNull();
  });

  const tokens = (...secrets: readonly string[]): HttpConfig['auth'] => ({
    kind: 'bearer',
    tokens: secrets.map((secret, index) => ({
      name: `n${index}`,
      token: { env: secret },
      roles: ['viewer'],
    })),
  });

  test.each([
    [15, true],
    [16, false],
    [17, false],
  ])('a token of %d characters is refused: %s', async (length, refused) => {
    const made = authenticateWith(tokens('x'.repeat(length)));
    if (refused) await expect(made).rejects.toMatchObject({ reason: 'weak_token' });
    else await expect(made).resolves.toBeTypeOf('function');
  });

  test('two names with one token are refused, without showing it', async () => {
    const error = await authenticateWith(tokens('the-same-secret-01', 'the-same-secret-01')).catch(
      (caught) => caught,
    );
    expect(error).toBeInstanceOf(StartError);
    expect(error.reason).toBe('same_token');
    expect(error.message).toContain('n0');
    expect(error.message).not.toContain('the-same-secret');
  });
});

describe('who may do what', () => {
  const MAY: { readonly [access in Exclude<Access, 'open' | 'scrape'>]: readonly Role[] } = {
    look: ['viewer', 'operator', 'approver', 'auditor'],
    audit: ['auditor'],
    reload: ['operator'],
    evaluate: ['operator'],
    freezeBaseline: ['operator'],
    approveBaseline: ['approver'],
    applyRollback: ['operator'],
    approveRollback: ['approver'],
    release: ['approver'],
    silence: ['operator', 'approver'],
    killSwitch: ['operator', 'approver'],
    acknowledge: ['operator', 'approver'],
    acceptRisk: ['approver'],
    resolve: ['operator', 'approver'],
  };
  const rules = { loopback: true, openReads: false };
  const cases = Object.entries(MAY).flatMap(([access, roles]) =>
    ROLES.map((role) => [role, access as Access, roles.includes(role) ? 200 : 403] as const),
  );

  test.each(cases)('%s, %s: %d', (role, access, status) => {
    expect(statusOf(access, { kind: 'named', name: 'n', roles: [role] }, rules)).toBe(status);
  });

  test.each(Object.keys(MAY) as Access[])('%s without a token: 401', (access) => {
    expect(statusOf(access, null, rules)).toBe(401);
  });

  test('where no tokens are configured, looking is open and acting is not', () => {
    const open = { loopback: true, openReads: true };
    const statuses = (Object.keys(MAY) as Access[]).map((access) => [access, statusOf(access, null, open)]);
    expect(statuses.filter(([, status]) => status === 200).map(([access]) => access)).toEqual([
      'look',
      'audit',
    ]);
  });

  test.each([
    ['open', false, 200],
    ['scrape', true, 200],
    ['scrape', false, 401],
  ] as const)('%s, on loopback %s, without a token: %d', (access, loopback, status) => {
    expect(statusOf(access, null, { loopback, openReads: false })).toBe(status);
  });

  test('several roles may do what each of them may', () => {
    const caller: Caller = { kind: 'named', name: 'n', roles: ['viewer', 'approver'] };
    expect(statusOf('approveRollback', caller, rules)).toBe(200);
    expect(statusOf('evaluate', caller, rules)).toBe(403);
  });
});
