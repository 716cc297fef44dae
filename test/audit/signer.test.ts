import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ephemeralSigner, signingKeyFile } from '../../src/audit/signer.ts';
import { tempFolder } from '../store/sqlite/support.ts';

const keyPath = (): string => join(tempFolder(), 'keys', 'audit.pem');

describe('a signing key file', () => {
  test('is made for a new store: PKCS #8, for this user only, nothing else left beside it', () => {
    const path = keyPath();
    const signer = signingKeyFile(path)(null);
    expect(readFileSync(path, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(path, '..'))).toEqual(['audit.pem']);
    expect(signer.publicKey).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
  });

  test('is the same key ever after', () => {
    const path = keyPath();
    const first = signingKeyFile(path)(null);
    const second = signingKeyFile(path)(first.publicKey);
    expect(second.publicKey).toBe(first.publicKey);
    expect(second.sign('text')).toBe(first.sign('text'));
    expect(second.sign('other')).not.toBe(first.sign('text'));
  });

  test('put there beforehand is used for a new store', () => {
    const path = keyPath();
    mkdirSync(join(path, '..'));
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(path, pem);
    signingKeyFile(path)(null);
    expect(readFileSync(path, 'utf8')).toBe(pem);
  });

  test('that is missing for an existing chain is never made anew', () => {
    const path = keyPath();
    expect(() => signingKeyFile(path)(ephemeralSigner().publicKey)).toThrow(
      expect.objectContaining({ reason: 'key_missing', message: expect.stringContaining(path) }),
    );
    expect(existsSync(path)).toBe(false);
  });

  test('of another chain is refused', () => {
    const path = keyPath();
    signingKeyFile(path)(null);
    expect(() => signingKeyFile(path)(ephemeralSigner().publicKey)).toThrow(
      expect.objectContaining({ reason: 'key_changed', message: expect.stringContaining(path) }),
    );
  });

  test.each([
    ['empty', () => ''],
    ['text', () => 'secret-looking text'],
    [
      'RSA',
      () =>
        generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({
          type: 'pkcs8',
          format: 'pem',
        }),
    ],
    ['the public half', () => ephemeralSigner().publicKey],
  ])('that holds %s is refused without quoting it', (_, content) => {
    const path = join(tempFolder(), 'audit.pem');
    writeFileSync(path, content());
    const load = () => signingKeyFile(path)(null);
    expect(load).toThrow(expect.objectContaining({ reason: 'key_invalid' }));
    expect(load).not.toThrow('secret-looking');
  });

  test('that cannot be read or made is told with its path', () => {
    const folder = tempFolder();
    expect(() => signingKeyFile(folder)(null)).toThrow(expect.objectContaining({ reason: 'unreadable' }));
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => signingKeyFile(join(file, 'audit.pem'))(null)).toThrow(
      expect.objectContaining({
        name: 'AuditError',
        message: expect.stringContaining(join(file, 'audit.pem')),
      }),
    );
  });
});
