import type { FreezeConfig } from '../../config/config.ts';
import { lastStart, parseCron } from '../../windows/cron.ts';
import type { FreezeInForce } from './facts.ts';

/**
 * The freeze that holds longest of those that are on; null when none is. A freeze lasts from each minute its cron line
 * names, `duration` long, the end excluded. One that is on denies, whatever the others say.
 */
export function freezeInForce(freezes: readonly FreezeConfig[], now: number): FreezeInForce | null {
  const on = freezes.flatMap(({ cron, duration, timezone, reason }) => {
    const line = parseCron(cron);
    if (line === null) throw new Error(`the freeze "${cron}" was accepted and is no cron line`);
    const start = lastStart(line, timezone, { after: now - duration, now });
    return start === null ? [] : [{ until: start + duration, reason }];
  });
  return on.sort((a, b) => b.until - a.until)[0] ?? null;
}
