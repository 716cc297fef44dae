import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cliTokenPath, createCliToken, proofHolds, proofOf, readCliToken } from '../../src/web/cli-token.ts';

let folder: string;
let storePath: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driftwarden-token-'));
  storePath = join(folder, 'driftwarden.db');
});
afterEach(() => rm(folder, { recursive: true }));

test('the token lies beside the store, for its user alone, and is read back', async () => {
  const token = await createCliToken({ storePath, random: randomBytes });
  expect(token).toHaveLength(43);
  expect(cliTokenPath(storePath)).toBe(join(folder, 'cli.token'));
  expect((await stat(cliTokenPath(storePath))).mode & 0o777).toBe(0o600);
  expect(await readCliToken(storePath)).toBe(token);
});

test('each start makes another one, and nothing else is left behind', async () => {
  const first = await createCliToken({ storePath, random: randomBytes });
  await chmod(cliTokenPath(storePath), 0o644);
  const second = await createCliToken({ storePath, random: randomBytes });
  expect(second).not.toBe(first);
  expect(await readCliToken(storePath)).toBe(second);
  expect((await stat(cliTokenPath(storePath))).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['cli.token']);
});

test('a link in its place is replaced, not followed', async () => {
  const elsewhere = join(folder, 'elsewhere');
  await writeFile(elsewhere, 'untouched');
  await symlink(elsewhere, cliTokenPath(storePath));
  await symlink(elsewhere, `${cliTokenPath(storePath)}.new`);
  await createCliToken({ storePath, random: randomBytes });
  expect(await readFile(elsewhere, 'utf8')).toBe('untouched');
});

test.each(['', '\n'])('no daemon ever ran, or the file is empty (%j): there is no token', async (content) => {
  expect(await readCliToken(storePath)).toBeNull();
  await writeFile(cliTokenPath(storePath), content);
  expect(await readCliToken(storePath)).toBeNull();
});

test('a token that cannot be read says where it is and what to do', async () => {
  const place = join(folder, 'file', 'driftwarden.db');
  await writeFile(join(folder, 'file'), '');
  await expect(readCliToken(place)).rejects.toMatchObject({
    reason: 'token_unreadable',
    message: expect.stringMatching(/cli\.token cannot be read \(ENOTDIR\).*as the user the daemon runs as/),
  });
});

test('the proof holds for this token and this number only', () => {
  const proof = proofOf('token', 'nonce');
  expect(proofHolds('token', 'nonce', proof)).toBe(true);
  expect(proofHolds('token', 'other', proof)).toBe(false);
  expect(proofHolds('other', 'nonce', proof)).toBe(false);
  expect(proofHolds('token', 'nonce', '')).toBe(false);
});
