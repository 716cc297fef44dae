import { expect, test } from 'vitest';
import { CHAIN_START, type ChainHead, chainRecord, hashOf, parseRecord } from '../../src/audit/chain.ts';
import { checkpointDue, checkpointEntry } from '../../src/audit/checkpoint.ts';
import { signerFromPem } from '../../src/audit/signer.ts';
import { golden } from './support.ts';

test('records made from the same entries have the bytes that Python made', () => {
  let head: ChainHead | null = null;
  const lines = golden.map((line) => {
    const { kind, body, time } = parseRecord(line);
    const made = chainRecord(head, { kind, body }, time);
    head = made.record;
    return made.line;
  });
  expect(lines).toEqual(golden);
});

test('the line and the record say the same', () => {
  const { record, line } = chainRecord(
    null,
    { kind: 'override', body: { b: 1, a: '"hash":"x"' } },
    '2026-03-02T00:00:00.000Z',
  );
  expect(JSON.parse(line)).toEqual(record);
  expect(record).toMatchObject({ seq: 1, prev: CHAIN_START });
  expect(hashOf(record)).toBe(record.hash);
});

test('a checkpoint signed with the same key has the bytes that Python made', () => {
  const seed = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.from([...Array(32).keys()]),
  ]);
  const pem = `-----BEGIN PRIVATE KEY-----\n${seed.toString('base64')}\n-----END PRIVATE KEY-----\n`;
  const signer = signerFromPem(pem, 'test key');
  const head = parseRecord(golden[2] ?? '');
  expect(checkpointEntry(head, signer).body).toEqual(parseRecord(golden[3] ?? '').body);
  expect(parseRecord(golden[0] ?? '').body['publicKey']).toBe(signer.publicKey);
});

test.each([
  ['{}', 'field body'],
  ['[]', 'field'],
  ['{"body":[]', 'JSON'],
  [(golden[1] ?? '').replace('"body":{', '"extra":1,"body":{'), 'extra'],
  [(golden[1] ?? '').replace(/"body":\{[^}]*\}/, '"body":[]'), 'field body'],
  [(golden[1] ?? '').replace('"seq":2', '"seq":2.5'), 'field seq'],
  [(golden[1] ?? '').replace('"seq":2', '"seq":0'), 'field seq'],
  [(golden[1] ?? '').replace('.001Z', 'Z'), 'field time'],
  [(golden[1] ?? '').replace(/"prev":"3/, '"prev":"G'), 'field prev'],
])('a line that is no record is refused: %.40s', (line, message) => {
  expect(() => parseRecord(line)).toThrow(message);
});

test('checkpoints are due at the limit, not one before', () => {
  const last = { seq: 10, time: 1000 };
  const after = (seq: number, time = 1000) => ({ seq, time });
  expect([109, 110, 111].map((seq) => checkpointDue({ records: 100 }, last, after(seq)))).toEqual([
    false,
    true,
    true,
  ]);
  expect(
    [1599, 1600, 1601].map((time) => checkpointDue({ milliseconds: 600 }, last, after(11, time))),
  ).toEqual([false, true, true]);
  expect(checkpointDue({ milliseconds: 600 }, last, after(10, 9999))).toBe(false);
  expect(checkpointDue({ milliseconds: 600 }, last, after(11, 0))).toBe(false);
});
