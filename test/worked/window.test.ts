import { afterAll, beforeAll, expect, test } from 'vitest';
import { canonicalHash } from '../../src/audit/canonical.ts';
import { canonical, faultOfChain, sha256, signatureHolds } from '../daemon/support/canonical.ts';
import { checkKey, differences, type Fields, missingInOrder } from './compare.ts';
import { type Evaluation, renamed, windowStory } from './fixture.ts';
import { missingSamples } from './samples.ts';
import { auditOf, openSite, type Site, storyClock } from './site.ts';

const { given, expected } = windowStory();

interface Produced {
  readonly site: Site;
  readonly evaluation: Evaluation;
  readonly hash: string;
  /** The program's identifiers and the story's names for them. */
  readonly names: readonly (readonly [string, string])[];
}

/** One wake-up of the daemon on the lake of the story. */
async function produce(): Promise<Produced> {
  const site = await openSite({ given, now: storyClock(given.now) });
  await site.daemon.wake();
  const { store } = site.daemon.app;
  const [stored] = await store.evaluations({ model: 'credit_pd', limit: 2 });
  const [exception] = await store.exceptions({ model: 'credit_pd' });
  if (stored === undefined || exception === undefined) throw new Error('the window left nothing behind');
  const evaluation = stored.record as unknown as Evaluation;
  const { baseline } = expected.evaluation;
  return {
    site,
    evaluation,
    hash: stored.hash,
    names: [
      [evaluation.evaluation, expected.evaluation.evaluation],
      [evaluation.baseline.id, baseline.id],
      [evaluation.baseline.hash, baseline.hash],
      [exception.id, expected.exception.id],
      [stored.hash, expected.evaluationHash],
    ],
  };
}

let produced: Produced;

beforeAll(async () => {
  produced = await produce();
});

afterAll(() => produced.site.close());

/** Statistics that decide, on features and predictions: of these there are no others than expected. */
function decides({ check, method, breach }: Fields): boolean {
  const judged = ['drift', 'prediction'].includes(String(check)) && breach !== null;
  return judged && ['psi', 'ks'].includes(String(method));
}

test('the baseline is frozen as worked out', async () => {
  const { site, evaluation, names } = produced;
  const baseline = await site.daemon.app.store.baseline(evaluation.baseline.id);
  expect(differences(expected.baseline, renamed(baseline, names))).toEqual([]);
  expect(sha256(canonical(baseline?.content))).toBe(evaluation.baseline.hash);
});

test('the evaluation has the cells, numbers and verdicts worked out, and judges nothing else', async () => {
  const { evaluation, hash, names } = produced;
  expect(differences(expected.evaluation, renamed(evaluation, names))).toEqual([]);
  const keys = (checks: readonly Fields[]): readonly string[] => checks.filter(decides).map(checkKey).sort();
  expect(keys(evaluation.checks)).toEqual(keys(expected.evaluation.checks));
  expect(sha256(canonical(evaluation))).toBe(hash);
});

test('the exception is opened for the owner and due as worked out; what is only a warning is no part of it', async () => {
  const { site, names } = produced;
  const cases = await site.daemon.app.store.exceptions({ model: 'credit_pd' });
  expect(cases).toHaveLength(1);
  expect(differences(expected.exception, renamed(cases[0], names))).toEqual([]);
  expect(cases[0]?.subCauses).not.toContain('drift');
});

test('the audit chain tells it in the order worked out, and holds', async () => {
  const { site, evaluation, hash, names } = produced;
  const records = await auditOf(site);
  expect(faultOfChain(records)).toBeNull();
  const told = renamed(records, names).map(({ kind, time, body }) => ({ kind, time, body }));
  const wanted = expected.audit.map(({ kind, time, body }) => ({ kind, time, body }));
  const ofTheRun = wanted.filter(({ kind }) => !['genesis', 'config', 'checkpoint'].includes(kind));
  expect(missingInOrder(ofTheRun, told, recordKey)).toEqual([]);

  const record = records.find(({ kind }) => kind === 'evaluation')?.body;
  const { hash: recorded, checks, ...rest } = record ?? {};
  expect(recorded).toBe(hash);
  const quiet = (check: Fields): Fields => (check['verdict'] === 'ok' ? { ...check, cells: null } : check);
  expect({ ...rest, checks }).toEqual({ ...evaluation, checks: evaluation.checks.map(quiet) });

  const [genesis, checkpoint] = [records[0], records.at(-1)];
  const key = String(expected.audit[0]?.body['publicKey']);
  expect(genesis?.body['publicKey']).toBe(key);
  expect(checkpoint?.kind).toBe('checkpoint');
  expect(checkpoint !== undefined && signatureHolds(checkpoint, key)).toBe(true);
});

/** A verdict is told from others by its check and version; of the other kinds there is one each. */
function recordKey({ kind, body }: Fields): string {
  const { check, version } = body as Fields;
  return kind === 'verdict' ? `verdict ${String(check)} ${String(version)}` : String(kind);
}

test('/metrics shows what was worked out', async () => {
  const { site } = produced;
  expect(missingSamples(expected.metrics, await site.scrape())).toEqual([]);
});

test('the hash of the evaluation in the story is the one this program and this test compute', () => {
  expect(canonicalHash(expected.evaluation)).toBe(expected.evaluationHash);
  expect(sha256(canonical(expected.evaluation))).toBe(expected.evaluationHash);
});
