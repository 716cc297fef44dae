import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ChainRecord, canonical, faultOfChain, sha256, signatureHolds } from './support/canonical.ts';
import { evaluationOf } from './support/evaluation.ts';
import { approvedSite, badDay, PROMOTED, settle } from './support/rig.ts';
import type { Site } from './support/site.ts';

async function exported(site: Site, ...more: string[]): Promise<string> {
  const out = join(site.folder, `export-${Math.round(performance.now() * 1000)}.jsonl`);
  const answer = await site.run('audit', 'export', '--out', out, ...more);
  expect([answer.code, answer.stderr]).toEqual([0, '']);
  return out;
}

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}

/** A site after a rollback, with a signed checkpoint every five records. */
async function siteWithHistory(): Promise<Site> {
  const { site, daemon } = await approvedSite({
    products: [PROMOTED],
    config: { audit: { checkpointEvery: 5 } },
  });
  await badDay(site);
  await daemon.wake();
  await settle(site, daemon);
  await daemon.drive();
  return site;
}

describe('the chain', () => {
  test('holds by the rules of the contract, recomputed by other code, and tells the whole story', async () => {
    const site = await siteWithHistory();
    const file = await exported(site);
    const lines = linesOf(file);
    const records = lines.map((line) => JSON.parse(line) as ChainRecord);
    for (const [index, line] of lines.entries()) expect(line).toBe(canonical(records[index]));
    expect(faultOfChain(records)).toBeNull();
    for (const { time } of records) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

    const [genesis] = records;
    expect(genesis).toMatchObject({ seq: 1, kind: 'genesis', prev: '0'.repeat(64) });
    expect(genesis?.body).toMatchObject({
      build: expect.any(String),
      configHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const publicKey = String(genesis?.body['publicKey']);
    const checkpoints = records.filter(({ kind }) => kind === 'checkpoint');
    expect(checkpoints.length).toBeGreaterThanOrEqual(4);
    for (const checkpoint of checkpoints) {
      expect(checkpoint.body['size']).toBe(checkpoint.seq - 1);
      expect(checkpoint.body['head']).toBe(checkpoint.prev);
      expect(signatureHolds(checkpoint, publicKey)).toBe(true);
    }
    const kinds = new Set(records.map(({ kind }) => kind));
    for (const kind of [
      'config',
      'baseline',
      'approval',
      'evaluation',
      'verdict',
      'exception',
      'ticket',
      'rollback',
      'override',
    ])
      expect(kinds).toContain(kind);
    const bodies = (kind: string) => records.filter((record) => record.kind === kind).map(({ body }) => body);
    expect(bodies('verdict')[0]).toEqual(
      expect.objectContaining({
        evaluation: expect.any(String),
        model: 'credit',
        check: expect.any(String),
        version: expect.any(String),
        from: null,
        to: expect.any(String),
        reason: expect.any(String),
      }),
    );
    expect(bodies('exception')[0]).toMatchObject({
      exception: expect.any(String),
      model: 'credit',
      cause: 'prediction',
      state: 'open',
      severity: 'high',
      owner: 'risk',
    });
    expect(bodies('ticket')[0]).toMatchObject({
      exception: expect.any(String),
      desk: 'desk',
      action: 'open',
      key: expect.any(String),
      outcome: 'delivered',
    });
    expect(bodies('config')[0]).toMatchObject({ hash: expect.any(String), by: 'start' });
    expect((await site.run('audit', 'verify')).code).toBe(0);
    const verified = await site.run('audit', 'verify', file, '--json');
    expect(verified.code).toBe(0);
    expect(verified.json()).toMatchObject({
      intact: true,
      records: records.length,
      checkpoints: checkpoints.length,
    });
  });

  test('the hash of an evaluation is that of what evaluate --json prints, all cells in it', async () => {
    const site = await siteWithHistory();
    const records = linesOf(await exported(site)).map((line) => JSON.parse(line) as ChainRecord);
    const record = records.find(({ kind }) => kind === 'evaluation');
    const printed = await site.run('evaluate', 'credit', '--json');
    const evaluation = evaluationOf(printed);
    expect(record?.body['evaluation']).toBe(evaluation.evaluation);
    expect(sha256(canonical(evaluation))).toBe(record?.body['hash']);
    const { hash: _hash, ...told } = record?.body ?? {};
    const quiet = {
      ...evaluation,
      checks: evaluation.checks.map((check) => (check.verdict === 'ok' ? { ...check, cells: null } : check)),
    };
    expect(canonical(told)).toBe(canonical(quiet));
  });

  test('a slice by time verifies as a slice, and says what it takes as given', async () => {
    const site = await siteWithHistory();
    const file = await exported(site, '--from', '2026-03-10T02:01:00Z');
    expect(linesOf(file).length).toBeGreaterThan(3);
    const verified = await site.run('audit', 'verify', file);
    expect(verified.code).toBe(0);
    expect(verified.stdout).toContain('a slice from record');
  });
});

describe('a lie', () => {
  let original: readonly string[] = [];
  let folder = '';
  let run: Site['run'] | null = null;

  async function verify(name: string, lines: readonly string[]) {
    const file = join(folder, `${name}.jsonl`);
    writeFileSync(file, `${lines.join('\n')}\n`);
    return run?.('audit', 'verify', file, '--json');
  }

  function rehashed(line: string, change: (record: ChainRecord) => ChainRecord): string {
    const { hash: _hash, ...rest } = change(JSON.parse(line) as ChainRecord);
    return canonical({ ...rest, hash: sha256(canonical(rest)) });
  }

  test('in an export is found, and the first bad record is named', async () => {
    const site = await siteWithHistory();
    ({ folder, run } = site);
    original = linesOf(await exported(site));
    const at = original.findIndex((line) => (JSON.parse(line) as ChainRecord).kind === 'evaluation');
    const seq = at + 1;
    const edited = (change: (lines: string[]) => void): string[] => {
      const lines = [...original];
      change(lines);
      return lines;
    };
    const kinder = (record: ChainRecord): ChainRecord => ({
      ...record,
      body: { ...record.body, verdict: 'ok' },
    });
    const lies: { readonly [name: string]: { readonly lines: string[]; readonly seq: number | null } } = {
      'a word': {
        lines: edited((lines) => lines.splice(at, 1, original[at]?.replace('breach', 'branch') ?? '')),
        seq,
      },
      'a word and its hash': {
        lines: edited((lines) => lines.splice(at, 1, rehashed(original[at] ?? '', kinder))),
        seq: seq + 1,
      },
      'a record left out': { lines: edited((lines) => lines.splice(at, 1)), seq },
      'two records in another order': {
        lines: edited((lines) => lines.splice(at, 2, original[at + 1] ?? '', original[at] ?? '')),
        seq,
      },
      'a record twice': { lines: edited((lines) => lines.splice(at, 0, original[at] ?? '')), seq },
      'a blank that canonical JSON has not': {
        lines: edited((lines) => lines.splice(at, 1, original[at]?.replace('{', '{ ') ?? '')),
        seq,
      },
    };
    for (const [name, lie] of Object.entries(lies)) {
      const answer = await verify(name, lie.lines);
      expect([name, answer?.code]).toEqual([name, 2]);
      expect([name, answer?.json()]).toEqual([
        name,
        expect.objectContaining({ intact: false, seq: lie.seq, why: expect.stringMatching(/.{10}/) }),
      ]);
    }
    const halfLine = await verify('half', [...original.slice(0, -1), original.at(-1)?.slice(0, 40) ?? '']);
    expect(halfLine?.code).toBe(2);
  });

  test('that rewrites the whole rest of the chain is found at the next signature', async () => {
    const site = await siteWithHistory();
    ({ folder, run } = site);
    original = linesOf(await exported(site));
    const at = original.findIndex((line) => (JSON.parse(line) as ChainRecord).kind === 'evaluation');
    let prev = (JSON.parse(original[at] ?? '') as ChainRecord).prev;
    const forged = original.map((line, index) => {
      if (index < at) return line;
      const made = rehashed(line, (record) => {
        const body =
          index === at
            ? { ...record.body, verdict: 'ok' }
            : record.kind === 'checkpoint'
              ? { ...record.body, head: prev }
              : record.body;
        return { ...record, prev, body };
      });
      prev = (JSON.parse(made) as ChainRecord).hash;
      return made;
    });
    expect(faultOfChain(forged.map((line) => JSON.parse(line) as ChainRecord))).toBeNull();
    const answer = await verify('rewritten', forged);
    expect(answer?.code).toBe(2);
    const checkpoint = forged.findIndex(
      (line, index) => index > at && (JSON.parse(line) as ChainRecord).kind === 'checkpoint',
    );
    expect(answer?.json()).toMatchObject({ intact: false, seq: checkpoint + 1 });
  });

  test('in the store itself is found by audit verify', async () => {
    const { site, daemon } = await approvedSite();
    await badDay(site);
    await daemon.wake();
    await daemon.stop();
    expect((await site.run('audit', 'verify')).code).toBe(0);
    const database = new DatabaseSync(join(site.folder, 'state/driftwarden.db'));
    onTestFinished(() => {
      if (database.isOpen) database.close();
    });
    const lie = `UPDATE audit SET line = CAST(replace(CAST(line AS TEXT), '"verdict":"breach"', '"verdict":"ok"') AS BLOB) WHERE kind = 'evaluation'`;
    expect(() => database.exec(lie)).toThrow('audit records are never changed');
    database.exec('DROP TRIGGER audit_never_updated');
    expect(database.prepare(lie).run()).toMatchObject({ changes: 1 });
    database.close();
    const verified = await site.run('audit', 'verify', '--json');
    expect(verified.code).toBe(2);
    expect(verified.json()).toMatchObject({ intact: false });
    const { seq } = verified.json() as { seq: number };
    const text = await site.run('audit', 'verify');
    expect(text.stdout).toContain(`BROKEN at record ${seq} `);
  });
});

test('an export never overwrites, and says so', async () => {
  const site = await siteWithHistory();
  const file = await exported(site);
  const before = readFileSync(file, 'utf8');
  const again = await site.run('audit', 'export', '--out', file);
  expect(again.code).toBe(4);
  expect(again.stderr).toContain(file);
  expect(readFileSync(file, 'utf8')).toBe(before);
  const missing = await site.run('audit', 'verify', join(site.folder, 'nowhere.jsonl'));
  expect([missing.code, missing.stderr]).toEqual([4, expect.stringContaining('nowhere.jsonl')]);
});
