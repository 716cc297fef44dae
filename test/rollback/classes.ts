import type { Seen } from '../../src/rollback/world.ts';
import type { Endpoint } from '../../src/serving/serving.ts';
import { anEndpoint, anEntity, seen, shiftedEndpoint, unseen } from './support.ts';

const unready = [anEntity('7'), anEntity('6', { ready: false })];

/** Every kind of endpoint a step can meet, by how it stands to the plan of `support.ts` (7 to 6, version 11 to 12). */
export const ENDPOINTS: { readonly [name: string]: Seen<Endpoint> } = {
  before: seen(anEndpoint()),
  before_busy: seen(anEndpoint({ update: 'in_progress', pending: true })),
  before_pending: seen(anEndpoint({ pending: true })),
  before_failed: seen(anEndpoint({ update: 'failed', pending: true })),
  before_canceled: seen(anEndpoint({ update: 'canceled' })),
  before_target_unready: seen(anEndpoint({ entities: unready })),
  before_endpoint_unready: seen(anEndpoint({ ready: false })),
  after: seen(shiftedEndpoint()),
  after_busy: seen(shiftedEndpoint({ update: 'in_progress' })),
  after_failed: seen(shiftedEndpoint({ update: 'failed' })),
  after_target_unready: seen(shiftedEndpoint({ entities: unready })),
  after_endpoint_unready: seen(shiftedEndpoint({ ready: false })),
  other_routes: seen(anEndpoint({ configVersion: 12, routes: { 'pd-7': 50, 'pd-6': 50 } })),
  other_version: seen(anEndpoint({ configVersion: 12 })),
  reverted: seen(anEndpoint({ configVersion: 13 })),
  after_and_again: seen(shiftedEndpoint({ configVersion: 13 })),
  entity_gone: seen(shiftedEndpoint({ entities: [anEntity('6')], routes: { 'pd-6': 100 } })),
  entity_added: seen(shiftedEndpoint({ entities: [anEntity('7'), anEntity('6'), anEntity('8')] })),
  entity_replaced: seen(shiftedEndpoint({ entities: [anEntity('7'), anEntity('8', { name: 'pd-6' })] })),
  unread: unseen(),
  missing: unseen({ missing: true }),
};

/** Every kind of champion alias: as before, as wanted, another version, gone, not to be read. */
export const ALIASES: { readonly [name: string]: Seen<string | null> } = {
  before: seen('7'),
  after: seen('6'),
  other: seen('5'),
  gone: seen(null),
  unread: unseen(),
};
