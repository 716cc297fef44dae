import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { RESERVED_KEYS } from './names.ts';
import type { Path } from './problems.ts';

/** Something in a YAML text that YAML allows and a configuration must not have. */
export interface Fault {
  /** Where it starts in the text. */
  readonly offset: number;
  readonly path: Path;
  readonly message: string;
  readonly remedy: string;
  /** Whether the text cannot be turned into data because of it. */
  readonly fatal: boolean;
}

/** More references than a person writes; fewer than it takes to make a small file a huge one. */
const MAX_ALIASES = 100;

/** Half of a UTF-16 pair; with the u flag it matches only where its other half is missing. */
const LONE_SURROGATE = /[\uD800-\uDFFF]/u;

const PLAIN_TAGS: readonly string[] = ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map(
  (tag) => `tag:yaml.org,2002:${tag}`,
);

/** Walks a parsed document once. `lineOf` gives the line of an offset, to say where the first of two equal keys is. */
export function yamlFaults(document: Document, lineOf: (offset: number) => number): readonly Fault[] {
  const faults: Fault[] = [];
  const aliases: { readonly node: Alias; readonly path: Path; readonly around: readonly Node[] }[] = [];
  const add = (node: unknown, path: Path, fault: Omit<Fault, 'offset' | 'path'>): void => {
    faults.push({ offset: offsetOf(node), path, ...fault });
  };

  function walk(node: unknown, path: Path, around: readonly Node[]): void {
    if (isAlias(node)) {
      aliases.push({ node, path, around });
      return;
    }
    checkTag(node, path);
    if (isMap(node)) walkMap(node, path, [...around, node]);
    if (isSeq(node)) node.items.forEach((item, index) => walk(item, [...path, index], [...around, node]));
  }

  function walkMap(map: YAMLMap, path: Path, around: readonly Node[]): void {
    const first = new Map<string, unknown>();
    for (const pair of map.items) {
      const key = keyText(pair);
      if (key === null) {
        add(pair.key ?? map, path, {
          message: 'has a key that is not plain text',
          remedy: 'write each key as one word or as quoted text',
          fatal: true,
        });
        continue;
      }
      const inner = [...path, key];
      const fault = keyFault(key, pair.key as Scalar) ?? duplicate(first.get(key), lineOf);
      if (fault !== null) add(pair.key, inner, { ...fault, fatal: false });
      if (!first.has(key)) first.set(key, pair.key);
      walk(pair.value, inner, around);
    }
  }

  function checkTag(node: unknown, path: Path): void {
    const tag = isScalar(node) || isMap(node) || isSeq(node) ? node.tag : undefined;
    if (tag !== undefined && !PLAIN_TAGS.includes(tag)) {
      add(node, path, {
        message: 'has a YAML tag',
        remedy: 'remove the word that starts with !',
        fatal: true,
      });
    }
    if (isScalar(node) && typeof node.value === 'string' && LONE_SURROGATE.test(node.value)) {
      add(node, path, {
        message: 'is not valid Unicode text',
        remedy: 'write it without escapes',
        fatal: false,
      });
    }
  }

  walk(document.contents, [], []);
  for (const alias of aliases.length > MAX_ALIASES ? aliases.slice(MAX_ALIASES, MAX_ALIASES + 1) : aliases) {
    const fault = aliases.length > MAX_ALIASES ? TOO_MANY : aliasFault(alias, document);
    if (fault !== null) add(alias.node, alias.path, { ...fault, fatal: true });
  }
  return faults;
}

const TOO_MANY = {
  message: `is one reference (*name) of more than ${MAX_ALIASES} in this file`,
  remedy: 'use defaults instead of references',
};

function offsetOf(node: unknown): number {
  return (node as Node | null | undefined)?.range?.[0] ?? 0;
}

function keyText(pair: Pair): string | null {
  if (!isScalar(pair.key)) return null;
  const { value, source } = pair.key;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : (source ?? 'null');
}

function keyFault(key: string, node: Scalar): { message: string; remedy: string } | null {
  if (RESERVED_KEYS.includes(key)) {
    return { message: 'is a reserved word', remedy: 'choose another name' };
  }
  if (typeof node.value !== 'string' && (node.source ?? '') !== key) {
    return { message: `reads as ${key}, not as it is written`, remedy: 'put the key in quotes' };
  }
  if (node.value === null || typeof node.value === 'boolean') {
    return { message: 'is not text to YAML', remedy: 'put the key in quotes' };
  }
  return null;
}

function duplicate(
  first: unknown,
  lineOf: (offset: number) => number,
): { message: string; remedy: string } | null {
  if (first === undefined) return null;
  return {
    message: `is given twice, first in line ${lineOf(offsetOf(first))}`,
    remedy: 'keep one of the two',
  };
}

function aliasFault(
  alias: { readonly node: Alias; readonly around: readonly Node[] },
  document: Document,
): { message: string; remedy: string } | null {
  const target = alias.node.resolve(document);
  if (target === undefined) {
    return {
      message: 'refers to an anchor that does not exist before it',
      remedy: 'define the anchor (&name) above',
    };
  }
  if (alias.around.includes(target)) {
    return { message: 'refers to itself', remedy: 'write the value out' };
  }
  return null;
}
