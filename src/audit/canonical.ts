import { createHash } from 'node:crypto';

/** Deeper nesting than any record of ours has; keeps a hostile line from exhausting the stack. */
const MAX_DEPTH = 64;

/**
 * The RFC 8785 form of a JSON value: keys sorted by UTF-16 code units, no white space, numbers and strings written as
 * ECMAScript writes them. Equal values have equal bytes, so a hash of this text is a hash of the value.
 *
 * Throws TypeError, naming the path inside the value, for everything JSON has no word for: NaN, infinities, undefined,
 * lone surrogates, objects that are not plain.
 */
export function canonicalJson(value: unknown): string {
  return write(value, []);
}

/** Lower-case hex SHA-256 over the UTF-8 bytes of a text. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The hash of a value: SHA-256 of its canonical JSON. Used for evaluations, plans, baselines and configurations. */
export function canonicalHash(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}

type Trail = (string | number)[];

function write(value: unknown, trail: Trail): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return writeNumber(value, trail);
  if (typeof value === 'string') return writeString(value, trail);
  if (typeof value !== 'object') throw noJson(typeof value, trail);
  if (trail.length >= MAX_DEPTH) throw noJson(`nesting deeper than ${MAX_DEPTH}`, trail);
  return Array.isArray(value) ? writeArray(value, trail) : writeObject(value, trail);
}

/** JSON.stringify writes the shortest decimal that reads back as the same double, which is what RFC 8785 asks for. */
function writeNumber(value: number, trail: Trail): string {
  if (!Number.isFinite(value)) throw noJson(String(value), trail);
  return JSON.stringify(value);
}

function writeString(value: string, trail: Trail): string {
  // With the u flag a surrogate matches only where it has no partner.
  if (/[\uD800-\uDFFF]/u.test(value)) throw noJson('a lone surrogate', trail);
  return JSON.stringify(value);
}

function writeArray(values: readonly unknown[], trail: Trail): string {
  const parts: string[] = [];
  for (let index = 0; index < values.length; index += 1) {
    trail.push(index);
    parts.push(write(values[index], trail));
    trail.pop();
  }
  return `[${parts.join(',')}]`;
}

function writeObject(value: object, trail: Trail): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw noJson(`an object of class ${value.constructor.name}`, trail);
  }
  const parts: string[] = [];
  // Sorting without a comparer compares UTF-16 code units: the order of RFC 8785.
  for (const key of Object.keys(value).sort()) {
    trail.push(key);
    parts.push(`${writeString(key, trail)}:${write((value as { [key: string]: unknown })[key], trail)}`);
    trail.pop();
  }
  return `{${parts.join(',')}}`;
}

function noJson(what: string, trail: Trail): TypeError {
  const path = trail.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return new TypeError(`cannot be written as JSON: ${what} at $${path}`);
}
