import { describe, expect, test } from 'vitest';
import type { Daemon } from '../../src/daemon.ts';
import { failNextUpdate } from '../../src/simulator/workspace/people.ts';
import {
  approvedSite,
  badDay,
  DAY,
  outside,
  PROMOTED,
  rollbackOf,
  settle,
  TROUBLES,
  WRITES,
} from '../daemon/support/rig.ts';
import type { Site } from '../daemon/support/site.ts';

async function wake(site: Site, daemon: Daemon): Promise<void> {
  await badDay(site);
  await daemon.wake();
}

/** What each trouble with one write may end in. A refusal for good is a person's business, all else passes. */
const ENDS: { readonly [trouble: string]: string } = {
  '401': 'done',
  '403': 'needs_human',
  '404': 'needs_human',
};

describe.each(Object.entries(WRITES))('trouble with the write of %s', (what, match) => {
  test.each(Object.entries(TROUBLES))('%s: never a second effect, and an end', async (name, trouble) => {
    const { site, daemon } = await approvedSite({ products: [PROMOTED] });
    site.workspace.fault({ match, trouble });
    await wake(site, daemon);
    await settle(site, daemon);
    const rollback = await rollbackOf(daemon);
    expect([rollback.state, rollback.history.at(-1)?.why]).toEqual([
      ENDS[name] ?? 'done',
      expect.any(String),
    ]);
    const { puts, aliasPuts } = outside(site);
    const done = rollback.state === 'done';
    expect({ puts, aliasPuts }).toEqual({ puts: done || what === 'alias' ? 1 : 0, aliasPuts: done ? 1 : 0 });
    if (done) return;
    const [critical] = await daemon.app.store.exceptions({ open: true });
    expect(await daemon.app.store.exceptions({ open: true })).toContainEqual(
      expect.objectContaining({ cause: 'rollback', severity: 'critical' }),
    );
    expect(critical?.text.length).toBeGreaterThan(20);
  });

  test.each(['401', '500', '409', 'reset', 'html'])(
    '%s for good: needs a person at the deadline, no effect',
    async (name) => {
      const { site, daemon } = await approvedSite({ products: [PROMOTED] });
      const trouble = TROUBLES[name];
      if (trouble === undefined) throw new Error(name);
      site.workspace.fault({ match, trouble, times: 1e6 });
      await wake(site, daemon);
      await settle(site, daemon);
      expect((await rollbackOf(daemon)).state).toBe('needs_human');
      expect(outside(site)).toMatchObject({ puts: what === 'alias' ? 1 : 0, aliasPuts: 0 });
    },
  );
});

describe('trouble with reading', () => {
  const READS = {
    registry: /unity-catalog\/models\/|mlflow/,
    endpoint: /serving-endpoints\/credit$/,
    tokens: /oidc/,
  };

  test.each(
    Object.entries(READS).flatMap(([what, path]) =>
      ['403', '404', '500', 'html', 'empty', 'reset'].map((name) => [what, name, path] as const),
    ),
  )(
    '%s answers %s: no rollback is planned on what was not seen, and the next window plans it',
    async (_what, name, path) => {
      const { site, daemon } = await approvedSite();
      const trouble = TROUBLES[name];
      if (trouble === undefined) throw new Error(name);
      site.workspace.fault({ match: { path }, trouble, times: 1e6 });
      // The reader has one by now, and would not ask for another.
      site.workspace.revokeTokens();
      await wake(site, daemon);
      expect(await daemon.app.store.rollbacks({})).toEqual([]);
      expect(outside(site)).toMatchObject({ puts: 0, aliasPuts: 0 });
      const [status] = await daemon.app.store.statuses();
      expect(status?.trouble).toMatch(/workspace|registry|endpoint|token/i);
      expect(await daemon.app.store.exceptions({})).toMatchObject([{ cause: 'prediction' }]);

      site.workspace.clearFaults();
      await badDay(site, 'credit', 0);
      site.domain.advance(DAY);
      await daemon.wake();
      await settle(site, daemon);
      expect(outside(site).puts).toBe(1);
    },
  );

  test('reading back fails for a while after the write: waits, and never writes again', async () => {
    const { site, daemon } = await approvedSite({ products: [PROMOTED] });
    await wake(site, daemon);
    site.workspace.fault({ match: { method: 'GET' }, trouble: { kind: 'status', status: 503 }, times: 12 });
    await settle(site, daemon);
    expect((await rollbackOf(daemon)).state).toBe('done');
    expect(outside(site)).toMatchObject({ puts: 1, aliasPuts: 1 });
  });

  test('an answer that is out of date changes nothing twice', async () => {
    const { site, daemon } = await approvedSite({ products: [PROMOTED] });
    site.workspace.fault({ match: { method: 'GET' }, trouble: { kind: 'stale-read' }, times: 40 });
    await wake(site, daemon);
    await settle(site, daemon);
    expect(outside(site).puts).toBeLessThanOrEqual(1);
    expect(outside(site).aliasPuts).toBeLessThanOrEqual(1);
    expect(['done', 'superseded']).toContain((await rollbackOf(daemon)).state);
  });

  test('an update that fails leaves the old routes and calls a person', async () => {
    const { site, daemon } = await approvedSite({ products: [PROMOTED] });
    site.workspace.change(failNextUpdate('credit'));
    await wake(site, daemon);
    await settle(site, daemon);
    const rollback = await rollbackOf(daemon);
    expect(rollback.state).toBe('needs_human');
    expect(outside(site)).toMatchObject({ puts: 1, aliasPuts: 0, routes: { 'credit-2': 100 } });
    const metrics = await (await fetch(`${daemon.url}/metrics`)).text();
    expect(metrics).toContain('driftwarden_rollback_failures_total{model="credit",trigger="automatic"} 1');
  });
});
