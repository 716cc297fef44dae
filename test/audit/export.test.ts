import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exportAudit } from '../../src/audit/export.ts';
import { fileLines, storedLines } from '../../src/audit/lines.ts';
import { verifyFile } from '../../src/audit/verify.ts';
import { openedStore, tempFolder } from '../store/sqlite/support.ts';
import { GOLDEN_PATH, golden } from './support.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-03-02T00:00:00.000Z');

/** One record an hour after the genesis record: record n is of hour n - 1. */
async function hourly(hours: number) {
  let now = START;
  const store = await openedStore(':memory:', {
    clock: { now: () => now },
    checkpointEvery: { records: 10_000 },
  });
  for (let hour = 1; hour <= hours; hour += 1) {
    now = START + hour * HOUR;
    await store.commit({ audit: [{ kind: 'override', body: { hour } }] });
  }
  return { store, setTime: (time: number) => (now = time) };
}

describe('an export', () => {
  test('holds every line as it was hashed, and verifies', async () => {
    const { store } = await hourly(450);
    const out = join(tempFolder(), 'audit.jsonl');
    expect(await exportAudit(store, { out, from: null, to: null })).toEqual({
      records: 451,
      first: 1,
      last: 451,
    });
    expect(readFileSync(out, 'utf8')).toBe(`${(await store.auditLines(1, 1000)).join('\n')}\n`);
    expect(await verifyFile(out)).toMatchObject({ intact: true, records: 451, from: 1 });
  });

  test.each([
    { from: 1, to: 3, first: 2, last: 3 },
    { from: null, to: 1, first: 1, last: 1 },
    { from: 3, to: null, first: 4, last: 6 },
    { from: 5, to: 6, first: 6, last: 6 },
  ])(
    'from hour $from until before hour $to holds records $first to $last',
    async ({ from, to, first, last }) => {
      const { store } = await hourly(5);
      const out = join(tempFolder(), 'audit.jsonl');
      const time = (hour: number | null) => (hour === null ? null : START + hour * HOUR);
      const exported = await exportAudit(store, { out, from: time(from), to: time(to) });
      expect(exported).toEqual({ records: last - first + 1, first, last });
      expect(await verifyFile(out)).toMatchObject({ intact: true, from: first, records: last - first + 1 });
    },
  );

  test('is one piece even if the clock stepped back within it', async () => {
    const { store, setTime } = await hourly(3);
    setTime(START);
    await store.commit({ audit: [{ kind: 'override', body: {} }] });
    setTime(START + 2 * HOUR);
    await store.commit({ audit: [{ kind: 'override', body: {} }] });
    const out = join(tempFolder(), 'audit.jsonl');
    const request = { out, from: START + 2 * HOUR, to: START + 2 * HOUR + 1 };
    expect(await exportAudit(store, request)).toEqual({ records: 4, first: 3, last: 6 });
    expect(await verifyFile(out)).toMatchObject({ intact: true });
  });

  test('of nothing makes no file', async () => {
    const { store } = await hourly(1);
    const folder = tempFolder();
    const request = { out: join(folder, 'a.jsonl'), from: START + 9 * HOUR, to: null };
    await expect(exportAudit(store, request)).rejects.toMatchObject({
      name: 'AuditError',
      reason: 'nothing',
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('overwrites nothing', async () => {
    const { store } = await hourly(1);
    const out = join(tempFolder(), 'precious');
    writeFileSync(out, 'precious');
    await expect(exportAudit(store, { out, from: null, to: null })).rejects.toMatchObject({
      reason: 'exists',
    });
    expect(readFileSync(out, 'utf8')).toBe('precious');
  });

  test('that breaks off leaves nothing', async () => {
    const { store } = await hourly(1);
    const folder = tempFolder();
    let pages = 0;
    const failing = {
      auditLines: async (from: number, limit: number) => {
        pages += 1;
        if (pages > 1) throw new Error('the store went away');
        return store.auditLines(from, limit);
      },
    };
    await expect(
      exportAudit(failing, { out: join(folder, 'a.jsonl'), from: null, to: null }),
    ).rejects.toThrow('went away');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('to a directory that is not there says where', async () => {
    const { store } = await hourly(1);
    const out = join(tempFolder(), 'no', 'such', 'a.jsonl');
    await expect(exportAudit(store, { out, from: null, to: null })).rejects.toMatchObject({
      reason: 'unwritable',
      message: expect.stringContaining(out),
    });
    expect(existsSync(out)).toBe(false);
  });
});

describe('lines', () => {
  const collect = async <T>(lines: AsyncIterable<T>): Promise<T[]> => {
    const all: T[] = [];
    for await (const line of lines) all.push(line);
    return all;
  };
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

  test.each([0, 1, 199, 200, 201, 400])('of a store with %d records, page by page', async (records) => {
    const all = Array.from({ length: records }, (_, index) => `line ${index + 1}`);
    const store = {
      auditLines: async (from: number, limit: number) => all.slice(from - 1, from - 1 + limit),
    };
    expect(await collect(storedLines(store, 1))).toEqual(all);
    expect(await collect(storedLines(store, 150))).toEqual(all.slice(149));
  });

  test('of a file, wherever its chunks end', async () => {
    expect((await collect(fileLines(GOLDEN_PATH))).map(text)).toEqual(golden);
    const path = join(tempFolder(), 'lines');
    const long = ['a'.repeat(300_000), '', 'é'.repeat(262_144), 'end'];
    writeFileSync(path, long.join('\n'));
    expect((await collect(fileLines(path))).map(text)).toEqual(long);
  });
});
