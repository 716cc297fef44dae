import { isoTime } from '../../clock.ts';
import type { ModelConfig } from '../../config/config.ts';
import { readOn } from '../../exceptions/messages.ts';
import { resolveOwner } from '../../exceptions/owner.ts';
import { type BakeReference, bakeChecks, bakeFeedChecks } from '../../judge/bake.ts';
import { unknownCheck } from '../../judge/checks.ts';
import type { Decision, Finding } from '../../judge/decide.ts';
import { policyVerdicts, worstVerdict } from '../../judge/policy.ts';
import type { Evaluation, PolicyVerdict } from '../../judge/verdict.ts';
import { increment } from '../../metrics/counters.ts';
import { liveVersions } from '../../rollback/view.ts';
import { answerWish } from '../../rollback/wish.ts';
import type { World } from '../../rollback/world.ts';
import type { Change } from '../../store/store.ts';
import { bakeDue } from '../../windows/bake.ts';
import { windowAt } from '../../windows/calendar.ts';
import type { Window } from '../../windows/window.ts';
import { evaluationEntry, evaluationHash, shortHash, withActions } from '../assemble.ts';
import { casesAfterWindow } from '../cases.ts';
import { watchedFeatures } from '../columns.ts';
import { withEntities } from '../entities.ts';
import { baselineInForce } from '../read.ts';
import type { CycleDeps } from '../task.ts';
import { readBake, readReference, StoredReference } from './read.ts';
import { type Release, type Releases, releasesAfter, releasesFact, releasesFrom } from './releases.ts';

const DAY = 86_400_000;

export interface BakeQuestion {
  readonly model: ModelConfig;
  readonly world: World;
  readonly deps: CycleDeps;
  /** The look before: a release was made since then. Milliseconds of domain time. */
  readonly lookedAt: number;
}

/**
 * What the releases of a model make to do now, one change after the other, each to be committed before the next is asked for: which
 * versions are new, and the next window of one of them. Null: nothing. Throws StoreError, and WarehouseError when the window cannot be
 * read; it is due again then.
 */
export async function nextOfBake(question: BakeQuestion): Promise<Change | null> {
  const { model, world, deps, lookedAt } = question;
  if (model.prediction === null || model.source.version === null) return null;
  const stored = await deps.store.fact(releasesFact(model.name));
  const before = releasesFrom(stored);
  const live = world.endpoint?.seen === false || !world.registered.seen ? null : liveVersions(model, world);
  const releases = live === null ? before : releasesAfter(before, live, lookedAt);
  if (releases === null) return null;
  const open = releases.watched.filter((release) => !dueOf(release, question).over || due(release, question));
  const now = { ...releases, watched: open };
  for (const release of open) {
    const window = dueOf(release, question).windows[0];
    if (window !== undefined) return judged(question, { releases: now, release, window });
  }
  const fact = JSON.stringify(now);
  return fact === stored ? null : { audit: [], facts: { [releasesFact(model.name)]: fact } };
}

function dueOf(release: Release, { model, deps }: BakeQuestion): ReturnType<typeof bakeDue> {
  const { bake } = model.rollback;
  return bakeDue({ ...release, ...bake, lateness: model.lateness, now: deps.clocks.domain.now() });
}

function due(release: Release, question: BakeQuestion): boolean {
  return dueOf(release, question).windows.length > 0;
}

interface Due {
  readonly releases: Releases;
  readonly release: Release;
  readonly window: Window & { readonly newest: boolean };
}

async function judged(asked: BakeQuestion, task: Due): Promise<Change> {
  const model = await withEntities(asked.model, asked.world, asked.deps);
  const question = { ...asked, model };
  const { releases, release, window } = task;
  const reference = await referenceFor(question, release);
  const evaluation = await evaluate(question, task, reference);
  const after: Releases = {
    ...releases,
    watched: releases.watched.map((other) =>
      other === release ? { ...release, lastEnd: window.end, reference } : other,
    ),
  };
  const facts = { [releasesFact(model.name)]: JSON.stringify(after) };
  if (evaluation === null) return { audit: [], facts };
  return { ...(await concluded(question, task, evaluation)), facts };
}

/** The day before the release, read once and kept: what comes after must not become what is usual. */
async function referenceFor(
  { model, deps }: BakeQuestion,
  { reference, since }: Release,
): Promise<BakeReference> {
  if (reference !== null) return StoredReference.parse(reference);
  const length = { kind: 'fixed', milliseconds: model.rollback.bake.window } as const;
  const { start } = windowAt(length, since);
  return readReference(sourceFor(model, deps), { start: start - DAY, end: start });
}

