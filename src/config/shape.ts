import type { z } from 'zod';
import { complaintsOf } from './issues.ts';
import { isTree, type Tree, valueAt } from './names.ts';
import type { Path } from './problems.ts';
import type { Complaint } from './source-file.ts';

/** What is left of a file once everything that has the wrong shape is taken out, and what was taken out. */
export interface Shaped<Input> {
  readonly input: Input;
  readonly complaints: readonly Complaint[];
  /** Paths that were taken out: nothing can be said about what depends on them. */
  readonly damaged: readonly Path[];
}

/**
 * Holds data against a schema. Pieces that do not fit are reported and taken out until the rest fits, so that the checks
 * which need well-formed input still run on everything else and all mistakes are told at once. `required` stands in for
 * keys at the top that are missing.
 */
export function shape<Schema extends z.ZodType>(
  schema: Schema,
  original: Tree,
  required: Tree,
): Shaped<z.infer<Schema>> {
  const complaints: Complaint[] = [];
  const damaged: Path[] = [];
  let data = copy(original);
  // Every round takes something out or adds what is required; a file has far fewer levels than this.
  for (let round = 0; round < 100; round += 1) {
    const result = schema.safeParse(data);
    if (result.success) return { input: result.data, complaints, damaged };
    const found = result.error.issues.flatMap((issue) => complaintsOf(issue, data));
    // Later rounds only see what the first one's removals entail.
    if (round === 0) complaints.push(...found);
    for (const { path, meant } of found) {
      if (meant !== undefined) damaged.push(meant);
      const removed = removable(data, path);
      damaged.push(removed.length === 0 ? path : removed);
      if (removed.length === 0) data = { ...required, ...(data as Tree) };
      else remove(data, removed);
    }
  }
  throw new Error('a configuration schema refuses data from which everything it refused was removed');
}

/** The longest part of a path that exists and can be taken out of a map; list items go with their list. */
function removable(data: unknown, path: Path): Path {
  let value = data;
  for (const [index, step] of path.entries()) {
    if (typeof step === 'number' || !isTree(value) || !Object.hasOwn(value, step))
      return path.slice(0, index);
    value = value[step];
  }
  return path;
}

function remove(data: unknown, path: Path): void {
  const parent = valueAt(data, path.slice(0, -1));
  const last = path.at(-1);
  if (isTree(parent) && last !== undefined) Reflect.deleteProperty(parent, last);
}

/** A copy without shared parts: what is taken out at one place must stay at another that refers to the same anchor. */
function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (!isTree(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner)]));
}
