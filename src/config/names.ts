/** Small helpers over maps whose keys come from a file: such keys must never reach a prototype. */

/** Keys that mean something to JavaScript itself: refused wherever they stand. */
export const RESERVED_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype'];

export type Tree = { readonly [key: string]: unknown };

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Takes reserved keys out of data that was just parsed, in place. Their presence has been reported. */
export function dropReserved(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const key of RESERVED_KEYS) if (Object.hasOwn(value, key)) Reflect.deleteProperty(value, key);
  for (const inner of Object.values(value)) dropReserved(inner);
}

/** The value at a path of a tree read from YAML, or undefined. Own keys only. */
export function valueAt(tree: unknown, path: readonly (string | number)[]): unknown {
  let value = tree;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as { readonly [key: string | number]: unknown })[step];
  }
  return value;
}

/** A map without a prototype, so that looking up `toString` or `constructor` finds nothing. */
export function nameMap<Value>(entries: readonly (readonly [string, Value])[]): { [name: string]: Value } {
  const map = Object.create(null) as { [name: string]: Value };
  for (const [name, value] of entries) map[name] = value;
  return map;
}

export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
