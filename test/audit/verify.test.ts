import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chainRecord, parseRecord } from '../../src/audit/chain.ts';
import { ephemeralSigner } from '../../src/audit/signer.ts';
import { verifyFile, verifyLines } from '../../src/audit/verify.ts';
import { tempFolder } from '../store/sqlite/support.ts';
import { chainOf, GOLDEN_PATH, golden, rehash, stream, verify } from './support.ts';

const signer = ephemeralSigner();
const chain = chainOf(signer, 20, 5); // 1 genesis, 20 entries, checkpoints at 7, 13, 19, 25
const hashes = chain.map((line) => parseRecord(line).hash);

describe('an intact chain', () => {
  test('made by Python verifies, from lines and from a file', async () => {
    const intact = {
      intact: true,
      records: 9,
      from: 1,
      head: parseRecord(golden[8] ?? '').hash,
      checkpoints: 2,
      signatures: 2,
      lastCheckpoint: 8,
    };
    expect(await verify(golden)).toEqual(intact);
    expect(await verifyFile(GOLDEN_PATH)).toEqual(intact);
  });

  test('as a slice takes its first `prev` as given, and checks signatures only with a key', async () => {
    const slice = chain.slice(4);
    expect(await verify(slice)).toMatchObject({
      intact: true,
      from: 5,
      records: 21,
      checkpoints: 4,
      signatures: 0,
    });
    const withKey = await verify(slice, { publicKey: signer.publicKey });
    expect(withKey).toMatchObject({ intact: true, from: 5, signatures: 4 });
    const other = await verify(slice, { publicKey: ephemeralSigner().publicKey });
    expect(other).toMatchObject({ intact: false, seq: 7, why: expect.stringContaining('signature') });
  });

  test('of one record, and of a checkpoint alone', async () => {
    expect(await verify(chain.slice(0, 1))).toMatchObject({ intact: true, records: 1, lastCheckpoint: null });
    expect(await verify(chain.slice(6, 7), { publicKey: signer.publicKey })).toMatchObject({
      intact: true,
      from: 7,
      checkpoints: 1,
      signatures: 1,
    });
  });

  test('begun with another key than the given one is not the chain that was meant', async () => {
    const broken = await verify(chain, { publicKey: ephemeralSigner().publicKey });
    expect(broken).toMatchObject({ intact: false, seq: 1, why: expect.stringContaining('another key') });
  });

  test('must hold the heads known from elsewhere', async () => {
    const anchor = (seq: number, hash = hashes[seq - 1] ?? '') => ({ anchors: [{ seq, hash }] });
    expect(await verify(chain, anchor(25))).toMatchObject({ intact: true });
    expect(await verify(chain, anchor(13, 'f'.repeat(64)))).toMatchObject({ intact: false, seq: 13 });
    // Cut off at the end: nothing in the file tells, the anchor does.
    expect(await verify(chain.slice(0, 24))).toMatchObject({ intact: true });
    expect(await verify(chain.slice(0, 24), anchor(25))).toMatchObject({ intact: false, seq: 25, line: 25 });
    expect(await verify(chain.slice(4), anchor(2))).toMatchObject({ intact: true, from: 5 });
  });

  test('grown by somebody else after a rewrite is told by the anchor', async () => {
    const forged = chainOf(ephemeralSigner(), 40, 5);
    expect(await verify(forged)).toMatchObject({ intact: true });
    const anchors = [{ seq: 7, hash: hashes[6] ?? '' }];
    expect(await verify(forged, { anchors })).toMatchObject({ intact: false, seq: 7 });
  });
});

