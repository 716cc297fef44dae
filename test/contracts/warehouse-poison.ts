import type { PayloadReason } from '../../src/warehouse/payload-account.ts';

/** A logged request, what becomes of it, and how many records it has. Its `name` is its served entity. */
export interface LoggedRow {
  readonly name: string;
  readonly request: string | null;
  readonly response: string | null;
  readonly outcome: 'accepted' | PayloadReason;
  readonly status?: number | null;
  readonly codes?: readonly string[];
  readonly fraction?: number | null;
  /** What its records are, in order does not matter: age, purpose, score as the cells tell them. */
  readonly records?: readonly { readonly age: Age; readonly purpose: Purpose; readonly score: Score }[];
  readonly wrongType?: number;
}

export type Age = 'young' | 'old' | 'missing' | 'non_finite';
export type Purpose = 'car' | 'home' | '7' | 'true' | 'big' | 'missing' | 'unseen';
export type Score = 'low' | 'high' | 'missing' | 'non_finite';

const OLD_HOME_HIGH = { age: 'old', purpose: 'home', score: 'high' } as const;
const YOUNG_CAR_LOW = { age: 'young', purpose: 'car', score: 'low' } as const;

const records = (...list: readonly unknown[]): string => JSON.stringify({ dataframe_records: list });
const answer = (...list: readonly unknown[]): string => JSON.stringify({ predictions: list });
const one = (row: string): string => `{"dataframe_records":[${row}]}`;
const YOUNG = { age: 30, purpose: 'car' };
const OLD = { age: 60, purpose: 'home' };

function accepted(
  name: string,
  request: string,
  response: string,
  more: Pick<LoggedRow, 'records' | 'wrongType'> = { records: [YOUNG_CAR_LOW] },
): LoggedRow {
  return { name, request, response, outcome: 'accepted', ...more };
}

function rejected(
  name: string,
  outcome: PayloadReason,
  { request = records(YOUNG), response = answer(0.1), ...more }: Partial<LoggedRow>,
): LoggedRow {
  return { name, request, response, outcome, ...more };
}

const BOTH = { records: [YOUNG_CAR_LOW, OLD_HOME_HIGH] };

/** Everything that an endpoint is known to log, in the four forms of a request and those of a response. */
export const FORMS: readonly LoggedRow[] = [
  accepted(
    'split',
    '{"dataframe_split":{"index":[0,1],"columns":["age","purpose"],"data":[[30,"car"],[60,"home"]]}}',
    answer(0.1, 0.9),
    BOTH,
  ),
  accepted(
    'split in another order, with a further column',
    '{"dataframe_split":{"data":[["x","home",60]],"columns":["extra","purpose","age"]}}',
    answer(0.9),
    { records: [OLD_HOME_HIGH] },
  ),
  accepted('split without a column', '{"dataframe_split":{"columns":["age"],"data":[[30]]}}', answer(0.1), {
    records: [{ age: 'young', purpose: 'missing', score: 'low' }],
  }),
  accepted('records', records(YOUNG, OLD), answer(0.1, 0.9), BOTH),
  accepted('instances', JSON.stringify({ instances: [YOUNG, OLD] }), answer(0.1, 0.9), BOTH),
  accepted('inputs as records', JSON.stringify({ inputs: [YOUNG, OLD] }), answer(0.1, 0.9), BOTH),
  accepted(
    'inputs as lists',
    '{"inputs":{"age":[30,60],"purpose":["car","home"],"extra":[1,2]}}',
    answer(0.1, 0.9),
    BOTH,
  ),
  accepted('inputs as lists of one name', '{"inputs":{"age":[30]}}', answer(0.1), {
    records: [{ age: 'young', purpose: 'missing', score: 'low' }],
  }),
  accepted('inputs as lists of other names', '{"inputs":{"other":[30,31]}}', answer(0.1, 0.9), {
    records: [
      { age: 'missing', purpose: 'missing', score: 'low' },
      { age: 'missing', purpose: 'missing', score: 'high' },
    ],
  }),
  accepted(
    'keys in any order, one more',
    records({ z: { deep: [1] }, purpose: 'car', age: 30 }),
    answer(0.1),
  ),
  accepted(
    'a null body beside the one that is given',
    `{"dataframe_split":null,"inputs":[{"age":30,"purpose":"car"}]}`,
    answer(0.1),
  ),
  accepted(
    'spaces and lines',
    ' {\n "dataframe_records" : [ { "age" : 30 , "purpose" : "car" } ] }\n',
    ' { "predictions" : [ 0.1 ] } ',
  ),
  accepted(
    'predictions as objects',
    records(YOUNG, OLD),
    answer({ label: 'x', score: 0.1 }, { score: 0.9 }),
    BOTH,
  ),
  accepted('predictions as lists of one', records(YOUNG, OLD), answer([0.1], [0.9]), BOTH),
  accepted('predictions as text', records(YOUNG), answer('0.1')),
  accepted(
    'predictions with other keys beside them',
    records(YOUNG),
    '{"model":"m","predictions":[0.1],"usage":{}}',
  ),
];

