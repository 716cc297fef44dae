import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { type LoadResult, loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problems.ts';

/** The smallest configuration that loads, without a workspace. Lines can be appended to its one model. */
export const MINIMAL = `version: 1
warehouse: { kind: duckdb, tables: { lake.rows: rows.parquet } }
registry: { kind: mlflow, url: "http://127.0.0.1:5000" }
serving: { kind: none }
owners: { default: { email: risk@bank.example } }
defaults: { drift: { rule: limit } }
models:
  credit:
    registeredModel: credit
    source: { table: lake.rows, layout: columns, timestamp: ts }
    baseline: { trailing: 28d }
`;

/** A folder that is removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'driftwarden-config-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function write(folder: string, files: { readonly [name: string]: string | Uint8Array }): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** Loads one text as the main file. */
export async function loadText(folder: string, text: string | Uint8Array): Promise<LoadResult> {
  write(folder, { 'driftwarden.yaml': text });
  return loadConfig(join(folder, 'driftwarden.yaml'));
}

/** Every problem as people see it, without the folder. */
export function shown(result: LoadResult, folder: string): readonly string[] {
  return result.ok
    ? []
    : result.problems.map((problem) => formatProblem(problem).replaceAll(`${folder}/`, ''));
}
