import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblem, showPath } from '../../src/config/problems.ts';

const FOLDER = 'test/fixtures/config';

/** One fixture per mistake, `bad-<mistake>.yaml`, and every problem it must cause: no more, no fewer, in this order. */
const MISTAKES: { readonly [mistake: string]: readonly string[] } = {
  'actor-is-reader': [
    '4:10: workspace.actor has the credentials of the reader; make a service principal of its own for acting: the reader must not be able to act',
  ],
  'actor-missing': [
    '2:1: workspace.actor is missing: rollback.mode of credit is approve or auto; add credentials that may act, or set rollback.mode: observe',
  ],
  'actor-token-is-reader': [
    '5:10: workspace.actor has the credentials of the reader; make a service principal of its own for acting: the reader must not be able to act',
  ],
  'alias-to-itself': ['12:28: models.credit.features.income refers to itself; write the value out'],
  'alias-unknown': [
    '12:12: models.credit.drift refers to an anchor that does not exist before it; define the anchor (&name) above',
  ],
  'aliases-equal': [
    '12:32: models.credit.rollback.rollbackAlias is the same as championAlias; name the alias of the last good version, which stays when the champion moves',
  ],
  'baseline-trailing-where': [
    '11:41: models.credit.baseline.version belongs to a reference table, and the baseline is trailing; remove it, or name baseline.table',
  ],
  'baseline-two': ['11:15: models.credit.baseline has a table and trailing; keep one of them'],
  'breaches-form': ['12:27: models.credit.rollback.breaches is not m of n; write for example "3 of 4"'],
  'breaches-m-above-n': [
    '12:27: models.credit.rollback.breaches asks for 4 windows among 3; write "3 of 4" or smaller',
  ],
  'credentials-incomplete': [
    '4:11: workspace.reader has a clientId without a clientSecret; give clientId and clientSecret, or token',
    '5:10: workspace.actor has credentials of two kinds; keep one kind',
  ],
  'credentials-none': ['4:11: workspace.reader has no credentials; give clientId and clientSecret, or token'],
  'cron-six-fields': [
    '12:15: models.credit.schedule is not a cron line; write five fields: minute, hour, day of month, month, day of week',
  ],
  cron: [
    '12:15: models.credit.schedule is not a cron line; write five fields: minute, hour, day of month, month, day of week',
  ],
  'damaged-and-more': [
    '12:39: models.credit.rollback.breaches is not m of n; write for example "3 of 4"',
    '13:17: models.credit.prediction must be a map, found text; write keys and values below it, or { key: value }',
    '14:29: models.credit.drift.psi.breach must be a number, found text; write a number, without quotes',
    '14:40: models.credit.drift.ks warns at 0.5, which is not below the breach limit 0.197; make warn smaller than breach',
  ],
  'duplicate-key': [
    '14:5: models.credit.window is given twice, first in line 12; keep one of the two',
    '15:3: models.credit is given twice, first in line 8; keep one of the two',
  ],
  duration: [
    '12:15: models.credit.lateness is not a duration; write 30s, 5m, 1h, 1d or 4w',
    '13:13: models.credit.window is not a window length; write a duration such as 1h or 1d, or month, or quarter',
    '14:14: models.credit.catchUp is not a duration; write 30s, 5m, 1h, 1d or 4w',
    '15:16: models.credit.revisions is not a duration; write 30s, 5m, 1h, 1d or 4w',
  ],
  empty: ['1:1: the file is empty; start from driftwarden.example.yaml'],
  escalation: [
    '5:60: owners.default.escalateTo is not a key of owners; add it under owners, which has default, a, b',
    '5:132: owners.a.escalateAfter has nobody to escalate to; add escalateTo',
    '5:141: owners.b cannot be told anything; add email, ticketDesk or both',
    '5:155: owners.b.escalateTo is the owner itself; name another owner',
  ],
  favourable: [
    '12:44: models.credit.prediction.favourable means a side of a threshold; add prediction.threshold',
  ],
  'feature-names': [
    '12:25: models.credit.features.income must be one of double, float, int, bigint, long, decimal, number, string, boolean, categorical; did you mean double?',
    '12:33: models.credit.features.score is the prediction; remove it from features',
    '17:33: models.other.features.score is the prediction; remove it from features',
    '18:57: models.other.prediction.threshold belongs to a number, and the prediction is string; remove it, or correct prediction.type',
    '19:50: models.other.baseline.columns.incom is not one of the model’s features; did you mean income?',
    '20:26: models.other.drift.features.purpose is not one of the model’s features; add it to features, or remove it here',
  ],
  'features-empty': [
    '12:15: models.credit.features names no feature; name at least one, or remove the key to have them discovered',
  ],
  'include-content': [
    'bad-include-content.d/a.yaml:1:1: owners has no place in an included file; an included file holds models; write the rest in the main file',
    'bad-include-content.d/a.yaml:3:3: models.credit is given twice, first in bad-include-content.yaml line 8; keep one of the two',
    'bad-include-content.d/a.yaml:7:65: models.fraud.source.tabel is not a known key; did you mean table?',
    'bad-include-content.d/a.yaml:9:12: models.fraud.owner is not a key of owners; add it under owners, which has default',
    'bad-include-content.d/b.yaml:2:1: the indentation is wrong; line the key up with its neighbours; inside brackets close them first',
    'bad-include-content.d/c.yaml:1:1: the file is empty; start from driftwarden.example.yaml',
  ],
  'include-missing': [
    '12:24: include[1] names a folder that cannot be read: nowhere; make the folder, or correct the glob',
    '12:40: include[2] has a wildcard before the file name; write one glob per folder, for example models.d/*.yaml',
    'absent.yaml: does not exist; check the name',
  ],
  'key-collection': ['12:3: has a key that is not plain text; write each key as one word or as quoted text'],
  'key-not-text': [
    '8:3: models.1 reads as 1, not as it is written; put the key in quotes',
    '12:3: models.true is not text to YAML; put the key in quotes',
  ],
  kind: ['3:19: registry.kind must be one of unity-catalog, mlflow, none; did you mean mlflow?'],
  list: ['1:1: the file is not a map; write keys and values: version: 1'],
  'listen-form': [
    '12:17: http.listen is not an address to listen on; write host:port, for example 127.0.0.1:9469 or "[::1]:9469"',
  ],
  'listen-port': [
    '12:17: http.listen has a port above 65535; choose a port from 1 to 65535, or 0 for any free one',
  ],
  'listen-without-auth': [
    '12:17: http.listen is reachable from other machines, and http.auth is missing; listen on 127.0.0.1:9469, or add http.auth with tokens',
  ],
  'literal-secret': [
    '4:45: workspace.reader.clientSecret is a secret written into the configuration; write { file: PATH } or { env: NAME }, and change the secret: it has been in a file',
    '14:76: ticketDesks.ops.secret is a secret written into the configuration; write { file: PATH } or { env: NAME }, and change the secret: it has been in a file',
  ],
  'model-name': [
    '8:3: models["credit pd"] is not a name; use 1 to 63 letters, digits, underscores and hyphens',
  ],
  'models-empty': ['7:9: models names no model; add one below models, or in an included file'],
  'models-missing': ['1:1: models names no model; add one below models, or in an included file'],
  negative: [
    '12:14: models.credit.minRows must be at least 1; write a larger one',
    '13:25: models.credit.falseAlarmsPerYear must be more than 0; write a larger one',
    '14:19: models.credit.unknownAfter must be longer than nothing; write 30s, 5m, 1h, 1d or 4w',
    '15:27: models.credit.drift.psi.warn must be more than 0; write a larger one',
    '16:33: actions.maxRollbacksPerHour must be at least 0; write a larger one',
    '16:55: actions.maxShareOfModels must be at most 1; write a smaller one',
  ],
  'no-value': [
    '4:9: serving has no value; give it one, or remove the key',
    '12:11: models.credit.drift has no value; give it one, or remove the key',
  ],
  'payload-columns': [
    '1:1: workspace is missing: warehouse.kind databricks needs it; add workspace with url and reader, or choose registry.kind mlflow or none, and serving.kind none, and warehouse.kind duckdb',
    '1:1: warehouse.httpPath is missing: the SQL warehouse is found by it; copy it from the connection details of the SQL warehouse: /sql/1.0/warehouses/…',
    '6:3: models.credit.features is missing: in layout ai-gateway features are values in JSON, which are not discovered; list the features with their types',
    '8:44: models.credit.source.timestamp names a column, and the columns of layout ai-gateway are known; remove it, or set source.layout: columns',
  ],
  'not-yet': [
    '12:5: models.credit.segments is not in this version; remove the key',
    '13:10: store.kind postgres is not in this version; use kind sqlite',
  ],
  'owner-default-missing': [
    '5:9: owners.default is missing: credit may turn out to have no owner; add owners.default, or name an owner in each model',
  ],
  'prediction-missing': [
    '8:3: models.credit.prediction is missing: rollback.mode is auto and rollback.on lists prediction; add prediction with the name of its column, or leave prediction out of rollback.on',
  ],
  'required-missing': [
    '8:3: models.credit.registeredModel is missing; name the model in the registry: catalog.schema.model',
    '8:3: models.credit.baseline names no reference; add baseline.table, or baseline.trailing: 28d',
    '9:13: models.credit.source.table is missing; name the inference table',
    '9:13: models.credit.source.timestamp is missing; name the column of the event time',
    '10:17: models.credit.prediction.name is missing; name the column of the prediction',
  ],
  'reserved-names': [
    '12:3: models.__proto__ is a reserved word; choose another name',
    '13:3: models.constructor is a reserved word; choose another name',
    '14:3: models.prototype is a reserved word; choose another name',
    '15:1: owners2 is not a known key; did you mean owners?',
    '15:12: owners2.__proto__ is a reserved word; choose another name',
  ],
  'rollback-moves-nothing': [
    '13:36: models.credit.rollback.moves moves traffic only, and serving.kind is none; add alias to rollback.moves',
  ],
  'rollback-on-nothing': [
    '12:33: models.credit.rollback.on lists nothing this model measures, and rollback.mode is auto; list prediction or drift',
  ],
  freeze: [
    '12:32: calendar.freezes[0].cron is a cron line with signs that a freeze cannot have; use numbers, *, ranges, steps, lists, jan, sun',
    '12:61: calendar.freezes[0].duration must be longer than nothing; write 30s, 5m, 1h, 1d or 4w',
    '12:98: calendar.freezes[1].duration is longer than a year; write 366d or less; rollback.mode: observe holds a model for ever',
  ],
  'secret-shape': [
    '4:45: workspace.reader.clientSecret does not say where the secret is; write { file: PATH } or { env: NAME }',
  ],
  smoke: [
    '10:22: defaults.rollback.smoke asks for a request that is never sent: the model has no endpoint; remove rollback.smoke',
    '10:22: defaults.rollback.smoke asks for a request that is never sent: rollback.moves leaves out traffic; remove rollback.smoke',
  ],
  'syntax-indentation': [
    '10:1: the indentation is wrong; line the key up with its neighbours; inside brackets close them first',
    '11:1: the indentation is wrong; line the key up with its neighbours; inside brackets close them first',
  ],
  'syntax-quote': ['4:1: a closing quote, a bracket, a comma or the space after a colon is missing; add it'],
  'syntax-tab': ['3:1: a tab is used as indentation; use spaces'],
  'syntax-value': ['3:20: a value starts with a character that YAML reserves; put the value in quotes'],
  'table-name': [
    '10:22: models.credit.source.table is not a table name; write catalog.schema.table without quotes, with letters, digits, underscores and hyphens',
  ],
  tag: ['1:10: a value has a YAML tag; remove the word that starts with !'],
  time: [
    '12:12: models.credit.since is a time that does not exist; write ISO 8601 with an offset, for example 2026-01-31T00:00:00Z',
    '17:12: models.other.since is not a time; write ISO 8601 with an offset, for example 2026-01-31T00:00:00Z',
  ],
  timezone: [
    '12:71: calendar.freezes[0].timezone is not a time zone; write an IANA name such as America/New_York',
  ],
  'token-name-twice': [
    '17:17: http.auth.tokens[1].name is the name of another token; give each its own name',
  ],
  'escalation-unheard': [
    '5:84: owners.a.escalateTo has no ticketDesk, and owners.default has none: nobody would be told; add owners.default.ticketDesk',
  ],
  task: [
    '13:57: models.credit.prediction.threshold divides two decisions, and the task is multiclass; remove it, or correct task',
    '19:38: models.price.prediction.type is string, and a model whose task is regression predicts a number; correct prediction.type or task',
  ],
  'token-roles': [
    '17:48: http.auth.tokens[1].roles names the same thing twice; remove the repetition',
    '18:49: http.auth.tokens[2].roles[0] must be one of viewer, operator, approver, auditor; choose one of them',
    '19:48: http.auth.tokens[3].roles is an empty list; name at least one, or remove the key',
    '20:9: http.auth.tokens[4].token is missing; write { file: PATH } or { env: NAME }',
  ],
  'two-documents': ['12:1: the file holds several documents; remove the line --- and what follows'],
  'unity-catalog-name': [
    '10:22: models.credit.registeredModel is not a name in Unity Catalog; write catalog.schema.model',
  ],
  'unknown-desk': ['5:34: owners.default.ticketDesk is not a key of ticketDesks; did you mean ops?'],
  'unknown-key': [
    '2:28: warehouse.httpPath is not a known key; it belongs to kind databricks',
    '4:1: servng is not a known key; did you mean serving?',
    '11:5: models.credit.minrows is not a known key; did you mean minRows?',
    '12:5: models.credit.psi is not a known key; it belongs under models.*.drift or models.*.drift.features.*',
    '13:5: models.credit.zebra is not a known key; known here: registeredModel, endpoint, owner, riskTier, runbook, task, source, features, joins, prediction, labels, segments, baseline, since, catchUp, minRows, schedule, window, lateness, revisions, unknownAfter, falseAlarmsPerYear, drift, performance, challenger, fairness, rollback',
  ],
  'unknown-owner': ['12:12: models.credit.owner is not a key of owners; did you mean default?'],
  'url-credentials': [
    '3:32: registry.url holds credentials; take them out of the URL and give them as a secret',
  ],
  url: [
    '3:32: registry.url is not a URL; write https://host/path without user, password or fragment',
    '12:14: models.credit.runbook is not a URL; write https://host/path without user, password or fragment',
  ],
  'version-missing': ['1:1: version is missing; write version: 1 at the top of the file'],
  'version-unknown': ['1:10: version must be 1; write version: 1 at the top of the file'],
  'warehouse-by-http': [
    '3:8: workspace.url is http://, and a SQL warehouse is only reached by https://; use https://, or set warehouse.kind: duckdb',
  ],
  'warehouse-empty': [
    '2:12: warehouse has no data; add warehouse.tables (name to Parquet files) or warehouse.database',
  ],
  'warehouse-remote': [
    '2:49: warehouse.tables["lake.rows"] is not a path on this machine; write the path of a Parquet file, or a glob of them',
  ],
  'warn-not-below-breach': [
    '6:40: defaults.drift.psi warns at 0.25, which is not below the breach limit 0.25; make warn smaller than breach',
    '13:11: models.credit.drift.ks warns at 0.2, which is not below the breach limit 0.197; make warn smaller than breach',
    '14:34: models.credit.drift.features.income.psi warns at 0.25, which is not below the breach limit 0.2; make warn smaller than breach',
    '14:55: models.credit.drift.features.income.ks warns at 0.1, which is not below the breach limit 0.1; make warn smaller than breach',
  ],
  'workspace-http': [
    '3:8: workspace.url is http:// to another machine: tokens would travel in clear; use https://',
  ],
  'workspace-missing': [
    '1:1: workspace is missing: registry.kind unity-catalog and serving.kind databricks need it; add workspace with url and reader, or choose registry.kind mlflow or none, and serving.kind none',
  ],
  'workspace-path': [
    '3:8: workspace.url goes on after the host; write https://dbc-1234.cloud.databricks.com',
  ],
  'wrong-type': [
    '12:15: models.credit.lateness is not a duration; write 30s, 5m, 1h, 1d or 4w',
    '13:14: models.credit.minRows must be a number, found text; write a number, without quotes',
    '14:15: models.credit.features must be a map, found a list; write keys and values below it, or { key: value }',
    '15:11: models.credit.task must be one of binary, multiclass, regression; choose one of them',
    '16:21: models.credit.rollback.on must be a list, found text; write [ one, other ], or one per line with a dash',
    '17:25: models.credit.falseAlarmsPerYear must be a number, found a number that is not finite; write a number, without quotes',
    '18:25: metrics.topFeatures must be a whole number, found a fraction; write a whole number, without quotes',
    '19:9: actions has no value; give it one, or remove the key',
  ],
  'yaml-1-1': ['1:1: the file asks for an older YAML than 1.2; remove the line %YAML'],
};

