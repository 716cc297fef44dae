import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { type Clock, systemClock } from '../../../src/clock.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { type Daemon, startDaemon } from '../../../src/daemon.ts';
import { createLogger, type Logger } from '../../../src/log.ts';
import { createDaemonMetrics, type DaemonMetrics } from '../../../src/metrics/daemon.ts';
import { type SimulatedWorkspace, startWorkspace } from '../../../src/simulator/workspace/workspace.ts';
import { type Answer, runInProcess } from './cli.ts';
import { type FakeDesk, startDesk } from './desk.ts';
import { estateOf, type Product, registeredName } from './estate.ts';
import { type Columns, type Row, writeParquet } from './parquet.ts';
import { crowd, DAY, PAYLOAD_COLUMNS, requests, TRAINING_COLUMNS } from './people.ts';

/** Two in the morning: the window of the day before has closed an hour ago. */
export const NOW = Date.UTC(2026, 2, 10, 2);
export const MIDNIGHT = Date.UTC(2026, 2, 10);

/** Anything a configuration file may hold; JSON is YAML. */
export type Fields = { readonly [key: string]: unknown };

export interface SiteOptions {
  readonly products?: readonly Product[];
  /** Laid over the file's top level. */
  readonly config?: Fields;
  /** Laid over every model. */
  readonly model?: Fields;
  /** Laid over single models. */
  readonly models?: { readonly [name: string]: Fields };
  /** The workspace goes by this machine's clock, as a program in a process of its own does. */
  readonly live?: boolean;
  /** The one clock of a live site, where it is not this machine's. */
  readonly clock?: Clock;
}

export interface Site {
  readonly folder: string;
  readonly configPath: string;
  readonly port: number;
  readonly workspace: SimulatedWorkspace;
  readonly desk: FakeDesk;
  /** Domain time, and wall time: both stand still until they are moved. */
  readonly domain: TestClock;
  readonly wall: TestClock;
  /** What the program logged, line by line. */
  readonly log: { readonly level: string; readonly msg: string; readonly [field: string]: unknown }[];
  /** The one file of a table, written anew. */
  write(table: string, columns: Columns, rows: readonly Row[]): Promise<void>;
  /** One day of requests of a product, so many days before {@link MIDNIGHT}, or before the last one of a live site. */
  day(product: string, daysAgo: number, people: readonly Row[]): Promise<void>;
  configure(options: SiteOptions): void;
  /** The command line, in this process, at the site's time. */
  run(...words: string[]): Promise<Answer>;
  /** The daemon in this process; it wakes when it is woken, or by itself. Stopped with the test. */
  start(how?: { readonly selfDriven?: boolean }): Promise<Daemon>;
}

export interface TestClock extends Clock {
  advance(milliseconds: number): void;
  set(time: number): void;
}

export function testClock(start: number): TestClock {
  let time = start;
  return {
    now: () => time,
    advance: (milliseconds) => {
      time += milliseconds;
    },
    set: (next) => {
      time = next;
    },
  };
}

function liveClock(clock: Clock): TestClock {
  const fixed = (): never => {
    throw new Error('this clock cannot be moved');
  };
  return { now: clock.now, advance: fixed, set: fixed };
}

/** The midnight that a live site has behind it. */
export function lastMidnight(): number {
  return Math.floor(Date.now() / DAY) * DAY;
}

/** A folder with lake, secrets and configuration, a workspace and a desk, all of it gone when the test has ended. */
export async function createSite(options: SiteOptions = {}): Promise<Site> {
  // No jitter: what is repeated is repeated at once.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const folder = mkdtempSync(join(tmpdir(), 'driftwarden-site-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const products = options.products ?? [{ name: 'credit' }];
  const live = options.live === true ? liveClock(options.clock ?? systemClock) : null;
  const domain = live ?? testClock(NOW);
  const wall = live ?? testClock(Date.now());
  const stateFile = join(folder, 'workspace.json');
  const clocks = { domain, wall };
  const workspace = await startWorkspace({ stateFile, clocks, seed: 3, estate: estateOf(products) });
  onTestFinished(() => workspace.close());
  const desk = await startDesk();
  onTestFinished(() => desk.close());
  const port = await freePort();
  const configPath = join(folder, 'driftwarden.yaml');
  const lines: Site['log'] = [];
  const inside: Inside = { configPath, domain, wall, lines };
  const site: Site = {
    folder,
    configPath,
    port,
    workspace,
    desk,
    domain,
    wall,
    log: lines,
    write: (table, columns, rows) => writeParquet(join(folder, 'lake', table, 'all.parquet'), columns, rows),
    day: (product, daysAgo, people) => {
      const start = (options.live === true ? lastMidnight() : MIDNIGHT) - daysAgo * DAY;
      const file = join(folder, 'lake', `${product}_payload`, `${start}.parquet`);
      return writeParquet(file, PAYLOAD_COLUMNS, requests(people, start));
    },
    configure: (given) => {
      const whole = {
        ...given,
        products: given.products ?? products,
      };
      const file = configOf({
        port,
        desk,
        workspace,
        options: whole,
      });
      writeFileSync(configPath, JSON.stringify(file, null, 1));
    },
    run: (...words) =>
      runInProcess(words.includes('-c') ? words : [...words, '-c', configPath], worldOf(inside)),
    start: (how = {}) => start(inside, how.selfDriven === true),
  };
  writeSecrets(folder, desk, workspace);
  site.configure(options);
  return site;
}

