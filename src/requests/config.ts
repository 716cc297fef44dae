import type { Config } from '../config/config.ts';
import { ownersWithoutDesk } from '../exceptions/owner.ts';
import type { Logger } from '../log.ts';
import type { Store } from '../store/store.ts';

/** A configuration that comes into force is on the record, once, with the one before it; what in it reaches nobody is in the log. */
export async function noteConfig(
  store: Store,
  config: Config,
  note: {
    readonly by: string;
    /** Null: as it was. */
    readonly simulated: boolean | null;
    readonly logger: Logger;
  },
): Promise<void> {
  const before = await store.fact('config_hash');
  const simulated = note.simulated === null ? {} : { simulated: note.simulated ? '1' : '0' };
  const changed = before !== config.hash;
  const body = { hash: config.hash, before, by: note.by, changed: before !== null && changed };
  await store.commit({
    facts: { config_hash: config.hash, ...simulated },
    audit: changed ? [{ kind: 'config', body }] : [],
  });
  const silent = ownersWithoutDesk(config);
  if (silent.length > 0)
    note.logger.warn(
      { owners: silent },
      'these owners have no ticketDesk and owners.default has none: their exceptions are on the pages only, nobody is sent anything; add owners.default.ticketDesk',
    );
}
