import { describe, expect, test } from 'vitest';
import { isSound, sqliteEngine } from '../../../src/store/sqlite/engine.ts';
import { isUniqueViolation, storeFailure } from '../../../src/store/sqlite/failure.ts';
import { StoreError } from '../../../src/store/store.ts';

const sqlite = (errcode: number) =>
  Object.assign(new Error('from SQLite'), { code: 'ERR_SQLITE_ERROR', errcode });
const system = (code: string) => Object.assign(new Error('from the system'), { code, syscall: 'open' });

describe('errors become reasons', () => {
  test.each([
    [5, 'locked'],
    [517, 'locked'], // BUSY_SNAPSHOT
    [6, 'locked'],
    [8, 'read_only'],
    [1544, 'read_only'], // READONLY_DIRECTORY
    [10, 'unavailable'],
    [778, 'unavailable'], // IOERR_WRITE
    [4874, 'full'], // IOERR_SHMSIZE
    [11, 'corrupt'],
    [13, 'full'],
    [14, 'unavailable'],
    [26, 'corrupt'],
  ])('SQLite %d is %s', (code, reason) => {
    const cause = sqlite(code);
    const failure = storeFailure(cause, '/data/store.db');
    expect(failure).toMatchObject({ name: 'StoreError', reason, cause });
    expect((failure as StoreError).message).toContain('/data/store.db');
    expect((failure as StoreError).remedy).not.toBe('');
  });

  test.each([
    ['EACCES', 'read_only'],
    ['EPERM', 'read_only'],
    ['EROFS', 'read_only'],
    ['ENOSPC', 'full'],
    ['EDQUOT', 'full'],
    ['ENOTDIR', 'unavailable'],
    ['EIO', 'unavailable'],
  ])('%s is %s', (code, reason) => {
    expect(storeFailure(system(code), 'p')).toMatchObject({ reason });
  });

  test.each([
    sqlite(1),
    sqlite(19),
    sqlite(2067),
    sqlite(20),
    sqlite(21),
    new TypeError('a bug'),
    'a string',
  ])('a bug stays what it is: %s', (bug) => {
    expect(storeFailure(bug, 'p')).toBe(bug);
  });

  test('a StoreError is not wrapped again', () => {
    const error = new StoreError('full', 'm', 'r');
    expect(storeFailure(error, 'p')).toBe(error);
  });

  test('unique violations are told from other constraints', () => {
    expect([2067, 1555, 787, 19].map((code) => isUniqueViolation(sqlite(code)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(isUniqueViolation(new Error('no'))).toBe(false);
  });
});

describe('engine', () => {
  test.each([
    ['3.51.2', false],
    ['3.51.3', true],
    ['3.51.10', true],
    ['3.52.0', true],
    ['3.50.9', false],
    ['4.0.0', true],
    ['2.99.99', false],
    ['3.51', false],
  ])('SQLite %s is sound: %s', (version, sound) => {
    expect(isSound(version)).toBe(sound);
  });

  test('the one in use is sound, and choosing it leaves the warnings of the process alone', () => {
    const before = Reflect.get(process, 'emitWarning') as unknown;
    expect(isSound(sqliteEngine().version)).toBe(true);
    expect(Reflect.get(process, 'emitWarning')).toBe(before);
    expect(sqliteEngine()).toBe(sqliteEngine());
  });
});
