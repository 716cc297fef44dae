import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { grantsFor } from '../../src/warehouse/grants.ts';
import { grantsText } from '../../src/warehouse/grants-text.ts';
import { readerView } from '../../src/warehouse/reader-view.ts';
import { loadText, shown, temporaryFolder } from '../config/files.ts';
import { aModel } from '../rollback/support.ts';

const folder = temporaryFolder();

const HEAD = `version: 1
workspace:
  url: https://dbc-1234.cloud.databricks.com
  reader: { clientId: 0f0e-reader, clientSecret: { file: r } }
  actor: { clientId: 77aa-actor, clientSecret: { file: a } }
warehouse: { kind: databricks, httpPath: /sql/1.0/warehouses/abc123 }
owners: { default: { email: risk@bank.example } }
models:
`;
const CREDIT = `  credit_pd:
    registeredModel: main.risk.credit_pd
    endpoint: credit-pd
    source: { table: main.risk.credit_payload, layout: columns, timestamp: at, version: version, requestId: id }
    features: { income: double, purpose: string }
    prediction: { name: score, type: double }
    baseline: { table: main.training.credit }
`;
const ACTING = `${CREDIT}    rollback: { mode: approve }
`;
const WATCHED = `  price:
    registeredModel: other.shop.price
    endpoint: null
    source: { table: other.shop.prices, layout: columns, timestamp: at }
    baseline: { trailing: 28d }
`;

async function configOf(text: string): Promise<Config> {
  const loaded = await loadText(folder, text);
  expect(shown(loaded, folder)).toEqual([]);
  if (!loaded.ok) throw new Error('not loaded');
  return loaded.config;
}

async function sqlOf(text: string, role: 'reader' | 'actor'): Promise<readonly string[]> {
  const found = grantsFor(await configOf(text)).find((each) => each.role === role);
  return found?.sql ?? [];
}

describe('the reader', () => {
  test('may read exactly the tables and models that the configuration names, on the way to them, once', async () => {
    expect(await sqlOf(HEAD + CREDIT + WATCHED, 'reader')).toEqual([
      'GRANT USE CATALOG ON CATALOG `main` TO `0f0e-reader`;',
      'GRANT USE CATALOG ON CATALOG `other` TO `0f0e-reader`;',
      'GRANT USE SCHEMA ON SCHEMA `main`.`risk` TO `0f0e-reader`;',
      'GRANT USE SCHEMA ON SCHEMA `main`.`training` TO `0f0e-reader`;',
      'GRANT USE SCHEMA ON SCHEMA `other`.`shop` TO `0f0e-reader`;',
      'GRANT SELECT ON TABLE `main`.`risk`.`credit_payload` TO `0f0e-reader`;',
      'GRANT SELECT ON TABLE `main`.`training`.`credit` TO `0f0e-reader`;',
      'GRANT SELECT ON TABLE `other`.`shop`.`prices` TO `0f0e-reader`;',
      'GRANT EXECUTE ON FUNCTION `main`.`risk`.`credit_pd` TO `0f0e-reader`;',
      'GRANT EXECUTE ON FUNCTION `other`.`shop`.`price` TO `0f0e-reader`;',
    ]);
  });

  test('may use the warehouse and see the endpoints, and nothing that changes anything', async () => {
    const [reader] = grantsFor(await configOf(HEAD + ACTING + WATCHED));
    expect(reader?.permissions).toEqual([
      { level: 'CAN_USE', what: 'SQL warehouse abc123', path: '/api/2.0/permissions/warehouses/abc123' },
      {
        level: 'CAN_VIEW',
        what: 'serving endpoint credit-pd',
        path: '/api/2.0/permissions/serving-endpoints/<id of credit-pd>',
      },
    ]);
    const words = [...(reader?.sql ?? []), ...(reader?.optional ?? []).flatMap(({ sql }) => sql)].join('\n');
    expect(words).not.toMatch(/MODIFY|ALL PRIVILEGES|CREATE|MANAGE|OWNER/);
  });

  test('of a token is to be filled in, by a name that nobody can have', async () => {
    const text = (HEAD + CREDIT).replace(
      'reader: { clientId: 0f0e-reader, clientSecret: { file: r } }',
      'reader: { token: { env: T } }',
    );
    const [reader] = grantsFor(await configOf(text));
    expect(reader?.principal).toBeNull();
    expect(reader?.sql[0]).toBe(
      'GRANT USE CATALOG ON CATALOG `main` TO `<user or application id of the reader>`;',
    );
  });

  test('of a table without catalog is not granted something else: it is said', async () => {
    const [reader] = grantsFor(
      await configOf((HEAD + CREDIT).replace('main.training.credit', 'training.credit')),
    );
    expect(reader?.sql.join('\n')).not.toContain('training');
    expect(reader?.notes).toEqual([expect.stringContaining('Write training.credit as catalog.schema.table')]);
  });
});

test('the log of served entities is asked for where a payload table needs it, and nowhere else', async () => {
  const payload = CREDIT.replace(
    'layout: columns, timestamp: at, version: version, requestId: id',
    'layout: ai-gateway',
  );
  const optional = async (text: string) =>
    (grantsFor(await configOf(text))[0]?.optional ?? []).flatMap(({ sql }) => sql).join('\n');
  expect(await optional(HEAD + payload)).toContain('ON TABLE `system`.`serving`.`served_entities` TO');
  expect(await optional(HEAD + CREDIT)).not.toContain('serving');
});

