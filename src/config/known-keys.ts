import { configJsonSchema, type JsonSchema } from './json-schema.ts';
import { isTree, valueAt } from './names.ts';
import type { Path } from './problems.ts';

/** What could have been meant by a key that does not exist. */

let cached: JsonSchema | null = null;

function root(): JsonSchema {
  cached ??= configJsonSchema();
  return cached;
}

export interface Advice {
  readonly remedy: string;
  /** The key that was probably meant, beside the unknown one. */
  readonly meant: string | null;
}

/** What to do about an unknown key: the nearest known one, else where the key belongs, else what is known here. */
export function adviceForKey(key: string, parent: Path, data: unknown): Advice {
  const kinds = variants(parent, null).filter((schema) => Object.hasOwn(schema.properties ?? {}, key));
  if (kinds.length > 0) {
    const names = kinds.map((schema) => String(schema.properties?.['kind']?.const));
    return { remedy: `it belongs to kind ${names.join(' or ')}`, meant: null };
  }
  const known = [
    ...new Set(variants(parent, data).flatMap((schema) => Object.keys(schema.properties ?? {}))),
  ];
  const near = nearest(key, known);
  if (near !== null) return { remedy: `did you mean ${near}?`, meant: near };
  const elsewhere = placesOf(key);
  if (elsewhere.length > 0) {
    return { remedy: `it belongs under ${elsewhere.slice(0, 2).join(' or ')}`, meant: null };
  }
  return { remedy: known.length > 0 ? `known here: ${known.join(', ')}` : 'remove it', meant: null };
}

/** The word of a list that a misspelt one is nearest to; null when none is near. A third of the letters may be wrong. */
export function nearest(word: string, words: readonly string[]): string | null {
  const ranked = words
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  const allowed = Math.max(1, Math.floor(word.length / 3));
  return best !== undefined && word.length > 2 && best.distance <= allowed ? best.candidate : null;
}

/** Schemas that may stand at a path; of the kinds of a thing only the kind that the data names, all of them without data. */
function variants(path: Path, data: unknown): readonly JsonSchema[] {
  let schemas = flatten(root());
  path.forEach((step, index) => {
    schemas = schemas.flatMap((schema) => flatten(inner(schema, step)));
    if (data === null) return;
    const kind = valueAt(data, [...path.slice(0, index + 1), 'kind']);
    const ofKind = schemas.filter((schema) => isKind(schema, kind));
    if (ofKind.length > 0) schemas = ofKind;
  });
  return schemas;
}

/** A kind that need not be written is the kind of data without one. */
function isKind(schema: JsonSchema, kind: unknown): boolean {
  const named = schema.properties?.['kind'];
  return (
    named !== undefined &&
    (named.const === kind || (kind === undefined && !schema.required?.includes('kind')))
  );
}

function inner(schema: JsonSchema, step: string | number): JsonSchema | undefined {
  if (typeof step === 'number') return schema.items;
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, step))
    return schema.properties[step];
  return isTree(schema.additionalProperties) ? schema.additionalProperties : undefined;
}

function flatten(schema: JsonSchema | undefined): readonly JsonSchema[] {
  if (schema === undefined) return [];
  if (schema.$ref !== undefined) return flatten(root().$defs?.[schema.$ref.replace('#/$defs/', '')]);
  const branches = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return branches.length > 0 ? branches.flatMap(flatten) : [schema];
}

/** Every place where a key of exactly this name is known, as the parent's path. */
function placesOf(key: string): readonly string[] {
  const places = new Set<string>();
  const look = (schema: JsonSchema | undefined, path: readonly string[]): void => {
    for (const variant of flatten(schema)) {
      for (const [name, property] of Object.entries(variant.properties ?? {})) {
        if (name === key) places.add(path.length === 0 ? 'the top of the file' : path.join('.'));
        if (name !== 'defaults') look(property, [...path, name]);
      }
      if (isTree(variant.additionalProperties)) look(variant.additionalProperties, [...path, '*']);
      look(variant.items, path);
    }
  };
  look(root(), []);
  return [...places];
}

/** Insertions, deletions, changes and swaps of neighbours that turn one word into the other (optimal string alignment). */
function editDistance(from: string, to: string): number {
  const rows: number[][] = [];
  // Left of and above the table stands "not reachable", so that the first row and column need no case of their own.
  const cell = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 0; i <= from.length; i += 1) {
    const row: number[] = [];
    rows.push(row);
    for (let j = 0; j <= to.length; j += 1) {
      const change = from[i - 1] === to[j - 1] ? 0 : 1;
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const swap = swapped ? cell(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY;
      const best = Math.min(cell(i - 1, j) + 1, cell(i, j - 1) + 1, cell(i - 1, j - 1) + change, swap);
      row.push(i === 0 && j === 0 ? 0 : best);
    }
  }
  return cell(from.length, to.length);
}
