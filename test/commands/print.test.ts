import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { CommandContext } from '../../src/commands/context.ts';
import { printCommand } from '../../src/commands/print.ts';
import { silentLogger } from '../../src/log.ts';
import { MINIMAL, temporaryFolder, write } from '../config/files.ts';

const folder = temporaryFolder();

const DATABRICKS = `version: 1
workspace: { url: https://dbc-1.cloud.databricks.com, reader: { clientId: reader-1, clientSecret: { file: r } } }
warehouse: { kind: databricks, httpPath: /sql/1.0/warehouses/abc }
owners: { default: { email: risk@bank.example } }
models:
  credit:
    registeredModel: main.risk.credit
    endpoint: null
    source: { table: main.risk.rows, layout: columns, timestamp: at }
    features: { income: double, purpose: string, note: string }
    baseline: { trailing: 28d }
    drift: { features: { note: { ignore: true } } }
`;

let count = 0;
function printing(text: string): {
  readonly print: (...what: readonly string[]) => Promise<number>;
  readonly out: string;
  readonly said: string[];
} {
  count += 1;
  const configPath = join(folder, `${count}.yaml`);
  write(folder, { [`${count}.yaml`]: text });
  const out = join(folder, `out-${count}`);
  const said: string[] = [];
  const context: CommandContext = {
    ...{ configPath, json: true, logger: silentLogger(), stop: new AbortController().signal },
    clocks: { domain: systemClock, wall: systemClock },
    print: (line) => said.push(line),
    printError: (line) => said.push(line),
  };
  return { said, out, print: (...what) => printCommand({ what, out }, context) };
}

describe('print', () => {
  test('grants writes a script per role, and says where', async () => {
    const { print, out, said } = printing(DATABRICKS);
    expect(await print('grants')).toBe(0);
    expect(readdirSync(out)).toEqual(['grants-reader.sql']);
    expect(readFileSync(join(out, 'grants-reader.sql'), 'utf8')).toContain(
      'GRANT SELECT ON TABLE `main`.`risk`.`rows` TO `reader-1`;',
    );
    expect(JSON.parse(said.join(''))).toEqual({ written: [join(out, 'grants-reader.sql')] });
  });

  test('reader-view writes the view of one model without asking anything of a warehouse, features that are ignored left out', async () => {
    const { print, out } = printing(DATABRICKS);
    expect(await print('reader-view', 'credit')).toBe(0);
    const text = readFileSync(join(out, 'reader-view-credit.sql'), 'utf8');
    expect(text).toContain('`purpose`');
    expect(text).not.toContain('note');
  });

  test.each([
    [DATABRICKS, ['reader-view'], 'Say which model'],
    [DATABRICKS, ['reader-view', 'nobody'], 'There is no model "nobody"'],
    [DATABRICKS, ['reader-view', 'credit', 'price'], 'leave out "price"'],
    [DATABRICKS, ['grants', 'credit'], 'leave out "credit"'],
    [DATABRICKS.replace('main.risk.rows', 'rows'), ['reader-view', 'credit'], 'catalog.schema.table'],
    [
      DATABRICKS.replace('layout: columns, timestamp: at', 'layout: legacy'),
      ['reader-view', 'credit'],
      'set source.layout: columns',
    ],
    [MINIMAL, ['grants'], 'names no Databricks workspace'],
    [MINIMAL, ['reader-view', 'credit'], 'for a Databricks warehouse'],
    ['version: 1\n', ['grants'], 'models'],
  ])('refuses with a sentence, and writes nothing (%#)', async (text, what, sentence) => {
    const { print, out } = printing(text);
    await expect(print(...what)).rejects.toThrow(sentence);
    expect(() => readdirSync(out)).toThrow('ENOENT');
  });

  test('writes what ships', async () => {
    const { print, out } = printing(MINIMAL);
    for (const what of ['dashboards', 'alerts', 'config-schema', 'metrics']) await print(what);
    expect(readdirSync(out).sort()).toEqual(
      expect.arrayContaining(['driftwarden.schema.json', 'metrics.md']),
    );
    expect(readdirSync(out).length).toBeGreaterThanOrEqual(4);
  });
});
