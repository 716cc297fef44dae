import { describe, expect, it } from 'vitest';
import { unmappedVersion } from '../../src/warehouse/payload.ts';
import { PAYLOAD_REASONS } from '../../src/warehouse/payload-account.ts';
import type { CountAnswer, CountColumn, Source, Warehouse } from '../../src/warehouse/warehouse.ts';
import { FORMS, type LoggedRow, POISON, VALUES } from './warehouse-poison.ts';
import { categorical, column, numeric, type SeedTable, type SeedValue, sourceOf } from './warehouse-seed.ts';

const AI_GATEWAY = {
  request_date: 'date',
  databricks_request_id: 'text',
  client_request_id: 'text',
  request_time: 'timestamp',
  status_code: 'integer',
  sampling_fraction: 'double',
  execution_duration_ms: 'long',
  request: 'text',
  response: 'text',
  logging_error_codes: 'texts',
  served_entity_id: 'text',
  requester: 'text',
} as const;

interface Logged extends Omit<Partial<LoggedRow>, 'name'> {
  readonly id?: string | null;
  readonly at?: string;
  readonly entity?: string | null;
  readonly requester?: string;
}

const YOUNG = '{"dataframe_records":[{"age":30,"purpose":"car"}]}';
const LOW = '{"predictions":[0.1]}';

function gateway(parts: Logged): readonly SeedValue[] {
  const { id = null, at = '2026-03-01T12:00:00.000Z', status = 200, fraction = null } = parts;
  const { request = YOUNG, response = LOW, entity = 'e7', requester = 'app' } = parts;
  const codes = parts.codes === undefined ? null : JSON.stringify(parts.codes);
  return [at.slice(0, 10), id, null, at, status, fraction, 12, request, response, codes, entity, requester];
}

function gatewayTable(name: string, rows: readonly Logged[]): SeedTable {
  return { name, columns: AI_GATEWAY, rows: rows.map(gateway) };
}

const LOGGED = [...FORMS, ...VALUES, ...POISON];
const BODIES = gatewayTable(
  'main.payload.bodies',
  LOGGED.map((row, place) => ({ ...row, id: `r${place}`, entity: row.name })),
);
const TIMES = gatewayTable('main.payload.times', [
  { id: 'a', at: '2026-02-28T23:59:59.999Z' },
  { id: 'b', at: '2026-03-01T00:00:00.000Z' },
  { id: 'c', at: '2026-03-01T23:59:59.999Z', requester: 'probe' },
  { id: 'd', at: '2026-03-02T00:00:00.000Z', status: 500 },
]);
const TWICE = gatewayTable('main.payload.twice', [
  { id: 'a', at: '2026-03-01T12:00:01.000Z', entity: 'later' },
  { id: 'a', at: '2026-03-01T12:00:00.000Z', entity: 'first' },
  { id: 'a', at: '2026-03-01T12:00:02.000Z', entity: 'later', status: 500 },
  { id: 'b', at: '2026-03-01T12:00:01.000Z', entity: 'first', status: 429 },
  { id: 'b', at: '2026-03-01T12:00:01.000Z', entity: 'first', status: 200 },
  { id: null, entity: 'none' },
  { id: null, entity: 'none' },
]);
const ENTITIES = gatewayTable('main.payload.entities', [
  { id: 'a', entity: 'e7' },
  { id: 'b', entity: 'e7b' },
  { id: 'c', entity: 'e8' },
  { id: 'd', entity: "o'old" },
  { id: 'e', entity: null },
  { id: 'f', entity: '' },
  { id: 'g', entity: 'e8', status: 503 },
]);
const SAMPLED = gatewayTable('main.payload.sampled', [
  { id: 'a', fraction: 0.5 },
  { id: 'b', fraction: 0.5, request: '{"dataframe_records":[{"age":60,"purpose":"home"}]}' },
  { id: 'c', fraction: 0.25, request: '{"dataframe_records":[{"age":60,"purpose":"car"}]}' },
  { id: 'd', fraction: 1 },
  { id: 'e', fraction: null },
  { id: 'f', fraction: 0.000_001, status: 500 },
]);
const TENTH = gatewayTable('main.payload.tenth', [
  { id: 'a', fraction: 0.1 },
  { id: 'b', fraction: 0.1, status: 400 },
  { id: 'c', fraction: 0.1 },
]);
const NAMES = [
  'a.b',
  "it's",
  'x"y',
  'a/b',
  'a~b',
  '$',
  '*',
  'a b',
  '`',
  '7',
  'Age',
  'age',
  '[0]',
  '日本',
  '\\',
];
const NAMED = gatewayTable('main.payload.named', [
  {
    id: 'a',
    request: JSON.stringify({ dataframe_records: [Object.fromEntries(NAMES.map((n, i) => [n, i]))] }),
  },
  {
    id: 'b',
    request: JSON.stringify({ dataframe_split: { columns: NAMES, data: [NAMES.map((_, i) => i)] } }),
    response: JSON.stringify({ predictions: [{ 'sc\'o"re': 0.1 }] }),
  },
  { id: 'c', request: JSON.stringify({ inputs: Object.fromEntries(NAMES.map((n, i) => [n, [i]])) }) },
]);
const LEGACY: SeedTable = {
  name: 'main.payload.legacy',
  columns: {
    databricks_request_id: 'text',
    client_request_id: 'text',
    date: 'date',
    timestamp_ms: 'long',
    status_code: 'integer',
    sampling_fraction: 'double',
    execution_time_ms: 'long',
    request: 'text',
    response: 'text',
    request_metadata: 'map',
  },
  rows: [
    legacy('a', '2026-02-28T23:59:59.999Z', { version: '6' }),
    legacy('b', '2026-03-01T00:00:00.000Z', { version: '6' }),
    legacy('b', '2026-03-01T00:00:01.000Z', { version: '6' }),
    legacy('c', '2026-03-01T23:59:59.999Z', { version: '7' }),
    legacy('d', '2026-03-01T12:00:00.000Z', { version: '7', status: 500 }),
    legacy('e', '2026-03-01T12:00:00.000Z', { version: null }),
    legacy('f', '2026-03-02T00:00:00.000Z', { version: '7' }),
  ],
};

