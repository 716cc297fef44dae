import type { PayloadReason } from '../../src/warehouse/payload-account.ts';
import { randomOf } from '../daemon/support/people.ts';

/** A logged request made by chance, and what has to become of it; null where only the engine's own reader of JSON can tell. */
export interface FuzzRow {
  readonly request: string | null;
  readonly response: string | null;
  readonly status: number | null;
  readonly outcome: 'accepted' | PayloadReason | null;
  /** Records of an accepted request. */
  readonly records: number;
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Requests of every form, right and wrong, and one in three of them with its text garbled afterwards. */
export function fuzzRows(count: number, seed: number): readonly FuzzRow[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, () => fuzzRow(random));
}

function fuzzRow(random: () => number): FuzzRow {
  const below = (most: number): number => Math.floor(random() * most);
  const request = below(50) === 0 ? null : JSON.stringify(requestOf(random));
  const response = below(50) === 0 ? null : JSON.stringify(responseOf(random));
  const status = below(20) === 0 ? ([400, 429, 500, 503, null][below(5)] ?? null) : 200;
  if (below(3) > 0 || request === null || response === null) {
    const { outcome, records } = outcomeOf(request, response, status);
    return { request, response, status, outcome, records };
  }
  const which = below(2);
  return {
    request: which === 0 ? garbled(request, random) : request,
    response: which === 1 ? garbled(response, random) : response,
    ...{ status, outcome: status === 200 ? null : outcomeOf(request, response, status).outcome, records: 0 },
  };
}

const KEYS = ['age', 'purpose', 'score', 'a.b', "it's", '"', '', '*', '\\', '日本', '\u0000', '$'];
const TEXTS = [
  'car',
  'home',
  '',
  'NaN',
  '1e5',
  '-0',
  '7.0',
  '\u0000',
  '"',
  "'",
  '\\u',
  '{',
  '[',
  '{"a":1}',
  'null',
  '💥',
  'x'.repeat(300),
];
const NUMBERS = [0, -0, 1, 30, 60.5, 1e308, 5e-324, 2 ** 53, -1, 0.1];

function valueOf(random: () => number, depth = 0): Json {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const kind = Math.floor(random() * (depth > 2 ? 6 : 8));
  if (kind < 2) return pick(NUMBERS);
  if (kind < 4) return pick(TEXTS);
  if (kind === 4) return random() < 0.5;
  if (kind === 5) return null;
  const many = Math.floor(random() * 4);
  if (kind === 6) return Array.from({ length: many }, () => valueOf(random, depth + 1));
  return Object.fromEntries(Array.from({ length: many }, () => [pick(KEYS), valueOf(random, depth + 1)]));
}

function record(random: () => number): Json {
  return {
    age: valueOf(random, 2),
    purpose: valueOf(random, 2),
    [KEYS[Math.floor(random() * KEYS.length)] ?? '']: 1,
  };
}

function requestOf(random: () => number): Json {
  const below = (most: number): number => Math.floor(random() * most);
  const length = below(6) === 0 ? below(20) : 1 + below(2);
  const list = (of: () => Json, size = length): Json[] => Array.from({ length: size }, of);
  switch (below(8)) {
    case 0:
      return { dataframe_records: list(() => (below(25) === 0 ? valueOf(random) : record(random))) };
    case 1:
      return { instances: list(() => (below(25) === 0 ? valueOf(random) : record(random))) };
    case 2:
      return { inputs: list(() => record(random)) };
    case 3: {
      const columns = list(() => KEYS[below(below(8) === 0 ? 3 : KEYS.length)] ?? '', 1 + below(3));
      const names: Json[] = below(3) === 0 ? columns : [...new Set(columns)];
      const width = names.length + (below(15) === 0 ? 1 : 0);
      return {
        dataframe_split: {
          columns: below(30) === 0 ? [...names, null] : names,
          data: list(() => (below(30) === 0 ? valueOf(random) : list(() => valueOf(random, 2), width))),
        },
      };
    }
    case 4: {
      const keys = ['age', 'purpose', 'other'].slice(0, 1 + below(3));
      return {
        inputs: Object.fromEntries(
          keys.map((key) => [key, list(() => valueOf(random, 2), length + (below(15) === 0 ? 1 : 0))]),
        ),
      };
    }
    case 5:
      return {
        [['dataframe_split', 'dataframe_records', 'instances', 'inputs'][below(4)] ?? '']: valueOf(random),
      };
    case 6:
      return { dataframe_split: null, dataframe_records: null, inputs: list(() => record(random)) };
    default:
      return below(4) === 0
        ? valueOf(random)
        : { inputs: list(() => record(random)), extra: valueOf(random) };
  }
}