/** Values that are not what they should be: the record is taken, its value is missing, not finite, or marked. */
export const VALUES: readonly LoggedRow[] = [
  accepted('a number as text', one('{"age":"30","purpose":"car"}'), answer(0.1)),
  accepted('a number with an exponent', one('{"age":3e1,"purpose":"car"}'), answer(0.1)),
  accepted('a number that is beyond every other', one('{"age":1e999,"purpose":"car"}'), answer(0.1), {
    records: [{ age: 'non_finite', purpose: 'car', score: 'low' }],
  }),
  accepted('NaN', one('{"age":NaN,"purpose":"car"}'), '{"predictions":[NaN]}', {
    records: [{ age: 'non_finite', purpose: 'car', score: 'non_finite' }],
  }),
  accepted('NaN as text', one('{"age":"NaN","purpose":"car"}'), answer('NaN'), {
    records: [{ age: 'non_finite', purpose: 'car', score: 'non_finite' }],
  }),
  accepted('Infinity', one('{"age":-Infinity,"purpose":"car"}'), '{"predictions":[Infinity]}', {
    records: [{ age: 'non_finite', purpose: 'car', score: 'non_finite' }],
  }),
  accepted('null values', one('{"age":null,"purpose":null}'), answer(null), {
    records: [{ age: 'missing', purpose: 'missing', score: 'missing' }],
  }),
  accepted('no values', one('{}'), answer(0.9), {
    records: [{ age: 'missing', purpose: 'missing', score: 'high' }],
  }),
  accepted('a word for a number', one('{"age":"thirty","purpose":"car"}'), answer('low'), {
    records: [{ age: 'missing', purpose: 'car', score: 'missing' }],
    wrongType: 1,
  }),
  accepted('true for a number, and for a category', one('{"age":true,"purpose":true}'), answer(0.1), {
    records: [{ age: 'missing', purpose: 'true', score: 'low' }],
    wrongType: 1,
  }),
  accepted('a list for a number', one('{"age":[30],"purpose":"car"}'), answer(0.1), {
    records: [{ age: 'missing', purpose: 'car', score: 'low' }],
    wrongType: 1,
  }),
  accepted(
    'what other languages take for numbers',
    records({ age: '1_0' }, { age: '30d' }, { age: '30f' }, { age: '0x1F' }, { age: '3 0' }, { age: '' }),
    answer(0.1, 0.1, 0.1, 0.1, 0.1, 0.1),
    {
      records: Array.from(
        { length: 6 },
        () => ({ age: 'missing', purpose: 'missing', score: 'low' }) as const,
      ),
      wrongType: 6,
    },
  ),
  accepted(
    'a whole number as a category, written in two ways',
    one('{"age":30,"purpose":7}').replace(']', ',{"age":30,"purpose":7.0}]'),
    answer(0.1, 0.1),
    {
      records: Array.from({ length: 2 }, () => ({ age: 'young', purpose: '7', score: 'low' }) as const),
    },
  ),
  accepted('a whole number that no double holds', one('{"age":30,"purpose":9007199254740993}'), answer(0.1), {
    records: [{ age: 'young', purpose: 'big', score: 'low' }],
  }),
  accepted('a key twice: the first counts', one('{"age":30,"purpose":"car","age":60}'), answer(0.1)),
  accepted(
    'quotes and letters of the world',
    one('{"age":30,"purpose":"d\\u00e9j\\u00e0 \\"vu\\" 日本 \\\\ \'"}'),
    answer(0.1),
    {
      records: [{ age: 'young', purpose: 'unseen', score: 'low' }],
    },
  ),
  accepted('several numbers per prediction', records(YOUNG), answer([0.3, 0.7]), {
    records: [{ age: 'young', purpose: 'car', score: 'missing' }],
    wrongType: 1,
  }),
  accepted('a prediction without its key', records(YOUNG), answer({ other: 0.3 }), {
    records: [{ age: 'young', purpose: 'car', score: 'missing' }],
    wrongType: 1,
  }),
];