/** The site with a training table per product: the same thousand people, once per version. */
export async function siteWithTraining(given: SiteOptions = {}): Promise<Site> {
  // What serves is the champion: tests that say nothing else are not about what was approved.
  const options = { products: [{ name: 'credit', aliases: { champion: 2, rollback: 1 } }], ...given };
  const site = await createSite(options);
  const people = [
    ...crowd({ seed: 1, rows: 1000, version: '1' }),
    ...crowd({ seed: 2, rows: 1000, version: '2' }),
  ];
  for (const { name } of options.products) await site.write(`${name}_training`, TRAINING_COLUMNS, people);
  return site;
}

interface Inside {
  readonly configPath: string;
  readonly domain: Clock;
  readonly wall: Clock;
  readonly lines: Site['log'];
}

function worldOf({ domain, wall, lines }: Inside) {
  const metrics = metricsOf();
  return { clocks: { domain, wall }, logger: loggerTo(lines, metrics), metrics };
}

function metricsOf(): DaemonMetrics {
  return createDaemonMetrics({
    build: { version: 'test', revision: '' },
    sources: ['duckdb'],
    process: false,
  });
}

function loggerTo(lines: Site['log'], metrics: DaemonMetrics): Logger {
  const write = (line: string): unknown => lines.push(JSON.parse(line) as Site['log'][number]);
  return createLogger({ level: 'info', format: 'json', write, counted: metrics.logged });
}

async function start(inside: Inside, selfDriven: boolean): Promise<Daemon> {
  const loaded = await loadConfig(inside.configPath);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const daemon = await startDaemon({
    config: loaded.config,
    ...worldOf(inside),
    selfDriven,
    simulated: false,
  });
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopped ??= daemon.stop();
    return stopped;
  };
  onTestFinished(stop);
  return { ...daemon, stop };
}

function writeSecrets(folder: string, desk: FakeDesk, workspace: SimulatedWorkspace): void {
  mkdirSync(join(folder, 'secrets'));
  writeFileSync(join(folder, 'secrets/desk'), desk.secret);
  for (const { role, clientSecret } of workspace.principals)
    writeFileSync(join(folder, 'secrets', role), clientSecret);
}

/** The smallest file that does everything, with what the test lays over it. */
function configOf(given: {
  readonly port: number;
  readonly desk: FakeDesk;
  readonly workspace: SimulatedWorkspace;
  readonly options: SiteOptions;
}): Fields {
  const { port, desk, workspace, options } = given;
  const names = (options.products ?? []).map(({ name }) => name);
  const id = (role: string): string =>
    workspace.principals.find((principal) => principal.role === role)?.clientId ?? '';
  const secret = (file: string): Fields => ({ file: `secrets/${file}` });
  const tables = names.flatMap((name) =>
    ['payload', 'training'].map(
      (kind) => [`main.t.${name}_${kind}`, `lake/${name}_${kind}/*.parquet`] as const,
    ),
  );
  return {
    version: 1,
    workspace: {
      url: workspace.url,
      reader: { clientId: id('reader'), clientSecret: secret('reader') },
      actor: { clientId: id('actor'), clientSecret: secret('actor') },
    },
    warehouse: { kind: 'duckdb', threads: 1, tables: Object.fromEntries(tables) },
    store: { kind: 'sqlite', path: 'state/driftwarden.db' },
    http: { listen: `127.0.0.1:${port}` },
    owners: {
      risk: { email: 'risk@bank.example', ticketDesk: 'desk' },
      default: { email: 'mrm@bank.example', ticketDesk: 'desk' },
    },
    ticketDesks: { desk: { kind: 'webhook', url: desk.url, secret: secret('desk') } },
    models: Object.fromEntries(
      names.map((name) => [name, { ...modelConfig(name), ...options.model, ...options.models?.[name] }]),
    ),
    ...options.config,
  };
}

function modelConfig(name: string): Fields {
  return {
    registeredModel: registeredName(name),
    endpoint: name,
    owner: 'risk',
    source: {
      table: `main.t.${name}_payload`,
      layout: 'columns',
      requestId: 'request_id',
      timestamp: 'event_time',
      version: 'model_version',
    },
    prediction: { name: 'score', type: 'double' },
    baseline: { table: `main.t.${name}_training`, version: 'model_version' },
    window: '1d',
    lateness: '1h',
    drift: { rule: 'limit' },
    rollback: { mode: 'observe', breaches: '1 of 1' },
  };
}

/**
 * A port that nobody holds, below the range from which systems draw the ports of outgoing connections: one from within it could be taken
 * between the look and the use. Workers of one run look in stretches of their own.
 */
export async function freePort(): Promise<number> {
  const worker = Number(process.env['VITEST_POOL_ID'] ?? '0');
  for (;;) {
    const port = 12_000 + (worker % 8) * 2_000 + randomInt(2_000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

export { DAY };