function legacy(
  id: string,
  at: string,
  { version, status = 200 }: { readonly version: string | null; readonly status?: number },
): readonly SeedValue[] {
  const metadata = version === null ? {} : { endpoint_name: 'e', model_name: 'm', model_version: version };
  return [
    ...[id, null, at.slice(0, 10), BigInt(Date.parse(at)), status, 1, 12n],
    ...[YOUNG, LOW, JSON.stringify(metadata)],
  ];
}

const MODEL_SERVICE: SeedTable = {
  name: 'main.payload.service',
  columns: { event_time: 'timestamp', invocation_id: 'text', status_code: 'integer' },
  rows: [],
};

export const PAYLOAD_TABLES: readonly SeedTable[] = [
  ...[BODIES, TIMES, TWICE, ENTITIES, SAMPLED, TENTH, NAMED, LEGACY, MODEL_SERVICE],
];

const DAY = { start: Date.parse('2026-03-01T00:00:00Z'), end: Date.parse('2026-03-02T00:00:00Z') };
const AGE = column('age', numeric([45]));
const PURPOSE = column('purpose', categorical(['car', 'home', '7', 'true', '9007199254740993']));
const SCORE = column('score', numeric([0.5]));

function payloadSource(table: SeedTable, parts: Partial<Source> = {}): Source {
  return sourceOf(table.name, {
    payload: { layout: 'ai-gateway', prediction: 'score', entities: {} },
    ...parts,
  });
}

