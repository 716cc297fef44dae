import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hashOf } from '../../src/audit/chain.ts';
import type { CheckpointPolicy } from '../../src/audit/checkpoint.ts';
import type { AuditEntry } from '../../src/audit/record.ts';
import { verifyStore } from '../../src/audit/verify.ts';
import { FINAL_STATES, ROLLBACK_STATES } from '../../src/rollback/rollback.ts';
import { StaleWrite, type Store } from '../../src/store/store.ts';
import {
  baselineOf,
  DAY,
  DAY_1,
  evaluationOf,
  exceptionOf,
  holdOf,
  messageOf,
  policy,
  rollbackOf,
  statusOf,
} from './store-records.ts';

export interface StoreUnderTest {
  readonly store: Store;
  /** Sets the domain time, milliseconds. */
  setTime(now: number): void;
  /** Closes the store and opens what is stored anew. Null where nothing is kept: then no test asks for it. */
  readonly reopen: (() => Promise<Store>) | null;
  dispose(): Promise<void>;
}

export interface StoreKind {
  readonly name: string;
  /** Whether what is committed outlives the store object. */
  readonly persistent: boolean;
}

export interface StoreSetting {
  /** Domain time of the start. */
  readonly now: number;
  readonly checkpointEvery: CheckpointPolicy;
}

const NEVER: CheckpointPolicy = { records: 1_000_000 };
const note = (text: string): AuditEntry => ({ kind: 'override', body: { subject: text } });

