import type { Counter } from '../store/store.ts';
import type { CounterName, LabelsOf } from './families.ts';

/** Why a window was due and not evaluated: it was missed for longer than the model's `catchUp`. */
export const SKIP_REASONS = ['catch_up'] as const;

/**
 * An increment for `Change.count`: it is committed with what it counts, so that a count and its cause never part.
 * A name that is no counter, or labels that are not its labels, do not compile.
 */
export function increment<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, value = 1): Counter {
  return { name, labels: canonicalLabels(labels), value };
}

/** The form in which the store keys a counter: JSON with sorted names, so that equal labels are equal text. */
export function canonicalLabels(labels: { readonly [label: string]: string }): string {
  const names = Object.keys(labels).sort();
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, labels[name]])));
}

/** One text per series, to look a counter up by. */
export function counterKey(name: string, labels: string): string {
  return `${name}${labels}`;
}