async function problemsOf(mistake: string): Promise<readonly string[]> {
  const file = join(FOLDER, `bad-${mistake}.yaml`);
  const result = await loadConfig(file);
  if (result.ok) return [];
  return result.problems.map((problem) =>
    formatProblem(problem).replace(`${file}:`, '').replaceAll(`${FOLDER}/`, ''),
  );
}

describe('a configuration with a mistake is refused', () => {
  test.each(Object.entries(MISTAKES))('%s', async (mistake, expected) => {
    expect(await problemsOf(mistake)).toEqual(expected);
  });

  test('and every fixture is in the table', () => {
    const fixtures = readdirSync(FOLDER).filter((file) => /^bad-.*\.yaml$/.test(file));
    expect(fixtures.map((file) => file.slice('bad-'.length, -'.yaml'.length)).sort()).toEqual(
      Object.keys(MISTAKES).sort(),
    );
  });
});

describe('a problem', () => {
  test('carries file, line, column, path, message and remedy', async () => {
    const result = await loadConfig(join(FOLDER, 'bad-unknown-owner.yaml'));
    expect(result).toEqual({
      ok: false,
      problems: [
        {
          file: join(FOLDER, 'bad-unknown-owner.yaml'),
          line: 12,
          column: 12,
          path: 'models.credit.owner',
          message: 'is not a key of owners',
          remedy: 'did you mean default?',
        },
      ],
    });
  });

  test.each([
    [[], ''],
    [['models', 'credit_pd', 'source'], 'models.credit_pd.source'],
    [['http', 'auth', 'tokens', 0, 'name'], 'http.auth.tokens[0].name'],
    [['warehouse', 'tables', 'main.risk.x'], 'warehouse.tables["main.risk.x"]'],
    [['a b'], '["a b"]'],
  ])('shows its path %j as %s', (path, shown) => {
    expect(showPath(path)).toBe(shown);
  });
});