function sourceFor(model: ModelConfig, { warehouse }: CycleDeps) {
  if (model.prediction === null) throw new Error(`model ${model.name} has no prediction to watch`);
  return { model, prediction: model.prediction, warehouse };
}

/** Null: the model has no baseline yet, and nothing is judged before it has. */
async function evaluate(
  { model, deps }: BakeQuestion,
  { release, window }: Due,
  reference: BakeReference,
): Promise<Evaluation | null> {
  const baseline = baselineInForce(await deps.store.baselines(model.name));
  if (baseline === null) return null;
  const source = sourceFor(model, deps);
  const features = (await watchedFeatures(model, deps.warehouse)).map(({ name }) => name);
  const {
    rows,
    versions,
    features: nulls,
  } = await readBake(source, { window, reference, baseline, features });
  const silent = versions.every(({ version }) => version !== release.version)
    ? [silentCheck(release, rows)]
    : [];
  const checks = [
    ...versions.flatMap((version) => bakeChecks(version, reference, source.prediction.name)),
    ...silent,
    ...bakeFeedChecks(nulls),
  ];
  const policy = policyVerdicts(checks);
  return {
    evaluation: `ev-${shortHash([model.name, 'bake', release.version, release.since, window.end])}`,
    model: model.name,
    window: { start: isoTime(window.start), end: isoTime(window.end) },
    revision: 0,
    verdict: worstVerdict(policy.map(({ verdict }) => verdict)),
    rows,
    baseline: { id: baseline.id, hash: baseline.hash, rows: baseline.content.rows },
    policy,
    checks,
    actions: [],
    bake: { version: release.version, since: isoTime(release.since) },
  };
}

function silentCheck({ version }: Release, rows: number) {
  const reason = `No row of this window is of version ${version}.`;
  return unknownCheck({
    ...{ check: 'prediction', kind: 'output_drift', version, rows, reason },
    verdict: 'no_data',
  });
}

/** What the window leads to: a breach of the release opens a case, and one breach is enough for a rollback. Nothing else leads anywhere. */
async function concluded(
  { model, world, deps }: BakeQuestion,
  { release, window }: Due,
  evaluation: Evaluation,
): Promise<Change> {
  const { store, config, clocks } = deps;
  const now = clocks.domain.now();
  const owner = resolveOwner(config, model, world.registered.seen ? world.registered.value.tags : 'unread');
  const [cases, baselines] = await Promise.all([
    store.exceptions({ model: model.name }),
    store.baselines(model.name),
  ]);
  const failed = window.newest ? breachOf(evaluation, release.version) : null;
  const outcome = casesAfterWindow({
    ...{ model: model.name, evaluation: evaluation.evaluation, owner, now, cases },
    ...readOn(config, model.name),
    findings: failed === null ? [] : [findingOf(failed)],
    mayOpen: failed !== null,
    counts: false,
  });
  const wish = await answerWish(
    { model, world, wanted: wantedFor(model, failed), evaluation, baselines, outcome, cases, now },
    deps,
  );
  const record = withActions(evaluation, [...outcome.actions, ...wish.actions]);
  const hash = evaluationHash(record);
  return {
    bake: { record, hash, endedAt: isoTime(clocks.wall.now()) },
    exceptions: wish.exceptions,
    rollbacks: wish.rollbacks,
    queue: [...outcome.queue, ...wish.queue],
    count: [
      increment('bake_windows_total', { model: model.name, verdict: record.verdict }),
      ...outcome.count,
      ...wish.count,
    ],
    audit: [evaluationEntry(record, hash), ...outcome.audit, ...wish.audit],
  };
}

function breachOf({ policy }: Evaluation, version: string): PolicyVerdict | null {
  return (
    policy.find((own) => own.check === 'prediction' && own.version === version && own.verdict === 'breach') ??
    null
  );
}

function findingOf({ version, reason }: PolicyVerdict): Finding {
  return { cause: 'prediction', version, signal: 'breach', reason };
}

function wantedFor(model: ModelConfig, failed: PolicyVerdict | null): Decision['rollback'] {
  if (failed === null || !model.rollback.on.includes('prediction')) return null;
  const reason = `Gross failure after a release. ${failed.reason}`;
  return { cause: 'prediction', from: failed.version, reason };
}