/** What is no data: each has exactly one reason. */
export const POISON: readonly LoggedRow[] = [
  rejected('status 429', 'client_error', { status: 429 }),
  rejected('status 400 without a response', 'client_error', { status: 400, response: null }),
  rejected('status 500', 'error_answer', { status: 500, response: '{"error":"x"}' }),
  rejected('status 302', 'error_answer', { status: 302 }),
  rejected('no status', 'error_answer', { status: null }),
  rejected('too large a request', 'too_large', { request: null, codes: ['MAX_REQUEST_SIZE_EXCEEDED'] }),
  rejected('too large a response', 'too_large', { response: null, codes: ['MAX_RESPONSE_SIZE_EXCEEDED'] }),
  rejected('no request', 'not_logged', { request: null }),
  rejected('no response', 'not_logged', { response: null, codes: [] }),
  rejected('fraction 0', 'sampling_fraction', { fraction: 0 }),
  rejected('fraction below 0', 'sampling_fraction', { fraction: -0.5 }),
  rejected('fraction over 1', 'sampling_fraction', { fraction: 1.5 }),
  rejected('fraction NaN', 'sampling_fraction', { fraction: Number.NaN }),
  ...[
    ['half a request', '{"dataframe_records":[{"age":30'],
    ['no JSON', 'age=30'],
    ['an empty request', ''],
    ['null', 'null'],
    ['a number', '17'],
    ['a list', '[{"age":30}]'],
    ['an empty object', '{}'],
    ['another form', '{"messages":[{"role":"user"}]}'],
    ['split without columns', '{"dataframe_split":{"data":[[30]]}}'],
    ['split without data', '{"dataframe_split":{"columns":["age"]}}'],
    ['ragged rows', '{"dataframe_split":{"columns":["age","purpose"],"data":[[30,"car"],[60]]}}'],
    ['rows too long', '{"dataframe_split":{"columns":["age"],"data":[[30,"car"]]}}'],
    ['a name twice', '{"dataframe_split":{"columns":["age","age"],"data":[[30,31]]}}'],
    ['a name that is null', '{"dataframe_split":{"columns":["age",null],"data":[[30,31]]}}'],
    ['a row that is null', '{"dataframe_split":{"columns":["age"],"data":[null]}}'],
    ['a record that is null', '{"dataframe_records":[{"age":30},null]}'],
    ['a record that is a number', '{"dataframe_records":[30]}'],
    ['one record instead of a list', '{"dataframe_records":{"age":30}}'],
    ['instances as lists by name', '{"instances":{"age":[30]}}'],
    ['instances as numbers', '{"instances":[[30,1],[60,2]]}'],
    ['inputs as a number', '{"inputs":30}'],
    ['inputs as a text', '{"inputs":"x"}'],
    ['inputs as values by name', '{"inputs":{"age":30}}'],
    ['inputs as lists of unlike length', '{"inputs":{"age":[30,31],"purpose":["car"]}}'],
    ['inputs without names', '{"inputs":{}}'],
  ].map(([name = '', request = '']) => rejected(name, 'request_shape', { request })),
  ...[
    ['half a response', '{"predictions":[0.1'],
    ['an empty response', ''],
    ['a response without predictions', '{"outputs":[0.1]}'],
    ['predictions that are null', '{"predictions":null}'],
    ['predictions as a number', '{"predictions":0.1}'],
    ['predictions as lists by name', '{"predictions":{"score":[0.1]}}'],
    ['a list as response', '[0.1]'],
  ].map(([name = '', response = '']) => rejected(name, 'response_shape', { response })),
  rejected('fewer predictions', 'length_mismatch', { request: records(YOUNG, OLD) }),
  rejected('more predictions', 'length_mismatch', { response: answer(0.1, 0.2) }),
  rejected('predictions without records', 'length_mismatch', { request: '{"dataframe_records":[]}' }),
  rejected('no records', 'empty', { request: '{"dataframe_records":[]}', response: '{"predictions":[]}' }),
  rejected('no rows', 'empty', {
    request: '{"dataframe_split":{"columns":["age"],"data":[]}}',
    response: '{"predictions":[]}',
  }),
  rejected('lists of nothing', 'empty', { request: '{"inputs":{"age":[]}}', response: '{"predictions":[]}' }),
];
