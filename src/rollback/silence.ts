import { z } from 'zod';
import { isoTime } from '../clock.ts';
import { type Claim, Refused } from '../operations.ts';
import type { Change, Store } from '../store/store.ts';

/**
 * A person's word that the alarms of a model are known for a while, as for planned work: it is judged and told as ever,
 * and nothing is rolled back. Times are ISO domain times; `until` is excluded.
 */
export interface Silence {
  readonly model: string;
  readonly until: string;
  readonly by: string;
  readonly identity: 'claimed' | 'verified';
  readonly reason: string | null;
  readonly at: string;
}

const Stored = z.object({
  model: z.string(),
  until: z.string(),
  by: z.string(),
  identity: z.enum(['claimed', 'verified']),
  reason: z.string().nullable(),
  at: z.string(),
});

const factOf = (model: string): string => `silence:${model}`;

/** The silence of a model that is on; null when there is none, when it was lifted and when it has run out. */
export async function silenceOf(
  store: Pick<Store, 'fact'>,
  model: string,
  now: number,
): Promise<Silence | null> {
  const text = await store.fact(factOf(model));
  if (text === null) return null;
  const silence: Silence = Stored.parse(JSON.parse(text));
  return now < Date.parse(silence.until) ? silence : null;
}

/** Silences a model until a time, in place of an earlier silence; `until` null lifts it now. Refused for a time that has passed. */
export function silenceChange(
  request: { readonly model: string; readonly until: number | null; readonly claim: Claim },
  now: number,
): { readonly silence: Silence; readonly change: Change } {
  const { model, until, claim } = request;
  if (until !== null && until <= now) {
    throw new Refused(`A silence until ${isoTime(until)} would be over already: give a later time.`);
  }
  const { by, identity, reason } = claim;
  const silence: Silence = { model, until: isoTime(until ?? now), by, identity, reason, at: isoTime(now) };
  const action = until === null ? 'unsilence' : 'silence';
  return {
    silence,
    change: {
      audit: [
        {
          kind: 'override',
          body: { subject: model, action, until: silence.until, by, identity, reason },
        },
      ],
      facts: { [factOf(model)]: JSON.stringify(silence) },
    },
  };
}
