/**
 * The root of a falling function within a bracket, to the last bit that bisection can tell, or as far as `steps` halvings get.
 * Wide brackets are halved on the scale of the logarithm.
 */
export function bisect(
  falling: (x: number) => number,
  bracket: { readonly low: number; readonly high: number; readonly steps?: number | undefined },
): number {
  let left = bracket.low;
  let right = bracket.high;
  for (let step = 0; step < (bracket.steps ?? 2000); step += 1) {
    const middle = left > 0 && right / left > 4 ? Math.sqrt(left * right) : (left + right) / 2;
    if (middle <= left || middle >= right) break;
    if (falling(middle) > 0) left = middle;
    else right = middle;
  }
  return (left + right) / 2;
}