describe('the actor', () => {
  test('is there only if some model may act', async () => {
    const roles = async (text: string) => grantsFor(await configOf(text)).map(({ role }) => role);
    expect(await roles(HEAD + CREDIT + WATCHED)).toEqual(['reader']);
    expect(await roles(HEAD + ACTING + WATCHED)).toEqual(['reader', 'actor']);
  });

  test('may change what a rollback changes, of the models that may act, and read no table', async () => {
    const config = await configOf(HEAD + ACTING + WATCHED);
    const actor = grantsFor(config)[1];
    expect(actor?.sql).toEqual([
      'GRANT USE CATALOG ON CATALOG `main` TO `77aa-actor`;',
      'GRANT USE SCHEMA ON SCHEMA `main`.`risk` TO `77aa-actor`;',
      'GRANT EXECUTE ON FUNCTION `main`.`risk`.`credit_pd` TO `77aa-actor`;',
    ]);
    expect(actor?.permissions.map(({ level, what }) => [level, what])).toEqual([
      ['CAN_MANAGE', 'serving endpoint credit-pd'],
    ]);
    expect(actor?.notes[0]).toContain('Only the owner of main.risk.credit_pd may move its aliases');
  });

  test.each([
    ['[ traffic ]', ['CAN_MANAGE'], 0],
    ['[ alias ]', [], 1],
    ['[ traffic, alias ]', ['CAN_MANAGE'], 1],
  ] as const)('for moves %s', async (moves, levels, owners) => {
    const actor = grantsFor(
      await configOf(HEAD + ACTING.replace('mode: approve', `mode: auto, moves: ${moves}`)),
    )[1];
    expect(actor?.permissions.map(({ level }) => level)).toEqual(levels);
    expect(actor?.notes.filter((note) => note.includes('Only the owner'))).toHaveLength(owners);
  });
});

test('without a workspace there is nothing to grant', async () => {
  const text = `version: 1
warehouse: { kind: duckdb, tables: { main.risk.rows: rows.parquet } }
registry: { kind: none }
serving: { kind: none }
owners: { default: { email: risk@bank.example } }
models: { m: { registeredModel: m, source: { table: main.risk.rows, layout: columns, timestamp: at }, baseline: { trailing: 28d } } }
`;
  expect(grantsFor(await configOf(text))).toEqual([]);
});

describe('the script', () => {
  test('has every statement on a line of its own and everything else in comments', async () => {
    for (const grants of grantsFor(await configOf(HEAD + ACTING + WATCHED))) {
      const lines = grantsText(grants).split('\n').filter(Boolean);
      const statements = lines.filter((line) => !line.startsWith('-- '));
      expect(statements).toEqual([...grants.sql, ...grants.optional.flatMap(({ sql }) => sql)]);
      for (const statement of statements)
        expect(statement).toMatch(/^GRANT [A-Z ]+ ON [A-Z]+ `.*` TO `[^`]+`;$/);
    }
  });

  test('quotes names that would end a name or a comment', async () => {
    const config = await configOf(HEAD + CREDIT);
    if (config.workspace?.reader.kind !== 'oauth') throw new Error('not a client id');
    const evilReader = { ...config.workspace.reader, clientId: 'a`; DROP TABLE x; --' };
    const [reader] = grantsFor({ ...config, workspace: { ...config.workspace, reader: evilReader } });
    expect(reader?.sql[0]).toBe('GRANT USE CATALOG ON CATALOG `main` TO `a``; DROP TABLE x; --`;');
    if (reader === undefined) throw new Error('no reader');
    const evil = grantsText({ ...reader, principal: 'a\nDROP TABLE x;', sql: [], optional: [] });
    expect(evil.split('\n').filter((line) => line !== '' && !line.startsWith('--'))).toEqual([]);
  });

  const PAGE = 'docs/databricks-setup.md';
  const START = '<!-- grants: generated by driftwarden print grants, UPDATE_DOCS=1 rewrites it -->';
  const END = '<!-- end of grants -->';

  test('stands in the documentation as it is generated', async () => {
    const texts = grantsFor(await configOf(HEAD + ACTING)).map(grantsText);
    const block = `${START}\n\`\`\`sql\n${texts.join('\n')}\`\`\`\n${END}`;
    const page = readFileSync(PAGE, 'utf8');
    const from = page.indexOf(START);
    const to = page.indexOf(END);
    expect(from).toBeGreaterThan(0);
    const wanted = page.slice(0, from) + block + page.slice(to + END.length);
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, wanted);
    expect(readFileSync(PAGE, 'utf8')).toBe(wanted);
  });
});

describe('the view for the reader', () => {
  const model = aModel();

  test('holds what is read and nothing else, each column once', () => {
    const view = readerView(
      {
        ...model,
        source: { ...model.source, status: 'code', latency: 'ms', where: { column: 'probe', equals: false } },
      },
      ['income', 'code', 'a`b'],
      'reader-1',
    );
    const statements = (view ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('--'));
    expect(statements).toEqual([
      'CREATE OR REPLACE VIEW `main`.`risk`.`credit_scores_driftwarden` AS',
      'SELECT',
      '  `request_id`,',
      '  `at`,',
      '  `version`,',
      '  `code`,',
      '  `ms`,',
      '  `probe`,',
      '  `score`,',
      '  `income`,',
      '  `a``b`',
      'FROM `main`.`risk`.`credit_scores`;',
      'GRANT SELECT ON TABLE `main`.`risk`.`credit_scores_driftwarden` TO `reader-1`;',
    ]);
  });

  test('is not put beside a table whose catalog and schema are not told', () => {
    const bare = { ...model, source: { ...model.source, table: 'scores' } };
    expect(readerView(bare, ['income'], 'reader-1')).toBeNull();
  });
});
