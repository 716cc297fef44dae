import { AUDIT_KINDS } from '../audit/record.ts';
import { familyHeader } from './exposition.ts';
import type { ModelFacts, SnapshotInput } from './facts.ts';
import { FAMILY_NAMES, type FamilyName } from './families.ts';
import { freshUntil, modelSamples } from './model-samples.ts';
import { createSampleSet, type SampleSet } from './sample-set.ts';

/** What a scrape is served, finished: rendered once after a commit, never changed, replaced as a whole. */
export interface ModelSnapshot {
  /** Prometheus text format 0.0.4. */
  readonly text: string;
  /** OpenMetrics 1.0.0 without its closing `# EOF`, which comes after the daemon's own families. */
  readonly openMetrics: string;
  /** Series of models that are in it. */
  readonly series: number;
  /** Whether the cap left models out. */
  readonly limited: boolean;
  /** The models that were left out, whole. */
  readonly dropped: readonly string[];
  /** When the first verdict in it stops speaking for the present, milliseconds; null when there is none that could. */
  readonly freshUntil: number | null;
}

/**
 * Pure: equal input, equal text. Under the cap models are taken in the order of the configuration and the rest is left
 * out whole, last first: half a model would look like a healthy one. Series of a removed model leave together, because
 * nothing is kept from one rendering to the next but the text of models whose facts are the very same object.
 */
export function renderModelSnapshot(input: SnapshotInput): ModelSnapshot {
  const taken: SampleSet[] = [];
  let series = 0;
  for (const facts of input.models) {
    const samples = samplesOf(facts, input.now);
    if (series + samples.size() > input.maxSeries) break;
    series += samples.size();
    taken.push(samples);
  }
  const dropped = input.models.slice(taken.length).map((facts) => facts.model);
  const shared = sharedSamples(input, { series, limited: dropped.length > 0 });
  return {
    ...write([...taken, shared]),
    series,
    limited: dropped.length > 0,
    dropped,
    freshUntil: firstToAge(input),
  };
}

function firstToAge(input: SnapshotInput): number | null {
  const ends = input.models.map(freshUntil).filter((end) => end >= input.now);
  return ends.length > 0 ? ends.reduce((first, end) => Math.min(first, end)) : null;
}

/** Facts are replaced when a model changes, so the object is the key; freshness is the one thing that time alone changes. */
const rendered = new WeakMap<ModelFacts, { readonly fresh: boolean; readonly samples: SampleSet }>();

function samplesOf(facts: ModelFacts, now: number): SampleSet {
  const fresh = now <= freshUntil(facts);
  const known = rendered.get(facts);
  if (known !== undefined && known.fresh === fresh) return known.samples;
  const samples = modelSamples(facts, now);
  rendered.set(facts, { fresh, samples });
  return samples;
}

function sharedSamples(
  input: SnapshotInput,
  outcome: { readonly series: number; readonly limited: boolean },
): SampleSet {
  const samples = createSampleSet();
  for (const facts of input.desks) {
    const { desk } = facts;
    samples.add('ticket_deliveries_total', { desk }, facts.deliveries);
    samples.add('ticket_delivery_failures_total', { desk }, facts.failures);
    samples.add('outbox_items', { desk }, facts.waiting);
    samples.add(
      'outbox_oldest_timestamp_seconds',
      { desk },
      facts.oldestQueued === null ? null : facts.oldestQueued / 1000,
    );
  }
  for (const kind of AUDIT_KINDS)
    samples.add('audit_records_total', { kind }, input.audit.records[kind] ?? 0);
  const { lastCheckpoint } = input.audit;
  samples.add(
    'audit_last_checkpoint_timestamp_seconds',
    {},
    lastCheckpoint === null ? null : lastCheckpoint / 1000,
  );
  samples.add('series', {}, outcome.series);
  samples.add('series_limited', {}, outcome.limited ? 1 : 0);
  return samples;
}

function write(sets: readonly SampleSet[]): { readonly text: string; readonly openMetrics: string } {
  const text: string[] = [];
  const openMetrics: string[] = [];
  for (const name of FAMILY_NAMES) {
    const lines = linesOf(sets, name);
    if (lines === '') continue;
    text.push(familyHeader(name, 'text'), lines);
    openMetrics.push(familyHeader(name, 'openmetrics'), lines);
  }
  return { text: text.join(''), openMetrics: openMetrics.join('') };
}

function linesOf(sets: readonly SampleSet[], name: FamilyName): string {
  return sets.map((set) => set.lines.get(name) ?? '').join('');
}