export function payloadContract(opened: () => Warehouse): void {
  const count = (
    source: Source,
    columns: readonly CountColumn[] = [AGE, PURPOSE, SCORE],
  ): Promise<CountAnswer> => opened().count({ source, window: DAY, columns });

  describe('every form and every poisoned row', () => {
    const answers = new Map<string, Promise<CountAnswer>>();
    const bodies = (): Promise<CountAnswer> => {
      const known = answers.get('bodies') ?? count(payloadSource(BODIES));
      answers.set('bodies', known);
      return known;
    };

    it.each(LOGGED)('$name: $outcome', async (row) => {
      const { payload, groups } = await bodies();
      const version = unmappedVersion(row.name);
      const outcomes = payload?.versions.find((own) => own.version === version);
      const found = [
        ...(outcomes?.accepted === 1 ? ['accepted'] : []),
        ...PAYLOAD_REASONS.filter((reason) => outcomes?.rejected[reason] === 1),
      ];
      expect(found).toEqual([row.outcome]);
      const group = groups.find((own) => own.version === version);
      expect(group?.rows ?? 0).toBe(row.records?.length ?? 0);
      const tally = (cells: readonly (readonly [string, number])[]): readonly string[] =>
        cells.flatMap(([cell, times]) => Array.from({ length: times }, () => cell)).sort();
      const of = (name: 'age' | 'purpose' | 'score', names: readonly string[]): readonly string[] => {
        const counts = group?.columns[name];
        return counts === undefined
          ? []
          : tally([
              ...names.map((cell, place) => [cell, counts.cells[place] ?? 0] as const),
              ['missing', counts.missing],
              ['non_finite', counts.nonFinite],
              ['unseen', counts.unseen],
            ]);
      };
      const expected = row.records ?? [];
      expect(of('age', ['young', 'old'])).toEqual(expected.map(({ age }) => age).sort());
      expect(of('purpose', ['car', 'home', '7', 'true', 'big'])).toEqual(
        expected.map(({ purpose }) => purpose).sort(),
      );
      expect(of('score', ['low', 'high'])).toEqual(expected.map(({ score }) => score).sort());
    });

    it('are all accounted for', async () => {
      const { payload } = await bodies();
      expect(payload?.requests).toBe(LOGGED.length);
      expect(payload?.accepted).toBe(FORMS.length + VALUES.length);
      expect(payload?.records).toBe(LOGGED.reduce((sum, row) => sum + (row.records?.length ?? 0), 0));
      expect(payload?.wrongType).toBe(LOGGED.reduce((sum, row) => sum + (row.wrongType ?? 0), 0));
      for (const reason of PAYLOAD_REASONS)
        expect([reason, payload?.rejected[reason]]).toEqual([
          reason,
          POISON.filter(({ outcome }) => outcome === reason).length,
        ]);
    });
  });

  it('takes the requests of the window, its start and not its end, and those that `where` asks for', async () => {
    expect((await count(payloadSource(TIMES))).payload).toMatchObject({ requests: 2, accepted: 2 });
    const where = { column: 'requester', equals: 'probe' };
    expect((await count(payloadSource(TIMES, { where }))).payload).toMatchObject({ requests: 1, records: 1 });
  });

  it('knows the newest request, whatever became of it', async () => {
    const newest = await opened().newest(payloadSource(TIMES));
    expect(newest).toBe(Date.parse('2026-03-02T00:00:00Z'));
  });

  it('counts a request that is logged twice once, its first row, and rows without an id as they stand', async () => {
    const { payload, groups } = await count(payloadSource(TWICE));
    expect(payload).toMatchObject({ requests: 7, accepted: 4, records: 4 });
    expect(payload?.rejected).toMatchObject({ duplicate: 3, error_answer: 0, client_error: 0 });
    expect(groups.map(({ version, rows }) => [version, rows])).toEqual([
      ['entity first', 2],
      ['entity none', 2],
    ]);
  });

  it('tells the version of each served entity, names one that nobody knows, and leaves a missing one missing', async () => {
    const entities = { e7: '7', e7b: '7', e8: '8', unused: '9' };
    const source = payloadSource(ENTITIES, {
      payload: { layout: 'ai-gateway', prediction: 'score', entities },
    });
    const { payload, groups } = await count(source);
    expect(groups.map(({ version, rows }) => [version, rows])).toEqual([
      ['7', 2],
      ['8', 1],
      ["entity o'old", 1],
      [null, 2],
    ]);
    expect(payload?.versions.find(({ version }) => version === '8')?.rejected.error_answer).toBe(1);
    const only = await count({ ...source, version: 'served_entity_id', onlyVersion: '7' });
    expect(only.groups.map(({ version, rows }) => [version, rows])).toEqual([['7', 2]]);
  });

  it('weighs the rows of a sample by their fractions: none more than one, and together fewer than there are', async () => {
    const { payload, groups } = await count(payloadSource(SAMPLED));
    // Weights 2, 2, 4, 1, 1 over the largest.
    expect(groups.map(({ rows }) => rows)).toEqual([2.5]);
    expect(groups[0]?.columns['age']?.cells).toEqual([1, 1.5]);
    expect(groups[0]?.columns['purpose']?.cells).toEqual([2, 0.5, 0, 0, 0]);
    expect(payload).toMatchObject({ requests: 6, records: 5, answered: 10 });
  });

  it('gives customers named in the records one vote each, by the weights of their rows', async () => {
    const columns = [column('age', numeric([45]))];
    const { groups } = await count({ ...payloadSource(SAMPLED), cluster: 'purpose' }, columns);
    // The cars weigh 2, 4, 1, 1 of 8, the third of them old; the home votes alone.
    expect(groups.map(({ rows }) => rows)).toEqual([2]);
    expect(groups[0]?.columns['age']?.cells).toEqual([0.5, 1.5]);
  });

  it('counts rows of one fraction as they stand', async () => {
    const { payload, groups } = await count(payloadSource(TENTH));
    expect(groups.map(({ rows }) => rows)).toEqual([2]);
    expect(payload).toMatchObject({ requests: 3, records: 2, answered: 20 });
  });

  it('finds values under any name, in every form', async () => {
    const columns = NAMES.map((name, place) => column(name, numeric([place - 0.5, place])));
    const { groups } = await count(
      payloadSource(NAMED, {
        payload: { layout: 'ai-gateway', prediction: 'sc\'o"re', entities: { e7: '7' } },
      }),
      [...columns, column('sc\'o"re', numeric([0.5]))],
    );
    for (const name of NAMES) expect([name, groups[0]?.columns[name]?.cells]).toEqual([name, [0, 3, 0]]);
    expect(groups[0]?.columns['sc\'o"re']?.cells).toEqual([3, 0]);
  });

  it('makes bins of records, and tells levels of the window before from those that are new', async () => {
    const source = payloadSource(BODIES);
    const { rows, bins } = await opened().bins({
      source,
      window: DAY,
      columns: [
        { name: 'age', from: 'age', kind: 'numeric' },
        { name: 'purpose', from: 'purpose', kind: 'categorical' },
      ],
      bins: 2,
      minLevelRows: 3,
      maxLevels: 2,
    });
    expect(rows).toBe(LOGGED.reduce((sum, row) => sum + (row.records?.length ?? 0), 0));
    expect(bins['age']).toEqual({ kind: 'numeric', edges: [30], coarseEdges: [30] });
    expect(bins['purpose']).toEqual({ kind: 'categorical', levels: ['car', 'home'], other: true });
    const levelsIn = { source, column: 'purpose', window: DAY };
    const counted = await count(source, [column('purpose', categorical(['car'], true), levelsIn)]);
    expect(counted.groups.reduce((sum, { columns }) => sum + (columns['purpose']?.unseen ?? 0), 0)).toBe(0);
    const before = { ...levelsIn, window: { start: DAY.start - 1000, end: DAY.start } };
    const news = await count(source, [column('purpose', categorical(['car'], true), before)]);
    expect(news.groups.reduce((sum, { columns }) => sum + (columns['purpose']?.other ?? 0), 0)).toBe(0);
  });

  it('has no groups where nothing was logged', async () => {
    const source = payloadSource(BODIES);
    const window = { start: DAY.start - 1000, end: DAY.start };
    const { groups, payload } = await opened().count({ source, window, columns: [AGE, PURPOSE, SCORE] });
    expect(groups.filter(({ rows }) => rows > 0)).toEqual([]);
    expect(payload).toMatchObject({ requests: 0, accepted: 0, records: 0, answered: 0, versions: [] });
  });

  it('reads tables of automatic capture, which tell the version themselves', async () => {
    const payload = { layout: 'legacy', prediction: 'score', entities: {} } as const;
    const source = payloadSource(LEGACY, { payload });
    const answer = await count(source);
    expect(answer.payload).toMatchObject({ requests: 5, accepted: 3, records: 3 });
    expect(answer.payload?.rejected).toMatchObject({ duplicate: 1, error_answer: 1 });
    expect(answer.groups.map(({ version, rows }) => [version, rows])).toEqual([
      ['6', 1],
      ['7', 1],
      [null, 1],
    ]);
    expect(await opened().newest(source)).toBe(Date.parse('2026-03-02T00:00:00Z'));
  });

  it('fails closed on a table whose layout is another known one, and says which', async () => {
    await expect(count(payloadSource(LEGACY))).rejects.toMatchObject({
      reason: 'column_missing',
      message: expect.stringContaining('it has no request_time, served_entity_id'),
      remedy: expect.stringContaining('set source.layout: legacy'),
    });
  });

  it('fails closed on a table of another layout', async () => {
    await expect(count(payloadSource(MODEL_SERVICE))).rejects.toMatchObject({
      reason: 'column_missing',
      message: expect.stringContaining('is not of layout ai-gateway'),
      remedy: expect.stringContaining('model service'),
    });
  });
}