/** What every implementation of the store port does. `make` gives a new, empty store. */
export function describeStore(
  kind: StoreKind,
  make: (setting: StoreSetting) => Promise<StoreUnderTest>,
): void {
  describe(`store: ${kind.name}`, () => {
    let subject: StoreUnderTest;
    let store: Store;

    async function start(checkpointEvery: CheckpointPolicy): Promise<void> {
      subject = await make({ now: DAY_1, checkpointEvery });
      store = subject.store;
    }

    beforeEach(() => start(NEVER));
    afterEach(() => subject.dispose());

    describe('audit chain', () => {
      test('begins with a genesis record that names the public key', async () => {
        const [genesis, ...more] = await store.auditFrom(1, 10);
        expect(more).toEqual([]);
        expect(genesis).toMatchObject({
          seq: 1,
          kind: 'genesis',
          prev: '0'.repeat(64),
          time: '2026-03-02T00:00:00.000Z',
        });
        expect(genesis?.body['publicKey']).toContain('BEGIN PUBLIC KEY');
      });

      test('every entry gets the next place, the hash of the one before, and the domain time', async () => {
        const before = await store.auditHead();
        subject.setTime(DAY_1 + 1);
        const records = await store.commit({ audit: [note('a'), note('b')] });
        expect(records.map((record) => record.seq)).toEqual([2, 3]);
        expect(records[0]?.prev).toBe(before?.hash);
        expect(records[1]?.prev).toBe(records[0]?.hash);
        expect(records.map(hashOf)).toEqual(records.map((record) => record.hash));
        expect(records[1]?.time).toBe('2026-03-02T00:00:00.001Z');
        expect(await store.auditHead()).toEqual({ seq: 3, hash: records[1]?.hash });
        expect(await store.auditFrom(2, 10)).toEqual(records);
      });

      test('pages by seq and limit, records and lines alike', async () => {
        await store.commit({ audit: [note('a'), note('b'), note('c')] });
        expect((await store.auditFrom(2, 2)).map((record) => record.seq)).toEqual([2, 3]);
        const lines = await store.auditLines(4, 10);
        expect(lines).toHaveLength(1);
        expect(JSON.parse(lines[0] ?? '')).toEqual((await store.auditFrom(4, 1))[0]);
        expect(await store.auditLines(5, 10)).toEqual([]);
      });

      test('a body that is no JSON refuses the whole change and says where', async () => {
        const change = {
          audit: [{ kind: 'override', body: { x: [1, Number.NaN] } } as const],
          facts: { f: '1' },
        };
        await expect(store.commit(change)).rejects.toThrow('NaN at $.x[1]');
        expect(await store.fact('f')).toBeNull();
        expect(await store.auditHead()).toMatchObject({ seq: 1 });
      });

      test('a change without entries appends nothing', async () => {
        expect(await store.commit({ audit: [], facts: { f: '1' } })).toEqual([]);
        expect(await store.auditHead()).toMatchObject({ seq: 1 });
      });

      test('commits at the same time come one after the other', async () => {
        await Promise.all(
          Array.from({ length: 20 }, (_, index) => store.commit({ audit: [note(`${index}`)] })),
        );
        expect(await verifyStore(store)).toMatchObject({ intact: true, records: 21 });
      });
    });

    describe('checkpoints', () => {
      async function remake(policy: CheckpointPolicy): Promise<void> {
        await subject.dispose();
        await start(policy);
      }
      const kinds = async (): Promise<string> =>
        (await store.auditFrom(1, 100)).map((record) => record.kind[0]).join('');

      test('after N records since the last one, counting the genesis record', async () => {
        await remake({ records: 3 });
        await store.commit({ audit: [note('a')] });
        expect(await kinds()).toBe('go');
        const records = await store.commit({ audit: [note('b')] });
        expect(records.map((record) => record.kind)).toEqual(['override', 'checkpoint']);
        for (const text of ['c', 'd']) await store.commit({ audit: [note(text)] });
        expect(await kinds()).toBe('goocoo');
        await store.commit({ audit: [note('e')] });
        expect(await kinds()).toBe('goocoooc');
      });

      test('signs the record before it, and the chain verifies with its own key', async () => {
        await remake({ records: 2 });
        const [last, checkpoint] = await store.commit({ audit: [note('a')] });
        expect(checkpoint?.body).toMatchObject({ head: last?.hash, size: 2 });
        expect(await verifyStore(store)).toMatchObject({ intact: true, checkpoints: 1, signatures: 1 });
      });

      test('after M milliseconds of domain time: not one before, then at', async () => {
        await remake({ milliseconds: 600_000 });
        subject.setTime(DAY_1 + 599_999);
        await store.commit({ audit: [note('a')] });
        expect(await kinds()).toBe('go');
        subject.setTime(DAY_1 + 600_000);
        await store.commit({ audit: [note('b')] });
        expect(await kinds()).toBe('gooc');
        await store.commit({ audit: [note('c')] });
        expect(await kinds()).toBe('gooco');
      });

      test('what is overdue is signed by the next change, also by one without entries', async () => {
        await remake({ milliseconds: 10 });
        await store.commit({ audit: [note('a')] });
        subject.setTime(DAY_1 + 10);
        const records = await store.commit({ audit: [], facts: { f: '1' } });
        expect(records.map((record) => record.kind)).toEqual(['checkpoint']);
      });

      test('time alone signs nothing twice', async () => {
        await remake({ milliseconds: 10 });
        subject.setTime(DAY_1 + 10);
        await store.commit({ audit: [note('a')] });
        subject.setTime(DAY_1 + 1000);
        expect(await store.commit({ audit: [], facts: { f: '1' } })).toEqual([]);
        expect(await kinds()).toBe('goc');
      });
    });

    describe('evaluations', () => {
      const put = (...args: Parameters<typeof evaluationOf>) => {
        const record = evaluationOf(...args);
        return store.commit({ audit: [], evaluation: { record, hash: record.evaluation, endedAt: 'x' } });
      };

      test('come back as they were, by id and newest window first', async () => {
        await put('m', DAY_1);
        await put('m', DAY_1 + DAY);
        await put('other', DAY_1);
        const record = evaluationOf('m', DAY_1);
        expect(await store.evaluation(record.evaluation)).toEqual({
          record,
          hash: record.evaluation,
          endedAt: 'x',
        });
        expect(await store.evaluation('nothing')).toBeNull();
        const ends = (await store.evaluations({ model: 'm', limit: 10 })).map(
          (stored) => stored.record.window.end,
        );
        expect(ends).toEqual(['2026-03-03T00:00:00.000Z', '2026-03-02T00:00:00.000Z']);
        expect(await store.evaluations({ model: 'm', limit: 1 })).toHaveLength(1);
      });

      test('keep what they cost beside the record, which stays as it was hashed', async () => {
        const record = evaluationOf('m', DAY_1);
        const stored = { record, hash: 'h', endedAt: 'x', cost: { statements: 3, seconds: 0.25 } };
        await store.commit({ audit: [], evaluation: stored });
        expect(await store.evaluation(record.evaluation)).toEqual(stored);
        expect(await store.revisions('m', DAY_1)).toEqual([stored]);
      });

      test('windows after a release are found by id and in a list of their own, also where both end together', async () => {
        await put('m', DAY_1);
        const record = { ...evaluationOf('m', DAY_1, { id: 'ev-bake' }), bake: { version: '8', since: 'x' } };
        const stored = { record, hash: 'h', endedAt: 'x' };
        await store.commit({ audit: [], bake: stored });
        await store.commit({ audit: [], bake: stored });
        expect(await store.evaluation('ev-bake')).toEqual(stored);
        expect(await store.evaluations({ model: 'm', limit: 9, series: 'bake' })).toEqual([stored]);
        expect(await store.evaluations({ model: 'other', limit: 9, series: 'bake' })).toEqual([]);
        const own = (await store.evaluations({ model: 'm', limit: 9 })).map((each) => each.record.evaluation);
        expect(own).toEqual([evaluationOf('m', DAY_1).evaluation]);
        expect(await store.revisions('m', DAY_1)).toHaveLength(1);
        const { check, version } = record.policy[0] ?? { check: '', version: '' };
        expect(await store.verdicts({ model: 'm', check, version, limit: 9 })).toHaveLength(1);
        const other = { ...stored, record: { ...record, evaluation: 'ev-other' } };
        await expect(store.commit({ audit: [], bake: other })).rejects.toThrow(StaleWrite);
      });

      test('`before` leaves out the window that ends there', async () => {
        for (const day of [0, 1, 2]) await put('m', DAY_1 + day * DAY);
        const ends = (before: number) =>
          store.evaluations({ model: 'm', limit: 10, before }).then((found) => found.length);
        expect([await ends(DAY_1 + DAY - 1), await ends(DAY_1 + DAY), await ends(DAY_1 + DAY + 1)]).toEqual([
          1, 1, 2,
        ]);
      });

      test('only the newest revision of a window is listed; all are kept', async () => {
        await put('m', DAY_1, { revision: 0 });
        await put('m', DAY_1, { revision: 1 });
        expect(
          (await store.evaluations({ model: 'm', limit: 9 })).map((each) => each.record.revision),
        ).toEqual([1]);
        expect((await store.revisions('m', DAY_1)).map((each) => each.record.revision)).toEqual([1, 0]);
        expect(await store.revisions('m', DAY_1 + 1)).toEqual([]);
      });

      test('the same evaluation again changes nothing', async () => {
        const record = evaluationOf('m', DAY_1);
        await store.commit({ audit: [], evaluation: { record, hash: 'h', endedAt: 'first' } });
        await store.commit({ audit: [], evaluation: { record, hash: 'h', endedAt: 'second' } });
        expect(await store.evaluation(record.evaluation)).toMatchObject({ endedAt: 'first' });
      });

      test('an attempt that ended in error gives way, with its verdicts', async () => {
        await put('m', DAY_1, {
          verdict: 'error',
          policy: [policy({ check: 'data', kind: 'data', verdict: 'error' })],
        });
        const record = evaluationOf('m', DAY_1, { verdict: 'warn' });
        await store.commit({ audit: [], evaluation: { record, hash: 'h2', endedAt: 'later' } });
        expect(await store.revisions('m', DAY_1)).toEqual([{ record, hash: 'h2', endedAt: 'later' }]);
        expect(await store.verdicts({ model: 'm', check: 'data', version: 'all', limit: 9 })).toEqual([]);
        expect(await store.verdicts({ model: 'm', check: 'drift', version: 'all', limit: 9 })).toHaveLength(
          1,
        );
      });

      test.each(['ok', 'warn', 'breach', 'insufficient', 'no_data', 'stale'] as const)(
        'a stored %s is never replaced by another content',
        async (verdict) => {
          await put('m', DAY_1, { verdict });
          const record = evaluationOf('m', DAY_1, { verdict: 'ok' });
          const change = { audit: [note('x')], evaluation: { record, hash: 'other', endedAt: 'later' } };
          await expect(store.commit(change)).rejects.toBeInstanceOf(StaleWrite);
          expect((await store.evaluation(record.evaluation))?.record.verdict).toBe(verdict);
          expect(await store.auditHead()).toMatchObject({ seq: 1 });
        },
      );

      test('another id for the same window and revision is refused, even after an error', async () => {
        await put('m', DAY_1, { verdict: 'error' });
        await expect(put('m', DAY_1, { id: 'another' })).rejects.toBeInstanceOf(StaleWrite);
      });

      test('the same id for another window is refused', async () => {
        await put('m', DAY_1, { id: 'one', verdict: 'error' });
        await expect(put('m', DAY_1 + DAY, { id: 'one' })).rejects.toBeInstanceOf(StaleWrite);
      });
    });

    describe('verdicts', () => {
      const put = (day: number, revision: number, verdicts: ReturnType<typeof policy>[]) => {
        const record = evaluationOf('m', DAY_1 + day * DAY, { revision, policy: verdicts });
        return store.commit({ audit: [], evaluation: { record, hash: 'h', endedAt: 'x' } });
      };
      const drift = (limit = 9, version = 'all') =>
        store.verdicts({ model: 'm', check: 'drift', version, limit });

      test('of one check and version, newest window first, with what decided', async () => {
        await put(0, 0, [
          policy({ verdict: 'ok' }),
          policy({ check: 'prediction', version: '7', verdict: 'warn' }),
        ]);
        await put(1, 0, [policy({ verdict: 'breach', worst: 'income' })]);
        expect(await drift()).toEqual([
          {
            windowEnd: DAY_1 + DAY,
            revision: 0,
            verdict: 'breach',
            evaluation: 'm-2026-03-03-0',
            worst: 'income',
          },
          { windowEnd: DAY_1, revision: 0, verdict: 'ok', evaluation: 'm-2026-03-02-0', worst: null },
        ]);
        expect(await drift(1)).toHaveLength(1);
        expect(await drift(9, '7')).toEqual([]);
      });

      test('a newer revision stands for the window, also where it has no such verdict', async () => {
        await put(0, 0, [policy({ verdict: 'breach' })]);
        await put(0, 1, [policy({ verdict: 'ok' })]);
        expect((await drift()).map((each) => [each.revision, each.verdict])).toEqual([[1, 'ok']]);
        await put(0, 2, [policy({ check: 'data', kind: 'data' })]);
        expect(await drift()).toEqual([]);
      });
    });

    describe('what is known of a model', () => {
      test('progress, replaced as a whole', async () => {
        expect(await store.progress('m')).toBeNull();
        const progress = { model: 'm', windowEnd: DAY_1, firstStart: DAY_1 - DAY, unknownSince: DAY_1 };
        await store.commit({ audit: [], progress });
        expect(await store.progress('m')).toEqual(progress);
        await store.commit({ audit: [], progress: { ...progress, unknownSince: null } });
        expect(await store.progress('m')).toEqual({ ...progress, unknownSince: null });
      });

      test('status, one per model, by name', async () => {
        await store.commit({ audit: [], status: statusOf('b') });
        await store.commit({ audit: [], status: statusOf('a') });
        await store.commit({ audit: [], status: statusOf('b', { trouble: 'registry: 503' }) });
        expect(await store.statuses()).toEqual([statusOf('a'), statusOf('b', { trouble: 'registry: 503' })]);
      });

      test('check states, by model and key, any JSON', async () => {
        const state = { logE: [-0.25, 1e-300], since: null };
        const one = { model: 'm', key: 'drift|income|psi|all|all', windowEnd: DAY_1, state };
        await store.commit({
          audit: [],
          checkStates: [one, { ...one, key: 'b' }, { ...one, model: 'other' }],
        });
        await store.commit({ audit: [], checkStates: [{ ...one, windowEnd: DAY_1 + DAY }] });
        expect(await store.checkStates('m')).toEqual([
          { ...one, key: 'b' },
          { ...one, windowEnd: DAY_1 + DAY },
        ]);
      });

      test('served versions keep their first sighting', async () => {
        const seen = { model: 'm', entity: 'e', version: '7', firstSeen: '2026-03-02T00:00:00.000Z' };
        await store.commit({ audit: [], served: [seen] });
        await store.commit({
          audit: [],
          served: [
            { ...seen, firstSeen: '2026-03-05T00:00:00.000Z' },
            { ...seen, version: '8', firstSeen: '2026-03-05T00:00:00.000Z' },
          ],
        });
        expect(await store.servedVersions('m')).toEqual([
          seen,
          { ...seen, version: '8', firstSeen: '2026-03-05T00:00:00.000Z' },
        ]);
        expect(await store.servedVersions('other')).toEqual([]);
      });

      test('baselines: the state may change, the content may not', async () => {
        const draft = baselineOf('b1');
        const later = baselineOf('b2', { hash: 'e'.repeat(64), frozenAt: '2026-04-01T00:00:00.000Z' });
        await store.commit({ audit: [], baselines: [draft, later] });
        const approved = { ...draft, state: 'approved', approvedBy: 'ann', approvedAt: 'x' } as const;
        await store.commit({ audit: [], baselines: [approved] });
        expect(await store.baseline('b1')).toEqual(approved);
        expect(await store.baseline('b3')).toBeNull();
        expect((await store.baselines('credit_pd')).map((each) => each.id)).toEqual(['b2', 'b1']);
        const forged = { ...draft, hash: 'f'.repeat(64) };
        await expect(store.commit({ audit: [], baselines: [forged] })).rejects.toThrow('another content');
      });
    });

    describe('exceptions', () => {
      test('a new one has rev 0 when given, 1 when stored; each write adds one', async () => {
        await store.commit({ audit: [], exceptions: [exceptionOf('e1')] });
        const first = await store.exception('e1');
        expect(first).toEqual(exceptionOf('e1', { rev: 1 }));
        await store.commit({ audit: [], exceptions: [exceptionOf('e1', { rev: 1, state: 'acknowledged' })] });
        expect(await store.exception('e1')).toMatchObject({ rev: 2, state: 'acknowledged' });
        expect(await store.exception('e2')).toBeNull();
      });

      test.each([
        ['read before the last write', 1],
        ['from the future', 3],
        ['new, but the id is taken', 0],
      ])('a write of a record %s is stale and changes nothing at all', async (_, rev) => {
        await store.commit({ audit: [], exceptions: [exceptionOf('e1')] });
        await store.commit({ audit: [], exceptions: [exceptionOf('e1', { rev: 1 })] });
        const stale = exceptionOf('e1', { rev, title: 'stale' });
        const change = { audit: [note('x')], exceptions: [stale], facts: { f: '1' } };
        await expect(store.commit(change)).rejects.toBeInstanceOf(StaleWrite);
        expect(await store.exception('e1')).toMatchObject({ rev: 2, title: 'credit_pd drifts' });
        expect([await store.fact('f'), (await store.auditHead())?.seq]).toEqual([null, 1]);
      });

      test('an unknown record with a rev is stale', async () => {
        const change = { audit: [], exceptions: [exceptionOf('e1', { rev: 1 })] };
        await expect(store.commit(change)).rejects.toBeInstanceOf(StaleWrite);
      });

      test('at most one open case per model and cause', async () => {
        await store.commit({ audit: [], exceptions: [exceptionOf('e1')] });
        const second = exceptionOf('e2');
        await expect(store.commit({ audit: [], exceptions: [second] })).rejects.toBeInstanceOf(StaleWrite);
        await store.commit({
          audit: [],
          exceptions: [exceptionOf('e3', { cause: 'data' }), exceptionOf('e4', { model: 'other' })],
        });
        // Opening the successor and closing the case, in whatever order the change lists them.
        await store.commit({
          audit: [],
          exceptions: [second, exceptionOf('e1', { rev: 1, state: 'resolved' })],
        });
        const open = await store.exceptions({ model: 'credit_pd', open: true });
        expect(open.map((each) => each.id)).toEqual(['e2', 'e3']);
        const reopened = exceptionOf('e1', { rev: 2, state: 'reopened' });
        await expect(store.commit({ audit: [], exceptions: [reopened] })).rejects.toBeInstanceOf(StaleWrite);
      });

      test('every state but resolved is open; newest first', async () => {
        const states = ['open', 'acknowledged', 'risk_accepted', 'reopened', 'resolved'] as const;
        const cases = states.map((state, index) =>
          exceptionOf(state, { state, cause: state, openedAt: `2026-03-0${index + 1}T00:00:00.000Z` }),
        );
        await store.commit({ audit: [], exceptions: cases });
        const ids = async (query: { open?: boolean }) =>
          (await store.exceptions(query)).map((each) => each.id);
        expect(await ids({ open: true })).toEqual(['reopened', 'risk_accepted', 'acknowledged', 'open']);
        expect(await ids({ open: false })).toEqual(['resolved']);
        expect(await ids({})).toHaveLength(5);
      });
    });

    describe('rollbacks and holds', () => {
      test('at most one per model that is not final, for every state', async () => {
        await store.commit({ audit: [], rollbacks: [rollbackOf('r0')] });
        let rev = 1;
        for (const state of ROLLBACK_STATES) {
          await store.commit({ audit: [], rollbacks: [rollbackOf('r0', { state, rev })] });
          rev += 1;
          const next = store.commit({
            audit: [],
            rollbacks: [rollbackOf(`after-${state}`, { state: 'done' })],
          });
          await expect(next).resolves.toEqual([]);
          const active = await store.rollbacks({ model: 'credit_pd', active: true });
          expect(active.map((each) => each.id)).toEqual(FINAL_STATES.includes(state) ? [] : ['r0']);
          if (FINAL_STATES.includes(state)) continue;
          const second = store.commit({ audit: [], rollbacks: [rollbackOf('r1')] });
          await expect(second).rejects.toBeInstanceOf(StaleWrite);
        }
        expect(await store.rollbacks({ active: false })).toHaveLength(1 + ROLLBACK_STATES.length);
      });

      test('a rollback ends and the next begins in one change', async () => {
        await store.commit({ audit: [], rollbacks: [rollbackOf('r1')] });
        const ended = rollbackOf('r1', { rev: 1, state: 'superseded' });
        await store.commit({ audit: [], rollbacks: [rollbackOf('r2'), ended] });
        expect((await store.rollbacks({ active: true })).map((each) => each.id)).toEqual(['r2']);
        expect(await store.rollback('r1')).toEqual({ ...ended, rev: 2 });
        expect(await store.rollback('r3')).toBeNull();
      });

      test('the same record twice in one change is stale', async () => {
        const change = { audit: [], rollbacks: [rollbackOf('r1'), rollbackOf('r1')] };
        await expect(store.commit(change)).rejects.toBeInstanceOf(StaleWrite);
        expect(await store.rollback('r1')).toBeNull();
      });

      test('a hold counts until it is released, and may come again', async () => {
        await store.commit({ audit: [], holds: [holdOf('7'), holdOf('8'), holdOf('7', { model: 'other' })] });
        expect(await store.holds('credit_pd')).toEqual([holdOf('7'), holdOf('8')]);
        const released = holdOf('7', { releasedBy: 'ann', releasedAt: 'x', releaseReason: 'fixed' });
        await store.commit({ audit: [], holds: [released] });
        expect(await store.holds('credit_pd')).toEqual([holdOf('8')]);
        await store.commit({ audit: [], holds: [holdOf('7', { rollback: 'r2' })] });
        expect((await store.holds('credit_pd')).map((each) => each.rollback)).toEqual(['r1', 'r2']);
      });
    });

    describe('messages', () => {
      beforeEach(() => store.commit({ audit: [], exceptions: [exceptionOf('e1')] }));

      test('queued once per key, waiting in order of arrival', async () => {
        await store.commit({ audit: [], queue: [messageOf('z'), messageOf('a')] });
        await store.commit({ audit: [], queue: [messageOf('z', { text: 'again' }), messageOf('m')] });
        expect((await store.waiting()).map((each) => each.key)).toEqual(['z', 'a', 'm']);
        expect((await store.messages('e1'))[0]).toEqual(messageOf('z'));
      });

      test('a delivered message waits no more and keeps its place in the story', async () => {
        await store.commit({ audit: [], queue: [messageOf('a'), messageOf('b')] });
        const delivered = messageOf('a', { state: 'delivered', attempts: 2 });
        await store.commit({ audit: [], messages: [delivered] });
        expect(await store.waiting()).toEqual([messageOf('b')]);
        expect(await store.messages('e1')).toEqual([delivered, messageOf('b')]);
        await store.commit({ audit: [], queue: [messageOf('a')] });
        expect(await store.waiting()).toEqual([messageOf('b')]);
      });

      test('an unknown message cannot be updated, an unknown exception not be written about', async () => {
        await expect(store.commit({ audit: [], messages: [messageOf('x')] })).rejects.toThrow('never queued');
        const orphan = messageOf('x', { exception: 'nobody' });
        await expect(store.commit({ audit: [], queue: [orphan] })).rejects.toThrow();
        expect(await store.waiting()).toEqual([]);
      });

      test('a new exception and its message are one change', async () => {
        const exception = exceptionOf('e2', { cause: 'data' });
        await store.commit({
          audit: [],
          exceptions: [exception],
          queue: [messageOf('k', { exception: 'e2' })],
        });
        expect(await store.messages('e2')).toHaveLength(1);
      });
    });

    describe('counters and facts', () => {
      test('increments add up, per name and labels', async () => {
        const one = { name: 'runs', labels: '{"model":"m"}', value: 1 };
        await store.commit({
          audit: [],
          count: [one, { ...one, labels: '{}' }, { ...one, name: 'seconds', value: 0.25 }],
        });
        await store.commit({ audit: [], count: [one, { ...one, name: 'seconds', value: 0.5 }] });
        expect(await store.counters()).toEqual([
          { name: 'runs', labels: '{"model":"m"}', value: 2 },
          { name: 'runs', labels: '{}', value: 1 },
          { name: 'seconds', labels: '{"model":"m"}', value: 0.75 },
        ]);
      });

      test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])(
        'an increment of %s is refused',
        async (value) => {
          const change = { audit: [], count: [{ name: 'runs', labels: '{}', value }] };
          await expect(store.commit(change)).rejects.toThrow('increment');
          expect(await store.counters()).toEqual([]);
        },
      );

      test('facts are replaced', async () => {
        expect(await store.fact('config_hash')).toBeNull();
        await store.commit({ audit: [], facts: { config_hash: 'a', demo: 'running' } });
        await store.commit({ audit: [], facts: { config_hash: 'b' } });
        expect([await store.fact('config_hash'), await store.fact('demo')]).toEqual(['b', 'running']);
      });
    });

    const restart = () =>
      test('everything of a change is there after a restart', async () => {
        if (subject.reopen === null) throw new Error('a persistent store must be able to reopen');
        const record = evaluationOf('credit_pd', DAY_1, { verdict: 'breach' });
        await store.commit({
          audit: [note('before the restart')],
          evaluation: { record, hash: 'h', endedAt: 'x' },
          exceptions: [exceptionOf('e1')],
          rollbacks: [rollbackOf('r1')],
          queue: [messageOf('k')],
          facts: { f: '1' },
        });
        const head = await store.auditHead();
        const again = await subject.reopen();
        expect(await again.auditHead()).toEqual(head);
        expect((await again.evaluations({ model: 'credit_pd', limit: 1 }))[0]?.record).toEqual(record);
        expect(await again.exception('e1')).toEqual(exceptionOf('e1', { rev: 1 }));
        expect(await again.rollback('r1')).toEqual(rollbackOf('r1', { rev: 1 }));
        expect(await again.waiting()).toEqual([messageOf('k')]);
        await again.commit({ audit: [note('after')] });
        expect(await verifyStore(again)).toMatchObject({ intact: true, records: 3 });
      });
    if (kind.persistent) restart();

    test('a closed store refuses, and closing twice is harmless', async () => {
      await store.close();
      await store.close();
      await expect(store.commit({ audit: [] })).rejects.toMatchObject({ reason: 'unavailable' });
      await expect(store.fact('f')).rejects.toThrow('closed');
    });
  });
}
