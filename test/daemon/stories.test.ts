import { describe, expect, test } from 'vitest';
import type { Product } from './support/estate.ts';
import { APPROVE, approvedSite, badDay, PROMOTED, rollbackOf, settle } from './support/rig.ts';

/** What an operator reads, as whole lines where the words matter. */
async function planOf(product: Product): Promise<{ readonly code: number | null; readonly text: string }> {
  const { site } = await approvedSite({ products: [product] });
  const { code, stdout } = await site.run('rollback', 'plan', 'credit');
  return { code, text: stdout };
}

describe('rollback plan', () => {
  test('of a warm champion: which version, how fast, what moves, how to stop it', async () => {
    const { code, text } = await planOf(PROMOTED);
    expect(code).toBe(0);
    expect(text).toContain('credit: version 2 -> 1\n');
    expect(text).toContain('readiness hot: seconds to a minute');
    expect(text).toContain(
      'traffic of credit: credit-1 0 %, credit-2 100 %  ->  credit-1 100 %, credit-2 0 %',
    );
    expect(text).toContain('alias champion: 2  ->  1');
    expect(text).toContain('No gate holds');
    expect(text).toContain('To stop one: "driftwarden rollback stop"');
  });

  test('of a champion that sleeps: minutes', async () => {
    const { code, text } = await planOf({ ...PROMOTED, scaleToZero: true });
    expect([code, text]).toEqual([0, expect.stringContaining('readiness cold: minutes')]);
  });

  test('of a champion that is not on the endpoint: it is deployed, and that takes longest', async () => {
    const { code, text } = await planOf({ ...PROMOTED, served: ['2'] });
    expect(code).toBe(0);
    expect(text).toContain('readiness absent: minutes to half an hour');
    expect(text).toContain('deployed on endpoint credit: credit-1, version 1, with the settings of credit-2');
    expect(text).toContain('No gate holds');
  });
});

describe('explain', () => {
  test('of a rollback that waits, and of the same when it is done', async () => {
    const { site, daemon } = await approvedSite({ products: [PROMOTED], model: { rollback: APPROVE } });
    await badDay(site);
    await daemon.wake();
    await daemon.drive();
    const { id, planHash } = await rollbackOf(daemon);
    const waiting = (await site.run('explain', id)).stdout;
    for (const part of [
      'version 2 -> 1',
      `plan ${planHash}`,
      'alias champion: 2  ->  1',
      'Why: PSI of score',
      'What next: another person approves it',
      'How to stop it: do not approve it',
    ])
      expect(waiting).toContain(part);
    const ticket = site.desk
      .taken()
      .map(({ body }) => body.text)
      .join('\n');
    expect(ticket).toContain(`The plan ${planHash}:`);
    expect(ticket).toContain('- alias champion: 2  ->  1');

    expect((await site.run('rollback', 'approve', id, '--by', 'bob')).code).toBe(0);
    await settle(site, daemon);
    const done = (await site.run('explain', id)).stdout;
    expect(done).toContain('Approved by bob (claimed)');
    expect(done).toContain('How to stop it: it has ended. Version 2 stays on hold');
  });
});
