import { isTree, type Tree } from './names.ts';
import type { ModelInput } from './schema-model.ts';

/** Lays trees over each other, later ones on top: maps are merged, everything else is replaced. */
export function mergeTrees(...layers: readonly (Tree | undefined)[]): Tree {
  const result: { [key: string]: unknown } = {};
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer ?? {})) {
      if (value === undefined) continue;
      const below = Object.hasOwn(result, key) ? result[key] : undefined;
      result[key] = isTree(value) ? mergeTrees(isTree(below) ? below : undefined, value) : value;
    }
  }
  return result;
}

/** Fills what is missing from `whenGiven`, but only inside maps that exist; its `*` stands for every key of a map. */
export function fillWhenGiven(tree: Tree, whenGiven: Tree): Tree {
  const result: { [key: string]: unknown } = { ...tree };
  const every = whenGiven['*'];
  const fills = isTree(every)
    ? Object.keys(tree).map((key) => [key, every] as const)
    : Object.entries(whenGiven);
  for (const [key, value] of fills) {
    const present = Object.hasOwn(tree, key) ? tree[key] : undefined;
    if (!isTree(value)) result[key] = present === undefined ? value : present;
    else if (isTree(present)) result[key] = fillWhenGiven(present, value);
  }
  return result;
}

/**
 * A model over the `defaults` of its file. A baseline is either a table or trailing: a model that names one of them does
 * not inherit the other, nor what belongs to it.
 */
export function inheritModel(defaults: ModelInput | undefined, own: ModelInput): ModelInput {
  if (defaults?.baseline === undefined || own.baseline === undefined) return mergeTrees(defaults, own);
  const { table, where, columns, version, trailing, ...common } = defaults.baseline;
  const kept = own.baseline.trailing !== undefined ? {} : { table, where, columns, version };
  const keptTrailing = own.baseline.table !== undefined ? {} : { trailing };
  return mergeTrees({ ...defaults, baseline: { ...common, ...kept, ...keptTrailing } }, own);
}
