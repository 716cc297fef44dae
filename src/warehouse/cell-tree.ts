/** The place of the number `x` among cells closed on the right, as a binary tree of comparisons. `x` is neither NULL nor NaN. */
export function treeSql(
  x: string,
  edges: readonly number[],
  { literal, first = 0 }: { readonly literal: (value: number) => string; readonly first?: number },
): string {
  const middle = Math.floor(edges.length / 2);
  const edge = edges[middle];
  if (edge === undefined) return String(first);
  const below = treeSql(x, edges.slice(0, middle), { literal, first });
  const above = treeSql(x, edges.slice(middle + 1), { literal, first: first + middle + 1 });
  return `CASE WHEN ${x} <= ${literal(edge)} THEN ${below} ELSE ${above} END`;
}
