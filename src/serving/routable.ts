import type { Endpoint, EntityChanges } from './serving.ts';

/** Why these percentages cannot be sent, in words, or null when they can. */
export function whyNotRoutable(
  endpoint: Endpoint,
  routes: { readonly [entity: string]: number },
  { removes = [], adds }: EntityChanges = {},
): string | null {
  const known = new Set(endpoint.entities.map((entity) => entity.name));
  if (adds !== undefined) {
    if (known.has(adds.name)) return `"${adds.name}" is a served entity of the endpoint already`;
    if (!known.has(adds.like)) return `"${adds.like}" is not a served entity of the endpoint`;
    known.add(adds.name);
  }
  const stranger = [...Object.keys(routes), ...removes].find((name) => !known.has(name));
  if (stranger !== undefined) return `"${stranger}" is not a served entity of the endpoint`;
  const gone = removes.find((name) => (routes[name] ?? 0) > 0);
  if (gone !== undefined) return `"${gone}" cannot leave the endpoint and take traffic`;
  const percentages = Object.values(routes);
  if (percentages.some((value) => !Number.isInteger(value) || value < 0 || value > 100)) {
    return 'percentages must be whole numbers from 0 to 100';
  }
  const sum = percentages.reduce((total, value) => total + value, 0);
  return sum === 100 ? null : `percentages must sum to 100, not ${sum}`;
}
