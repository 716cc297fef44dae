import { FAMILIES, FAMILY_NAMES, type FamilyName, fullName } from '../../src/metrics/families.ts';
import type { Family } from '../../src/metrics/family.ts';

/** Labels that the scrape adds to every series. */
const TARGET_LABELS = ['job', 'instance', 'pod'];
/** What a histogram family is queried by. */
const HISTOGRAM_PARTS = ['_bucket', '_sum', '_count'];

export interface Selector {
  readonly metric: string;
  readonly matchers: readonly string[];
}

/** Every metric of ours that an expression selects, recorded names included, with the labels that it matches on. */
export function selectorsIn(expression: string): readonly Selector[] {
  const bare = expression.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  return [...bare.matchAll(/\b([a-z_]+:driftwarden_[a-z_:]+|driftwarden_[a-z_]+)(?:\{([^}]*)\})?/g)].map(
    (found) => ({
      metric: found[1]!,
      matchers: [...(found[2] ?? '').matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)/g)].map((matcher) => matcher[1]!),
    }),
  );
}

/** Labels that an expression aggregates or joins by. */
export function groupingLabels(expression: string): readonly string[] {
  const lists = expression.matchAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g);
  return [...lists]
    .flatMap((list) => list[1]!.split(',').map((label) => label.trim()))
    .filter((label) => label !== '');
}

/** The family a metric name belongs to; null for a name of ours that the catalogue does not have. */
export function familyOf(metric: string): Family | null {
  const found = FAMILY_NAMES.find(
    (name: FamilyName) =>
      fullName(name) === metric ||
      (FAMILIES[name].type === 'histogram' &&
        HISTOGRAM_PARTS.some((part) => fullName(name) + part === metric)),
  );
  return found === undefined ? null : FAMILIES[found];
}

/** What is wrong with the names in an expression: metrics that are not exposed, labels that they do not have. */
export function nameFaults(expression: string, recorded: readonly string[] = []): readonly string[] {
  const selectors = selectorsIn(expression);
  const faults = selectors.flatMap(({ metric, matchers }) => {
    if (recorded.includes(metric)) return [];
    const family = familyOf(metric);
    if (family === null) return [`${metric} is not in the catalogue`];
    if (!family.built) return [`${metric} is not exposed by this version`];
    const labels = [...family.labels, ...TARGET_LABELS, ...(family.type === 'histogram' ? ['le'] : [])];
    return matchers
      .filter((label) => !labels.includes(label))
      .map((label) => `${metric} has no label ${label}`);
  });
  const known = new Set([
    ...TARGET_LABELS,
    'le',
    ...selectors.flatMap(({ metric }) => familyOf(metric)?.labels ?? []),
    ...(recorded.length > 0 ? ['model', 'model_owner'] : []),
  ]);
  const groups = groupingLabels(expression).filter((label) => !known.has(label));
  return [...faults, ...groups.map((label) => `nothing in the expression has a label ${label}`)];
}
