import type { Daemon } from '../../../src/daemon.ts';
import type { Rollback } from '../../../src/rollback/rollback.ts';
import type { Fault, Trouble } from '../../../src/simulator/workspace/faults.ts';
import type { Product } from './estate.ts';
import { registeredName } from './estate.ts';
import { crowd, DAY, MINUTE } from './people.ts';
import { type Fields, type Site, type SiteOptions, siteWithTraining } from './site.ts';

export const GOOD = { rows: 300, version: '2' } as const;
/** The score of version 2 has moved by two standard deviations. */
export const BAD = { rows: 300, version: '2', scoreShift: 2 } as const;

export const AUTO: Fields = { mode: 'auto', on: ['prediction'], breaches: '1 of 1' };
export const APPROVE: Fields = { ...AUTO, mode: 'approve' };

/** Champion and alias both point to the failing version: a rollback has to move both. */
export const PROMOTED: Product = { name: 'credit', aliases: { champion: 2, rollback: 1 } };

/** A site with its daemon, its baselines approved, so that nothing but what the test is about keeps a rollback. */
export async function approvedSite(options: SiteOptions = {}): Promise<{ site: Site; daemon: Daemon }> {
  const products = options.products ?? [{ name: 'credit' }];
  const site = await siteWithTraining({ model: { rollback: AUTO }, ...options, products });
  const names = products.map(({ name }) => name);
  // Rows of long ago: the table is there.
  for (const name of names) await site.day(name, 40, crowd({ ...GOOD, rows: 10, seed: 40 }));
  const daemon = await site.start();
  const claim = { by: 'ana', identity: 'claimed', reason: 'looked at' } as const;
  for (const name of names) {
    const { id } = await daemon.app.operations.freezeBaseline(name, claim);
    await daemon.app.operations.approveBaseline(id, claim);
  }
  return { site, daemon };
}

/** Yesterday went wrong. */
export async function badDay(site: Site, product = 'credit', daysAgo = 1): Promise<void> {
  await site.day(product, daysAgo, crowd({ ...BAD, seed: 70 + daysAgo }));
}

/** Drives until nothing is under way, half a minute of domain time after the other; a dwell goes by in steps of ten minutes. */
export async function settle(site: Site, daemon: Daemon): Promise<void> {
  for (let steps = 0; steps < 240; steps += 1) {
    await daemon.drive();
    const active = await daemon.app.store.rollbacks({ active: true });
    if (active.length === 0) return;
    site.domain.advance(active.every(({ state }) => state === 'dwelling') ? 10 * MINUTE : MINUTE / 2);
  }
}

export async function rollbackOf(daemon: Daemon, model = 'credit'): Promise<Rollback> {
  const [newest] = await daemon.app.store.rollbacks({ model });
  if (newest === undefined) throw new Error(`no rollback of ${model}`);
  return newest;
}

export function states(rollback: Rollback): string[] {
  return rollback.history.map(({ state }) => state);
}

/** What was changed in the workspace over HTTP, and how it stands there now. */
export function outside(site: Site, product = 'credit') {
  const { endpoints, models } = site.workspace.snapshot();
  const endpoint = endpoints[product];
  const model = models[registeredName(product)];
  return {
    puts: endpoint?.puts.effective,
    aliasPuts: model?.aliasPuts,
    routes: endpoint?.config.routes,
    aliases: model?.aliases,
  };
}

const CONFIG = { method: 'PUT', path: '/api/2.0/serving-endpoints/credit/config' };
const ALIAS = { method: 'PUT', path: '/api/2.1/unity-catalog/models/main.t.credit/aliases/champion' };

export const WRITES: { readonly [what: string]: Fault['match'] } = { traffic: CONFIG, alias: ALIAS };

export const TROUBLES: { readonly [name: string]: Trouble } = {
  '401': { kind: 'status', status: 401 },
  '403': { kind: 'status', status: 403 },
  '404': { kind: 'status', status: 404 },
  '409': { kind: 'status', status: 409 },
  '429': { kind: 'status', status: 429, retryAfter: 7 },
  '500': { kind: 'status', status: 500 },
  '503': { kind: 'status', status: 503 },
  html: { kind: 'html' },
  empty: { kind: 'empty' },
  reset: { kind: 'reset' },
  'lost-response': { kind: 'lost-response' },
};

export { DAY, MINUTE };