describe('every change of structure is found and named', () => {
  const positions = [...chain.keys()];
  const at = (index: number): string => chain[index] ?? '';
  const replaced = (index: number, line: string) => chain.with(index, line);
  const edited = (
    index: number,
    change: (record: { body: { [key: string]: unknown }; [key: string]: unknown }) => void,
  ) => {
    const record = JSON.parse(at(index)) as { body: { [key: string]: unknown } };
    change(record);
    return replaced(index, JSON.stringify(record));
  };

  test.each(positions)('an edited body in line %d', async (index) => {
    const lines = edited(index, (record) => {
      record.body['count'] = 99;
    });
    expect(await verify(lines)).toMatchObject({ intact: false, line: index + 1 });
    expect(await verify(rehash(lines, -1).with(index, lines[index] ?? ''))).toMatchObject({ seq: index + 1 });
  });

  test.each(positions.slice(0, -1))(
    'an edited body in line %d with all later hashes made right',
    async (index) => {
      const lines = rehash(
        edited(index, (record) => {
          record.body['build' in record.body ? 'build' : 'count'] = 'forged';
        }),
        index,
      );
      const next = positions.find((other) => other >= index && parseRecord(at(other)).kind === 'checkpoint');
      const found = await verify(lines);
      // A checkpoint's own fields are covered by its signature, an added field is not: then the next one tells.
      if (found.intact) throw new Error('not found');
      expect(found.why).toContain('checkpoint');
      expect([
        next,
        positions.find((other) => other > (next ?? 0) && parseRecord(at(other)).kind === 'checkpoint'),
      ]).toContain((found.seq ?? 0) - 1);
    },
  );

  test.each(positions.slice(1, -1))('record in line %d deleted', async (index) => {
    expect(await verify(chain.toSpliced(index, 1))).toMatchObject({
      intact: false,
      seq: index + 1,
      line: index + 1,
      why: `record ${index + 1} is missing: ${index + 2} follows ${index}`,
    });
  });

  test.each(positions.slice(0, -1))('records in lines %d and after swapped', async (index) => {
    const lines = chain.with(index, at(index + 1)).with(index + 1, at(index));
    const found = await verify(lines);
    // In front, the swap first looks like a slice that begins at record 2.
    expect(found).toMatchObject(
      index === 0 ? { intact: false, seq: 1, line: 2 } : { intact: false, seq: index + 1, line: index + 1 },
    );
  });

  test.each(positions)('record in line %d doubled', async (index) => {
    const found = await verify(chain.toSpliced(index, 0, at(index)));
    expect(found).toMatchObject({ intact: false, seq: index + 1, line: index + 2 });
  });

  test.each(positions.slice(1))('a foreign record inserted before line %d', async (index) => {
    const foreign = chainOf(ephemeralSigner(), 20, 5)[index] ?? '';
    expect(await verify(chain.toSpliced(index, 0, foreign))).toMatchObject({
      intact: false,
      line: index + 1,
    });
  });

  test.each(positions.slice(1))('the front cut off before line %d is told as a slice', async (index) => {
    expect(await verify(chain.slice(index))).toMatchObject({ intact: true, from: index + 1 });
  });

  test('a record moved to the end', async () => {
    expect(await verify([...chain.toSpliced(3, 1), at(3)])).toMatchObject({ intact: false, seq: 4 });
  });

  test('a second beginning', async () => {
    expect(await verify([...chain, ...chain])).toMatchObject({
      intact: false,
      seq: 1,
      line: chain.length + 1,
    });
  });

  test.each([
    { index: 3, change: { kind: 'genesis' }, why: 'second genesis' },
    { index: 0, change: { kind: 'override' }, why: 'no genesis' },
    { index: 0, change: { prev: 'a'.repeat(64) }, why: 'does not begin a chain' },
    { index: 0, change: { body: {} }, why: 'no public key' },
    { index: 0, change: { body: { publicKey: 'x' } }, why: 'Ed25519' },
  ])('a genesis record that is wrong: $why', async ({ index, change, why }) => {
    const lines = replaced(index, JSON.stringify({ ...(JSON.parse(at(index)) as object), ...change }));
    expect(await verify(rehash(lines, index))).toMatchObject({
      intact: false,
      seq: index + 1,
      why: expect.stringContaining(why),
    });
  });

  test.each([
    ['size', 5],
    ['head', 'a'.repeat(64)],
    ['signature', 'AAAA'],
    ['signature', ''],
    ['signature', 7],
    ['signature', '!'],
  ])('a checkpoint whose %s is %s', async (field, value) => {
    const lines = edited(6, (record) => {
      record.body[field] = value;
    });
    expect(await verify(rehash(lines, 6))).toMatchObject({
      intact: false,
      seq: 7,
      why: expect.stringContaining('checkpoint 7'),
    });
  });
});

test('a checkpoint is held to its place also where no key is known', async () => {
  const record = JSON.parse(chain[6] ?? '') as { body: { [key: string]: unknown } };
  for (const change of [{ size: 5 }, { head: 'a'.repeat(64) }]) {
    const changed = JSON.stringify({ ...record, body: { ...record.body, ...change } });
    const slice = rehash(chain.with(6, changed), 6).slice(3);
    expect(await verify(slice)).toMatchObject({ intact: false, seq: 7, line: 4 });
  }
});

test('a byte that only reads like the text that was hashed is found', async () => {
  const entry = { kind: 'override', body: { text: '\ufffd' } } as const;
  const { line } = chainRecord({ seq: 1, hash: hashes[0] ?? '' }, entry, '2026-03-02T00:00:00.000Z');
  const whole = Buffer.from(line, 'utf8');
  const at = whole.indexOf('\ufffd');
  const changed = Buffer.concat([whole.subarray(0, at), Buffer.from([0xff]), whole.subarray(at + 3)]);
  expect(await verify([chain[0] ?? '', whole])).toMatchObject({ intact: true });
  expect(await verify([chain[0] ?? '', changed])).toMatchObject({ intact: false, seq: 2 });
});

