import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { readSecret, SecretError } from '../../src/config/secrets.ts';
import { createLogger } from '../../src/log.ts';
import { temporaryFolder, write } from './files.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

async function failure(secret: Parameters<typeof readSecret>[0]): Promise<SecretError> {
  const error: unknown = await readSecret(secret).catch((thrown: unknown) => thrown);
  if (!(error instanceof SecretError)) throw new Error('no SecretError');
  return error;
}

describe('readSecret', () => {
  test.each([
    ['one newline at the end is not part of it', 's3cret-a\n', 's3cret-a'],
    ['nor is one of Windows', 's3cret-b\r\n', 's3cret-b'],
    ['a second one is', 's3cret-c\n\n', 's3cret-c\n'],
    ['spaces and inner lines are', ' s3cret-d\nline ', ' s3cret-d\nline '],
  ])('%s', async (_, content, secret) => {
    write(folder, { secret: content });
    expect(await readSecret({ file: at('secret') })).toBe(secret);
  });

  test('reads a file anew each time, so that a rotated secret is seen', async () => {
    write(folder, { rotated: 'before-1' });
    expect(await readSecret({ file: at('rotated') })).toBe('before-1');
    write(folder, { rotated: 'after-2' });
    expect(await readSecret({ file: at('rotated') })).toBe('after-2');
  });

  test('reads an environment variable', async () => {
    vi.stubEnv('DRIFTWARDEN_TEST_SECRET', 'from-env-1');
    expect(await readSecret({ env: 'DRIFTWARDEN_TEST_SECRET' })).toBe('from-env-1');
    vi.unstubAllEnvs();
  });

  test('makes the log blind to it', async () => {
    write(folder, { logged: 'hunter2-logged\n' });
    const secret = await readSecret({ file: at('logged') });
    const lines: string[] = [];
    const log = createLogger({ level: 'info', format: 'json', write: (line) => lines.push(line) });
    log.info({ header: `Bearer ${secret}` }, `sent ${secret}`);
    expect(lines.join('')).toContain('[secret]');
    expect(lines.join('')).not.toContain('hunter2');
  });

  test.each([
    ['missing', 'absent', 'does not exist'],
    ['missing', 'absent/below', 'does not exist'],
    ['unreadable', 'folder', 'cannot be read'],
    ['empty', 'empty', 'is empty'],
    ['empty', 'blank', 'is empty'],
    ['too_large', 'large', 'is larger than 64 KiB'],
    ['not_text', 'bytes', 'is not UTF-8 text'],
  ])('is %s: %s', async (reason, name, words) => {
    mkdirSync(at('folder'), { recursive: true });
    write(folder, {
      empty: '',
      blank: ' \n',
      large: 'x'.repeat(65_537),
      bytes: new Uint8Array([0xff, 0xfe]),
    });
    const error = await failure({ file: at(name) });
    expect(error.reason).toBe(reason);
    expect(error.message).toBe(`the secret in file ${at(name)} ${words}`);
    expect(error.remedy).not.toBe('');
  });

  test('takes 64 KiB and not a byte more', async () => {
    write(folder, { full: 'x'.repeat(65_536) });
    expect(await readSecret({ file: at('full') })).toHaveLength(65_536);
  });

  test('tells which variable is missing or empty', async () => {
    expect((await failure({ env: 'DRIFTWARDEN_NOT_SET' })).message).toBe(
      'the secret in environment variable DRIFTWARDEN_NOT_SET does not exist',
    );
    vi.stubEnv('DRIFTWARDEN_EMPTY', '');
    expect((await failure({ env: 'DRIFTWARDEN_EMPTY' })).reason).toBe('empty');
    vi.unstubAllEnvs();
  });
});
