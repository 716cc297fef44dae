import { describe, expect, test } from 'vitest';
import type { HttpConfig } from '../../src/config/config.ts';
import { hostIsOurs, originIsOurs, ownNames } from '../../src/web/origin.ts';

const own = (host: string, publicUrl: string | null = null) =>
  ownNames({ host, port: 9469, publicUrl, auth: null } satisfies HttpConfig);

describe('the Host header', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1:9469', true],
    ['127.0.0.1', 'localhost:9469', true],
    ['127.0.0.1', 'LOCALHOST', true],
    ['127.0.0.1', '[::1]:9469', true],
    ['127.0.0.1', 'attacker.example:9469', false],
    ['127.0.0.1', 'localhost.attacker.example', false],
    ['127.0.0.1', '127.0.0.1.attacker.example', false],
    ['127.0.0.1', '10.0.0.7:9469', false],
    ['127.0.0.1', '', false],
    ['127.0.0.1', undefined, false],
    ['127.0.0.1', 'localhost:9469, attacker.example', false],
    ['127.0.0.1', 'localhost@attacker.example', false],
    ['10.0.0.7', '10.0.0.7:9469', true],
    ['10.0.0.7', '10.0.0.8:9469', false],
    ['0.0.0.0', '10.0.0.8:9469', true],
    ['0.0.0.0', '[fd00::1]:9469', true],
    ['0.0.0.0', 'attacker.example:9469', false],
    ['::', '10.0.0.8', true],
  ])('listening on %s, %j is ours: %s', (listen, header, expected) => {
    expect(hostIsOurs(header, own(listen))).toBe(expected);
  });

  test('the host of publicUrl is a name of ours', () => {
    const names = own('127.0.0.1', 'https://Driftwarden.bank.example/x');
    expect(hostIsOurs('driftwarden.bank.example', names)).toBe(true);
    expect(hostIsOurs('bank.example', names)).toBe(false);
  });
});

describe('the page a writing request comes from', () => {
  const names = own('127.0.0.1', 'https://driftwarden.bank.example');
  const host = '127.0.0.1:9469';

  test.each([
    [{}, true],
    [{ origin: 'http://127.0.0.1:9469' }, true],
    [{ origin: 'https://driftwarden.bank.example' }, true],
    [{ origin: 'http://127.0.0.1:3000' }, false],
    [{ origin: 'https://127.0.0.1:9469' }, false],
    [{ origin: 'https://attacker.example' }, false],
    [{ origin: 'https://driftwarden.bank.example.attacker.example' }, false],
    [{ origin: 'null' }, false],
    [{ origin: '' }, false],
    [{ site: 'same-origin' }, true],
    [{ site: 'none' }, true],
    [{ site: 'same-site' }, false],
    [{ site: 'cross-site' }, false],
    [{ site: 'cross-site', origin: 'http://127.0.0.1:9469' }, false],
  ])('%j is ours: %s', (headers, expected) => {
    expect(originIsOurs({ host, origin: undefined, site: undefined, ...headers }, names)).toBe(expected);
  });
});