describe('lines that are no records', () => {
  test.each([
    ['nothing', []],
    ['an empty line', ['']],
    ['an empty line at the end', [...golden, '']],
    ['HTML', ['<html>']],
    ['a carriage return', golden.map((line) => `${line}\r`)],
    ['white space', golden.map((line) => line.replace('{"body":', '{ "body":'))],
    [
      'other key order',
      golden.map((line) =>
        JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(line) as object).reverse())),
      ),
    ],
    ['a byte order mark', [new TextEncoder().encode(`\ufeff${golden[0] ?? ''}`)]],
    ['bytes that are no UTF-8', [Buffer.from(golden[4] ?? '', 'latin1')]],
    [
      'nesting without end',
      [(golden[1] ?? '').replace('"changed":[]', `"changed":${'['.repeat(5000)}${']'.repeat(5000)}`)],
    ],
    ['a doubled key', [(golden[1] ?? '').replace('"by":null', '"by":null,"by":null')]],
  ])('%s', async (_, lines) => {
    expect(await verify(lines)).toMatchObject({ intact: false });
  });

  test('an escaped form of the same text is not the same record', async () => {
    const lines = golden.with(4, (golden[4] ?? '').replace('é', '\\u00e9'));
    expect(await verify(lines)).toMatchObject({
      intact: false,
      seq: 5,
      why: expect.stringContaining('canonical'),
    });
  });
});

describe('one byte', () => {
  const bytes = Buffer.from(`${golden.join('\n')}\n`, 'utf8');
  const lineOf = (position: number) => bytes.subarray(0, position).filter((byte) => byte === 10).length + 1;
  /** Through a file, as a person would: what is decoded on the way must not hide a change. */
  const verifier = () => {
    const path = join(tempFolder(), 'mutated.jsonl');
    return (changed: Uint8Array) => {
      writeFileSync(path, changed);
      return verifyFile(path);
    };
  };

  test('changed anywhere is found, in its line', async () => {
    const verifyBytes = verifier();
    const mutation = fc.tuple(fc.nat(bytes.length - 2), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(mutation, async ([position, flip]) => {
        const changed = Buffer.from(bytes);
        changed[position] = (changed[position] ?? 0) ^ flip;
        expect(await verifyBytes(changed)).toMatchObject({ intact: false, line: lineOf(position) });
      }),
      { numRuns: 400 },
    );
  });

  test('taken out anywhere is found', async () => {
    const verifyBytes = verifier();
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 2), async (position) => {
        const changed = Buffer.concat([bytes.subarray(0, position), bytes.subarray(position + 1)]);
        expect(await verifyBytes(changed)).toMatchObject({ intact: false, line: lineOf(position) });
      }),
      { numRuns: 150 },
    );
  });

  test('put in anywhere is found', async () => {
    const verifyBytes = verifier();
    const mutation = fc.tuple(fc.nat(bytes.length), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(mutation, async ([position, byte]) => {
        const changed = Buffer.concat([
          bytes.subarray(0, position),
          Buffer.from([byte]),
          bytes.subarray(position),
        ]);
        expect(await verifyBytes(changed)).toMatchObject({ intact: false });
      }),
      { numRuns: 150 },
    );
  });

  test('the last line feed alone may be missing', async () => {
    const verifyBytes = verifier();
    expect(await verifyBytes(bytes.subarray(0, -1))).toMatchObject({ intact: true, records: 9 });
  });
});

test('a file that is not there is an error, not a broken chain', async () => {
  const path = join(tempFolder(), 'none.jsonl');
  await expect(verifyFile(path)).rejects.toMatchObject({ name: 'AuditError', reason: 'unreadable' });
  await expect(verifyFile(tempFolder())).rejects.toMatchObject({ reason: 'unreadable' });
});

test('a given key that is none is an error', async () => {
  await expect(verify(golden, { publicKey: 'x' })).rejects.toMatchObject({ reason: 'key_invalid' });
});

test('reading stops at the first fault', async () => {
  let read = 0;
  async function* counted(): AsyncGenerator<string> {
    for await (const line of stream(chain.with(2, '{}'))) {
      read += 1;
      yield line;
    }
  }
  expect(await verifyLines(counted())).toMatchObject({ intact: false, line: 3 });
  expect(read).toBe(3);
});
