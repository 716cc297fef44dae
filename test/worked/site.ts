import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadConfig } from '../../src/config/load.ts';
import { type Daemon, startDaemon } from '../../src/daemon.ts';
import { silentLogger } from '../../src/log.ts';
import { createDaemonMetrics } from '../../src/metrics/daemon.ts';
import type { ChainRecord } from '../daemon/support/canonical.ts';
import { writeParquet } from '../daemon/support/parquet.ts';
import { columnsOf, type Given, rowsOf } from './fixture.ts';
import { samplesOf } from './samples.ts';

/** A clock that stands still until it is set. Both times of the program are this one, as in production. */
export interface StoryClock {
  now(): number;
  set(time: string): void;
}

/** The real program on the lake and the configuration of a story, in a folder of its own. */
export interface Site {
  readonly daemon: Daemon;
  /** Every sample that `/metrics` answers, over HTTP. */
  scrape(): Promise<ReadonlyMap<string, number>>;
  /** Stops the daemon and removes its folder. */
  close(): Promise<void>;
}

export interface SiteOptions {
  readonly given: Given;
  readonly now: StoryClock;
  /** File (below the folder) to what it holds. */
  readonly secrets?: { readonly [file: string]: string };
}

/** Loopback calls of the test itself, also while the program's own calls go elsewhere. */
const realFetch = globalThis.fetch;

export async function openSite({ given, now, secrets = {} }: SiteOptions): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'driftwarden-worked-'));
  await writeLake(folder, given);
  const files = { ...secrets, 'secrets/audit.pem': privateKeyOf(given.signingSeed) };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  const path = join(folder, 'driftwarden.yaml');
  writeFileSync(path, JSON.stringify(given.configuration, null, 1));
  const loaded = await loadConfig(path);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const metrics = createDaemonMetrics({
    build: { version: 'worked example', revision: '' },
    sources: ['duckdb'],
    process: false,
  });
  const daemon = await startDaemon({
    config: loaded.config,
    clocks: { domain: now, wall: now },
    logger: silentLogger(),
    metrics,
    selfDriven: false,
    simulated: true,
  });
  const close = async (): Promise<void> => {
    await daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const scrape = async (): Promise<ReadonlyMap<string, number>> =>
    samplesOf(await (await realFetch(`${daemon.url}/metrics`)).text());
  return { daemon, scrape, close };
}

export function storyClock(now: string): StoryClock {
  let time = Date.parse(now);
  return {
    now: () => time,
    set: (next) => {
      time = Date.parse(next);
    },
  };
}

async function writeLake(folder: string, { configuration, lake }: Given): Promise<void> {
  for (const [name, table] of Object.entries(lake)) {
    const pattern = configuration.warehouse.tables[name] ?? '';
    await writeParquet(join(folder, pattern.replace('*', 'all')), columnsOf(table), rowsOf(table));
  }
}

/** The Ed25519 key of these 32 bytes, in the form of a key file (PKCS #8, RFC 8410). */
export function privateKeyOf(seed: string): string {
  const der = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.from(seed, 'ascii'),
  ]);
  return `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`;
}

/** Every record of the daemon's chain. */
export async function auditOf({ daemon }: Site): Promise<readonly ChainRecord[]> {
  const stored = await daemon.app.store.auditLines(1, 1000);
  return stored.map((line) => JSON.parse(line) as ChainRecord);
}
