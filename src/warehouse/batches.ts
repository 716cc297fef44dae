import type { CountPlan } from './plan.ts';

/** The plan in parts of at most `size` columns; one part when there is no column. */
export function batchesOf(plan: CountPlan, size: number): readonly CountPlan[] {
  const { slice, numeric, categorical } = plan;
  const parts = Math.max(1, Math.ceil((numeric.length + categorical.length) / size));
  return Array.from({ length: parts }, (_, part) => {
    const start = part * size;
    const levels = Math.max(0, start - numeric.length);
    const end = Math.max(0, start + size - numeric.length);
    return {
      slice,
      numeric: numeric.slice(start, start + size),
      categorical: categorical.slice(levels, end),
    };
  });
}

/** Lists of at most `size` of the items, in their order. */
export function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
