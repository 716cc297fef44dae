import type { Baseline } from '../baseline/bins.ts';
import { isoTime } from '../clock.ts';
import { baselineEntry } from '../evaluation/change.ts';
import { withEntities } from '../evaluation/entities.ts';
import { freezeBaseline } from '../evaluation/freeze.ts';
import type { CycleDeps } from '../evaluation/task.ts';
import { type Claim, NotFound, Refused } from '../operations.ts';
import { look } from '../rollback/view.ts';
import { newestClosed } from '../windows/due.ts';
import { configuredModel } from './model.ts';

/** Freezes the reference table anew, as a draft. The same rows give the same baseline: then the stored one is answered. */
export async function freezeOnRequest(name: string, claim: Claim, deps: CycleDeps): Promise<Baseline> {
  const configured = configuredModel(deps.config, name);
  const world = await look(deps.ports, configured);
  const model = await withEntities(configured, world, deps);
  const now = deps.clocks.domain.now();
  const firstWindow = newestClosed({ length: model.window, lateness: model.lateness, now });
  const frozen = await freezeBaseline({ model, warehouse: deps.warehouse, firstWindow, now });
  const stored = await deps.store.baseline(frozen.id);
  if (stored !== null) return stored;
  await deps.store.commit({
    baselines: [frozen],
    audit: [baselineEntry(frozen), override(frozen.id, 'freeze', claim)],
  });
  return frozen;
}

/** Approves a draft; the baseline that was approved before it, for the same rows, is retired. */
export async function approveOnRequest(id: string, claim: Claim, deps: CycleDeps): Promise<Baseline> {
  const baseline = await deps.store.baseline(id);
  if (baseline === null)
    throw new NotFound(`There is no baseline ${id}. "driftwarden baseline list" names those there are.`);
  if (baseline.state === 'retired') throw new Refused(`Baseline ${id} is retired: freeze a new one.`);
  if (baseline.state === 'approved')
    throw new Refused(
      `Baseline ${id} was approved by ${baseline.approvedBy ?? 'somebody'} at ${baseline.approvedAt ?? 'some time'}.`,
    );
  const approved: Baseline = {
    ...baseline,
    state: 'approved',
    approvedBy: claim.by,
    approvedAt: isoTime(deps.clocks.domain.now()),
    approvalReason: claim.reason,
  };
  const { model, version } = baseline.content;
  const before = (await deps.store.baselines(model)).filter(
    ({ id: other, state, content }) => other !== id && state === 'approved' && content.version === version,
  );
  const retired = before.map((other) => ({ ...other, state: 'retired' as const }));
  const approval = {
    kind: 'approval' as const,
    body: { subject: id, action: 'approve', by: claim.by, identity: claim.identity, reason: claim.reason },
  };
  await deps.store.commit({
    baselines: [approved, ...retired],
    audit: [approval, baselineEntry(approved), ...retired.map(baselineEntry)],
  });
  return approved;
}

function override(subject: string, action: string, claim: Claim) {
  return {
    kind: 'override' as const,
    body: { subject, action, by: claim.by, identity: claim.identity, reason: claim.reason },
  };
}
