import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { dropReserved, isTree, type Tree } from './names.ts';
import { type Path, type Problem, showPath } from './problems.ts';
import { type Fault, yamlFaults } from './yaml-faults.ts';
import { syntaxFaults } from './yaml-syntax.ts';

/** How many values one anchor may stand for, all references to it together. */
const MAX_EXPANSION = 1000;

/** A YAML file as read: plain data, and where in the text each piece of it stands. */
export interface SourceFile {
  readonly file: string;
  readonly data: Tree;
  /** Line and column of a value or of its key; of the nearest thing around it when it is not there. */
  place(path: Path, what: 'key' | 'value'): Place;
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with the value at a path. */
export interface Complaint {
  readonly path: Path;
  readonly message: string;
  readonly remedy: string;
  /** Points at the key instead of its value. */
  readonly atKey?: boolean;
  /** The key that was probably meant: that it is missing need not be said as well. */
  readonly meant?: Path;
}

export function problemIn(source: SourceFile, complaint: Complaint): Problem {
  const { line, column } = source.place(complaint.path, complaint.atKey === true ? 'key' : 'value');
  const { message, remedy } = complaint;
  return { file: source.file, line, column, path: showPath(complaint.path), message, remedy };
}

export interface Reading {
  /** Null when the text is too broken to look inside. */
  readonly source: SourceFile | null;
  readonly problems: readonly Problem[];
  /** Places whose data cannot be relied on, for instance because they are given twice. */
  readonly damaged: readonly Path[];
}

/** Parses YAML 1.2, strictly. */
export function readYaml(file: string, text: string): Reading {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    // Equal keys are found by yamlFaults, which knows that 1 and "1" are equal and where the first of them stands.
    uniqueKeys: false,
  });
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const lineOf = (offset: number): number => placeOf(offset).line;
  const syntax = syntaxFaults(document, lineOf);
  const faults = syntax.length > 0 ? syntax : yamlFaults(document, lineOf);
  const data = faults.some((fault) => fault.fatal) ? null : dataOf(document);
  const all = [...faults, ...(data?.faults ?? [])];
  const problems = all.map(({ offset, path, message, remedy }) => ({
    file,
    ...placeOf(offset),
    path: showPath(path),
    message,
    remedy,
  }));
  const tree = data?.tree ?? null;
  return {
    source: tree === null ? null : { file, data: tree, place: placer(document, placeOf) },
    problems,
    damaged: all.map((fault) => fault.path),
  };
}

function dataOf(document: Document): { readonly tree: Tree | null; readonly faults: readonly Fault[] } {
  const nothing = (message: string, remedy: string) => ({
    tree: null,
    faults: [{ offset: document.contents?.range?.[0] ?? 0, path: [], message, remedy, fatal: true }],
  });
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: MAX_EXPANSION });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    // The parser counts what references (*name) would expand to and stops before memory does.
    return nothing('references (*name) in the file expand to too much', 'use defaults instead of references');
  }
  if (data === null || data === undefined)
    return nothing('the file is empty', 'start from driftwarden.example.yaml');
  if (!isTree(data)) return nothing('the file is not a map', 'write keys and values: version: 1');
  dropReserved(data);
  return { tree: data, faults: [] };
}

/** Finds nodes by path. Data under a reference is found at its anchor, where the text is. */
function placer(document: Document, placeOf: (offset: number) => Place): SourceFile['place'] {
  const child = childFinder();
  const follow = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);
  return (path, what) => {
    let offset = 0;
    let node: unknown = document.contents;
    for (const [index, step] of path.entries()) {
      const found = child(follow(node), step);
      if (found === null) break;
      const wantsKey = what === 'key' && index === path.length - 1;
      offset = (wantsKey ? null : startOf(found.value)) ?? startOf(found.key) ?? offset;
      // The value of a map on lines of its own starts below its key: people look for it at the key.
      if (isMap(found.value) && found.value.flow !== true) offset = startOf(found.key) ?? offset;
      node = found.value;
    }
    return placeOf(offset);
  };
}

type Child = { readonly key: unknown; readonly value: unknown };

/** Looks keys up in an index per map, so that thousands of problems in a map of thousands of keys stay cheap. */
function childFinder(): (node: unknown, step: string | number) => Child | null {
  const indexes = new WeakMap<object, ReadonlyMap<string, Child>>();
  return (node, step) => {
    if (isSeq(node) && typeof step === 'number') {
      const item = node.items[step];
      return item === undefined ? null : { key: null, value: item };
    }
    if (!isMap(node)) return null;
    const index = indexes.get(node) ?? indexOf(node);
    indexes.set(node, index);
    return index.get(String(step)) ?? null;
  };
}

/** Of two equal keys, which have been reported, the last one counts: it is the one whose data is used. */
function indexOf(map: YAMLMap): ReadonlyMap<string, Child> {
  return new Map(
    map.items.flatMap(({ key, value }) =>
      isScalar(key) ? [[String(key.value), { key, value }] as const] : [],
    ),
  );
}

function startOf(node: unknown): number | null {
  return (node as Node | null | undefined)?.range?.[0] ?? null;
}
