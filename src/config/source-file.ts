import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { dropReserved, isTree, type Tree } from './names.ts';
import { type Path, type Problem, showPath } from './problems.ts';
import { type Fault, yamlFaults } from './yaml-faults.ts';
import { syntaxFaults } from './yaml-syntax.ts';

/** A YAML file as read: plain data, and where in the text each piece of it stands. */
export interface SourceFile {
  readonly file: string;
  readonly data: Tree;
  /** Line and column of a value or of its key; of the nearest thing around it when it is not there. */
  place(path: Path, what: 'key' | 'value'): Place;
}

export interface Place {
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
}

export function problemIn(source: SourceFile, complaint: Complaint): Problem {
  const { line, column } = source.place(complaint.path, complaint.atKey === true ? 'key' : 'value');
  const { message, remedy } = complaint;
  return { file: source.file, line, column, path: showPath(complaint.path), message, remedy };
}

/** Parses YAML 1.2, strictly. `source` is null when the text is too broken to look inside. */
export function readYaml(
  file: string,
  text: string,
): { readonly source: SourceFile | null; readonly problems: readonly Problem[] } {
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
  const faults = syntaxFaults(document, lineOf);
  const all = faults.length > 0 ? faults : yamlFaults(document, lineOf);
  const data = all.some((fault) => fault.fatal) ? null : dataOf(document);
  const problems = [...all, ...(data?.faults ?? [])].map(({ offset, path, message, remedy }) => ({
    file,
    ...placeOf(offset),
    path: showPath(path),
    message,
    remedy,
  }));
  if (data === null || data.tree === null) return { source: null, problems };
  return { source: { file, data: data.tree, place: placer(document, placeOf) }, problems };
}

function dataOf(document: Document): { readonly tree: Tree | null; readonly faults: readonly Fault[] } {
  const nothing = (message: string, remedy: string) => ({
    tree: null,
    faults: [{ offset: document.contents?.range?.[0] ?? 0, path: [], message, remedy, fatal: true }],
  });
  let data: unknown;
  try {
    data = document.toJS();
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

function child(node: unknown, step: string | number): { key: unknown; value: unknown } | null {
  if (isSeq(node) && typeof step === 'number') {
    const item = node.items[step];
    return item === undefined ? null : { key: null, value: item };
  }
  if (!isMap(node)) return null;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  return pair === undefined ? null : { key: pair.key, value: pair.value };
}

function startOf(node: unknown): number | null {
  return (node as Node | null | undefined)?.range?.[0] ?? null;
}
