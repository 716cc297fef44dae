import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { remoteDeps } from '../app.ts';
import { BUILD } from '../build.ts';
import type { Claim, Live, Outcome } from '../claims/claim.ts';
import { type Exchange, isOfForm, recording } from '../claims/exchange.ts';
import { CLAIMS } from '../claims/list.ts';
import { tryUpdate } from '../claims/throw-away.ts';
import { verifyClaims } from '../claims/verify.ts';
import { isoTime } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { createPorts, openWarehouse, workspaceOf } from '../ports.ts';
import { configuredModel } from '../requests/model.ts';
import { type CommandContext, CommandError, EXIT, printResult } from './context.ts';
import { configOf } from './reach.ts';

export interface VerifyOptions {
  /** Whose tables, endpoint and versions are looked at; null: the first model of the configuration. */
  readonly model: string | null;
  /** An endpoint that nobody needs, whose update is tried as well; null: nothing is changed at all. */
  readonly endpoint: string | null;
  /** File for the record; null: `verify-live.json` beside the store. */
  readonly out: string | null;
}

/**
 * Checks on the configured workspace what the program relies on. Nothing is changed: no actor is built at all, unless an endpoint to try
 * an update on is named, which no model may serve.
 */
export async function verifyLiveCommand(options: VerifyOptions, context: CommandContext): Promise<number> {
  const config = await configOf(context);
  if (options.endpoint !== null) refuseInUse(options.endpoint, config);
  const exchanges: Exchange[] = [];
  const { live, close } = await connected(config, options, { context, exchanges });
  let outcomes: readonly Outcome[];
  try {
    outcomes = await verifyClaims(live, exchanges, context.clocks.domain.now());
  } finally {
    await close();
  }
  if (options.endpoint !== null) {
    const tried = await updated(options.endpoint, config, context);
    outcomes = outcomes.map((outcome) => (outcome.claim === tried.claim ? tried : outcome));
  }
  const record = recordOf({ config, outcomes, exchanges, at: context.clocks.wall.now() });
  const file = options.out ?? join(dirname(config.store.path), 'verify-live.json');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(record, null, 2)}\n`);
  printResult(context, record, [...outcomes.map(line), summary(outcomes, options.endpoint), `wrote ${file}`]);
  if (outcomes.some(({ outcome }) => outcome === 'fail')) return EXIT.refused;
  return outcomes.some(({ outcome }) => outcome === 'pass') ? EXIT.ok : EXIT.error;
}

/** An update in the wrong place is an outage: what a model is served by is never tried on. */
function refuseInUse(endpoint: string, config: Config): void {
  const user = Object.values(config.models).find((model) => model.endpoint === endpoint);
  if (user !== undefined)
    throw new CommandError(
      `Endpoint ${endpoint} serves model ${user.name}: name one that nobody needs, made for this.`,
      EXIT.refused,
    );
  if (config.serving.kind !== 'databricks' || config.workspace?.actor === null)
    throw new CommandError(
      'To try an update, serving.kind must be databricks and workspace.actor be configured.',
      EXIT.refused,
    );
}

async function updated(endpoint: string, config: Config, context: CommandContext): Promise<Outcome> {
  const remote = remoteDeps(context);
  const { serving } = createPorts(config, remote);
  if (serving === null) throw new Error('serving.kind is databricks and there is no serving');
  return tryUpdate(endpoint, { serving, now: () => context.clocks.wall.now(), sleep: remote.sleep });
}

async function connected(
  config: Config,
  { model: name }: VerifyOptions,
  { context, exchanges }: { readonly context: CommandContext; readonly exchanges: Exchange[] },
): Promise<{ readonly live: Live; readonly close: () => Promise<void> }> {
  const [first] = Object.keys(config.models);
  const model = configuredModel(config, name ?? first ?? '');
  const plain = remoteDeps(context);
  const remote = { ...plain, fetch: recording(plain.fetch, (exchange) => exchanges.push(exchange)) };
  const readOnly: Config = {
    ...config,
    workspace: config.workspace === null ? null : { ...config.workspace, actor: null },
  };
  const workspace = workspaceOf(readOnly, remote);
  const ports = createPorts(readOnly, remote, workspace);
  const { warehouse, changes, answer } = await openWarehouse(readOnly, workspace, remote);
  const oauth = config.workspace?.reader.kind === 'oauth';
  const credentials = oauth ? (workspace?.readerCredentials ?? null) : null;
  const live = { config: readOnly, model, credentials, ...ports, warehouse, changes, answer };
  return { live, close: () => warehouse.close() };
}

const WORDS: { readonly [outcome in Outcome['outcome']]: string } = {
  pass: 'pass          ',
  fail: 'FAIL          ',
  not_reachable: 'not reachable ',
  not_tried: 'not tried     ',
};

function line({ claim: id, outcome, why }: Outcome): string {
  const claim = CLAIMS.find((one) => one.id === id);
  const what = claim?.kind === 'rest' ? claim.form : (claim?.says ?? '');
  return `${WORDS[outcome]}${id}  ${what}${why === null ? '' : `\n              ${why}`}`;
}

function summary(outcomes: readonly Outcome[], endpoint: string | null): string {
  const count = (wanted: Outcome['outcome']): number =>
    outcomes.filter(({ outcome }) => outcome === wanted).length;
  const changed =
    endpoint === null ? 'Nothing was changed.' : `Only ${endpoint} was updated, to what it was.`;
  return `${count('pass')} pass, ${count('fail')} fail, ${count('not_reachable')} not reachable, ${count('not_tried')} not tried. ${changed}`;
}

/** What may be sent to somebody else: outcomes, and shapes of answers. Sentences of failures stay here, since they hold names. */
function recordOf(made: {
  readonly config: Config;
  readonly outcomes: readonly Outcome[];
  readonly exchanges: readonly Exchange[];
  readonly at: number;
}) {
  const { config, outcomes, exchanges, at } = made;
  return {
    version: BUILD,
    at: isoTime(at),
    cloud: cloudOf(config.workspace?.url ?? null),
    claims: outcomes.map(({ claim, outcome }) => ({ claim, outcome })),
    seen: CLAIMS.filter(({ kind }) => kind === 'rest').flatMap((claim) => seenOf(claim, exchanges)),
  };
}

function seenOf({ id, form }: Claim, exchanges: readonly Exchange[]) {
  const own = exchanges.filter((exchange) => isOfForm(exchange, form));
  if (own.length === 0) return [];
  const statuses = [...new Set(own.map(({ status }) => status))].sort((a, b) => a - b);
  return [{ claim: id, statuses, shape: [...new Set(own.flatMap(({ shape }) => shape))].sort() }];
}

const CLOUDS: readonly (readonly [RegExp, string])[] = [
  [/\.azuredatabricks\.net$|\.databricks\.azure\.(us|cn)$/, 'azure'],
  [/\.gcp\.databricks\.com$/, 'gcp'],
  [/\.cloud\.databricks\.com$/, 'aws'],
  [/^(localhost|127\.0\.0\.1|\[::1\])$/, 'simulated'],
];

/** By the host of the workspace; an address of the loopback is a simulated one. */
function cloudOf(url: string | null): string | null {
  if (url === null) return null;
  const { hostname } = new URL(url);
  return CLOUDS.find(([pattern]) => pattern.test(hostname))?.[1] ?? 'unknown';
}
