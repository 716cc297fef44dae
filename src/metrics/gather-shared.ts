import type { AuditKind, AuditRecord } from '../audit/record.ts';
import type { Config } from '../config/config.ts';
import type { OutboxMessage } from '../exceptions/exception.ts';
import type { Counter, Store } from '../store/store.ts';
import { canonicalLabels } from './counters.ts';
import type { AuditFacts, DeskFacts } from './facts.ts';
import type { CounterName } from './families.ts';

/** How far back a first reading looks for a checkpoint. */
const LOOK_BACK_RECORDS = 1000;
const PAGE = 100;

/** Desks of the configuration, and those that were taken out of it while changes still wait for them. */
export function deskFacts(
  config: Config,
  counters: readonly Counter[],
  waiting: readonly OutboxMessage[],
): readonly DeskFacts[] {
  const total = (name: CounterName, desk: string): number =>
    counters.find((entry) => entry.name === name && entry.labels === canonicalLabels({ desk }))?.value ?? 0;
  const desks = new Set([...Object.keys(config.ticketDesks), ...waiting.map((message) => message.desk)]);
  return [...desks].map((desk) => {
    const queued = waiting.filter((message) => message.desk === desk);
    return {
      desk,
      deliveries: total('ticket_deliveries_total', desk),
      failures: total('ticket_delivery_failures_total', desk),
      waiting: queued.length,
      oldestQueued:
        queued.length > 0 ? Math.min(...queued.map((message) => Date.parse(message.queuedAt))) : null,
    };
  });
}

/**
 * Records by kind since the first reading: the chain can be long, and a counter may begin at 0 with the process.
 * Only the newest checkpoint is looked for in what was there before.
 */
export async function auditFacts(store: Store, before: AuditFacts | null): Promise<AuditFacts> {
  const head = (await store.auditHead())?.seq ?? 0;
  if (before !== null) return addRecords(before, await recordsAfter(store, before.seq, head));
  const looked = await recordsAfter(store, Math.max(0, head - LOOK_BACK_RECORDS), head);
  return { ...addRecords({ seq: head, records: {}, lastCheckpoint: null }, looked), records: {} };
}

async function recordsAfter(store: Store, from: number, head: number): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for (let seq = from; seq < head; seq = records.at(-1)?.seq ?? head) {
    const page = await store.auditFrom(seq + 1, PAGE);
    if (page.length === 0) break;
    records.push(...page);
  }
  return records;
}

function addRecords(facts: AuditFacts, added: readonly AuditRecord[]): AuditFacts {
  const records: { [kind in AuditKind]?: number } = { ...facts.records };
  for (const { kind } of added) records[kind] = (records[kind] ?? 0) + 1;
  const checkpoint = added.findLast((record) => record.kind === 'checkpoint');
  return {
    seq: added.at(-1)?.seq ?? facts.seq,
    records,
    lastCheckpoint: checkpoint === undefined ? facts.lastCheckpoint : Date.parse(checkpoint.time),
  };
}