function responseOf(random: () => number): Json {
  const below = (most: number): number => Math.floor(random() * most);
  const length = 1 + below(2);
  const one = (): Json => {
    const kind = below(4);
    if (kind === 0) return { score: valueOf(random, 2) };
    return kind === 1 ? [random()] : kind === 2 ? valueOf(random, 2) : random();
  };
  if (below(15) === 0) return valueOf(random);
  return { predictions: below(15) === 0 ? valueOf(random) : Array.from({ length }, one) };
}

/** A few signs gone, doubled, swapped or replaced. */
function garbled(text: string, random: () => number): string {
  let found = text;
  for (let times = 1 + Math.floor(random() * 3); times > 0; times -= 1) {
    const at = Math.floor(random() * (found.length + 1));
    const sign =
      ['', '"', '{', '}', '[', ']', ',', ':', '\\', '\\ud83d', 'NaN', '\t', 'é', '0', '-', '\u{1F4A5}'][
        Math.floor(random() * 16)
      ] ?? '';
    const gone = Math.floor(random() * 4);
    found = random() < 0.1 ? found.slice(0, at) : found.slice(0, at) + sign + found.slice(at + gone);
  }
  // A half of a pair of surrogates is no text that can be stored.
  return Buffer.from(found, 'utf8').toString('utf8');
}

/** The rules again, in other words than the engines': JSON is read here by JSON.parse. */
function outcomeOf(
  request: string | null,
  response: string | null,
  status: number | null,
): Pick<FuzzRow, 'outcome' | 'records'> {
  const reject = (outcome: PayloadReason): Pick<FuzzRow, 'outcome' | 'records'> => ({ outcome, records: 0 });
  if (status !== null && status >= 400 && status < 500) return reject('client_error');
  if (status !== 200) return reject('error_answer');
  if (request === null || response === null) return reject('not_logged');
  const records = recordsIn(JSON.parse(request) as Json);
  if (records === null) return reject('request_shape');
  const predictions = field(JSON.parse(response) as Json, 'predictions');
  if (!Array.isArray(predictions)) return reject('response_shape');
  if (predictions.length !== records) return reject('length_mismatch');
  return records === 0 ? reject('empty') : { outcome: 'accepted', records };
}

function field(value: Json, key: string): Json {
  return isObject(value) ? (value[key] ?? null) : null;
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function recordsIn(request: Json): number | null {
  const split = field(request, 'dataframe_split');
  if (split !== null) return rowsIn(split);
  const records = field(request, 'dataframe_records');
  if (records !== null) return objectsIn(records);
  const instances = field(request, 'instances');
  const inputs = field(request, 'inputs');
  const tensor = instances ?? inputs;
  if (Array.isArray(tensor)) return objectsIn(tensor);
  if (instances !== null || !isObject(inputs)) return null;
  const lists = Object.values(inputs);
  const lengths = new Set(lists.map((list) => (Array.isArray(list) ? list.length : -1)));
  const [length = -1] = lengths;
  return lengths.size === 1 && length >= 0 ? length : null;
}

function objectsIn(list: Json): number | null {
  return Array.isArray(list) && list.every((one: Json) => isObject(one)) ? list.length : null;
}

function rowsIn(split: Json): number | null {
  const columns = field(split, 'columns');
  const data = field(split, 'data');
  if (!Array.isArray(columns) || !Array.isArray(data)) return null;
  const names = columns.map((name: Json) => (typeof name === 'string' ? name : JSON.stringify(name)));
  if (columns.includes(null) || new Set(names).size !== names.length) return null;
  return data.every((row: Json) => Array.isArray(row) && row.length === columns.length) ? data.length : null;
}
