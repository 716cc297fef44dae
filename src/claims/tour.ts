import { watchedFeatures } from '../evaluation/columns.ts';
import { sourceOf } from '../evaluation/sources.ts';
import { RemoteError } from '../remote/error.ts';
import { aliasOf } from '../rollback/world.ts';
import { WarehouseError } from '../warehouse/warehouse.ts';
import type { Live, StepName } from './claim.ts';

/** How a step of the tour went. `differs`: it answered, and otherwise than is relied on. */
export interface StepResult {
  readonly step: StepName;
  readonly went: 'well' | 'differs' | 'unreachable';
  readonly why: string | null;
}

/** What a step needs and the configuration or the workspace does not have. */
class NotThere extends Error {}

/** Somebody who exists nowhere: a search for nobody has a shape as well. */
const NOBODY = 'driftwarden-verify@nobody.invalid';
const DAY = 86_400_000;

/** Goes through everything that only reads, on one model. What is behind the answers is a matter of the claims. */
export async function tour(live: Live, now: number): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  const seen: { newest: number } = { newest: now };
  for (const [step, work] of Object.entries(stepsOf(live, seen)))
    results.push(await tried(step as StepName, work));
  return results;
}

async function tried(step: StepName, work: () => Promise<unknown>): Promise<StepResult> {
  try {
    await work();
    return { step, went: 'well', why: null };
  } catch (error) {
    if (error instanceof NotThere) return { step, went: 'unreachable', why: error.message };
    const known = error instanceof RemoteError || error instanceof WarehouseError;
    if (!known) throw error;
    return { step, went: DIFFERS.has(error.reason) ? 'differs' : 'unreachable', why: error.message };
  }
}

/** Reasons that say "I have another shape than you think", not "you may not, or not now". */
const DIFFERS: ReadonlySet<string> = new Set([
  'bad_answer',
  'rejected',
  'query_failed',
  'wrong_type',
  'column_missing',
]);

function stepsOf(
  live: Live,
  seen: { newest: number },
): { readonly [step in Exclude<StepName, 'statements'>]: () => Promise<unknown> } {
  const { model, registry, serving, directory, warehouse, credentials } = live;
  const { source, registeredModel, endpoint } = model;
  const counted = sourceOf(model);
  return {
    token: async () => (credentials ?? missing('no client id is configured for the reader')).headers(),
    model: async () => {
      if (live.config.registry.kind === 'none') missing('registry.kind is none');
      await registry.model(registeredModel);
    },
    version: async () => {
      if (live.config.registry.kind === 'none') missing('registry.kind is none');
      const found = await registry.model(registeredModel);
      const alias = aliasOf({ seen: true, value: found }, model.rollback.championAlias);
      const version = alias.seen ? alias.value : null;
      const told = await registry.version(registeredModel, version ?? missing('the model has no champion'));
      if (told === null) missing(`version ${version} of ${registeredModel} is not there`);
    },
    endpoint: async () => {
      if (endpoint === null || serving === null) missing(`${model.name} has no serving endpoint`);
      else await serving.endpoint(endpoint);
    },
    user: () => lookup(live, NOBODY),
    principal: () => lookup(live, readerId(live) ?? '00000000-0000-4000-8000-000000000000'),
    group: () => lookup(live, 'users'),
    describe: () => warehouse.describe(source.table),
    newest: async () => {
      const newest = await warehouse.newest(counted);
      if (newest !== null) seen.newest = newest;
    },
    bins: async () => binsOf(live, seen.newest),
    count: async () => {
      const { columns, window } = await binsOf(live, seen.newest);
      await warehouse.count({ source: counted, window, columns });
    },
    audit: async () => {
      const resource = {
        kind: 'alias',
        model: registeredModel,
        alias: model.rollback.championAlias,
      } as const;
      const served = endpoint === null ? [] : [{ kind: 'endpoint', name: endpoint } as const];
      const told = await live.changes.told({
        ...{ resources: [resource, ...served], from: seen.newest - DAY, to: seen.newest },
      });
      if (told.told) return;
      if (told.reason !== 'unreadable') missing(told.why);
      throw new WarehouseError({ reason: 'bad_answer', message: told.why, remedy: '' });
    },
  };

  async function lookup({ config }: Live, name: string): Promise<void> {
    if (config.workspace === null) missing('no workspace is configured');
    await directory.lookup(name);
  }
}

/** Cells of the first feature over the newest day, and the same as columns to count. */
async function binsOf({ model, warehouse }: Live, newest: number) {
  const [feature] = await watchedFeatures(model, warehouse);
  if (feature === undefined) throw new NotThere(`${model.source.table} has no feature`);
  const window = { start: newest - DAY + 1, end: newest + 1 };
  const source = sourceOf(model);
  const { bins } = await warehouse.bins({
    ...{ source, window, bins: 10, minLevelRows: 20, maxLevels: 50 },
    columns: [feature],
  });
  const own = bins[feature.name];
  if (own === undefined) throw new NotThere(`${model.source.table} gave no cells of ${feature.name}`);
  const other = own.kind === 'categorical' && own.other;
  const levelsIn = other ? { source, column: feature.from, window } : null;
  return { columns: [{ name: feature.name, from: feature.from, bins: own, levelsIn }], window };
}

function readerId({ config }: Live): string | null {
  const reader = config.workspace?.reader;
  return reader?.kind === 'oauth' ? reader.clientId : null;
}

function missing(what: string): never {
  throw new NotThere(what);
}
