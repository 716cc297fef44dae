import { z } from 'zod';
import type { ChangedBy } from '../rollback/changed-by.ts';
import type { Standing } from '../rollback/conformance.ts';
import type { Store } from '../store/store.ts';

const Stored = z.object({
  about: z.string(),
  asked: z.int(),
  final: z.boolean(),
  sentence: z.string(),
});

const factOf = (key: string): string => `changed_by:${key}`;

/** What is remembered of who it was, as a fact under `key`, which holds only for what it is about. */
export function changedByFact(key: string, about: string, known: ChangedBy): { [name: string]: string } {
  return { [factOf(key)]: JSON.stringify({ about, ...known }) };
}

/** Null: the log has not been asked about that. Throws StoreError. */
export async function recallChangedBy(
  key: string,
  about: string,
  store: Pick<Store, 'fact'>,
): Promise<ChangedBy | null> {
  const fact = await store.fact(factOf(key));
  const stored = fact === null ? null : Stored.parse(JSON.parse(fact));
  return stored?.about === about ? stored : null;
}

export function aboutStanding({ serving, champion, since }: Standing): string {
  return JSON.stringify([serving, champion, since]);
}
