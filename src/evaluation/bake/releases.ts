import { z } from 'zod';

/** A version that is being watched since it began to take traffic. Times are milliseconds of domain time. */
const Release = z.object({
  version: z.string(),
  since: z.number(),
  /** End of the newest window that was judged; null before the first. */
  lastEnd: z.number().nullable(),
  /** What was usual before it; null until it could be read. */
  reference: z.unknown().nullable(),
});
export type Release = z.infer<typeof Release>;

/** What is remembered from look to look: who had traffic, and which releases are under watch. */
const Releases = z.object({ live: z.array(z.string()), watched: z.array(Release) });
export type Releases = z.infer<typeof Releases>;

export const releasesFact = (model: string): string => `releases:${model}`;

export function releasesFrom(fact: string | null): Releases | null {
  return fact === null ? null : Releases.parse(JSON.parse(fact));
}

/**
 * A version with traffic that had none at the look before is a release, also one that comes back. What is found at the very first look
 * has served for nobody knows how long. A version without traffic is watched no longer.
 */
export function releasesAfter(before: Releases | null, live: readonly string[], since: number): Releases {
  if (before === null) return { live: [...live], watched: [] };
  const kept = before.watched.filter(({ version }) => live.includes(version));
  const fresh = live
    .filter((version) => !before.live.includes(version))
    .map((version) => ({ version, since, lastEnd: null, reference: null }));
  return { live: [...live], watched: [...kept, ...fresh] };
}
