/** The root of a falling function between `low` and `high`, to the last bit that bisection can tell. */
export function bisect(falling: (x: number) => number, low: number, high: number): number {
  let left = low;
  let right = high;
  for (let step = 0; step < 2000; step += 1) {
    const middle = left > 0 && right / left > 4 ? Math.sqrt(left * right) : (left + right) / 2;
    if (middle <= left || middle >= right) break;
    if (falling(middle) > 0) left = middle;
    else right = middle;
  }
  return (left + right) / 2;
}
