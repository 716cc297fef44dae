/** The relative width at which a bracket cannot be told from its root. */
const RESOLUTION = 2 ** -52;
const MOST_STEPS = 500;

/**
 * The root of a monotone function between two points at which it has different signs: Chandrupatla's method, that is inverse
 * quadratic interpolation where three points lie well enough for it, and a halving where they do not. It needs a
 * tenth of the evaluations of bisection and cannot leave the bracket.
 *
 * Source: Chandrupatla 1997, Advances in Engineering Software 28(3). About 10 evaluations for a smooth function, at most 500.
 *
 * @param f the function; infinite values are allowed as signs
 */
export function findRoot(f: (x: number) => number, low: number, high: number): number {
  let a = { x: high, y: f(high) };
  let b = { x: low, y: f(low) };
  if (Math.sign(a.y) * Math.sign(b.y) > 0)
    throw new Error(`findRoot requires different signs at ${low} and ${high}, got ${b.y} and ${a.y}`);
  let best = nearer(a, b);
  let c = a;
  let share = 0.5;
  for (let step = 0; step < MOST_STEPS && best.y !== 0; step += 1) {
    const least = (RESOLUTION * Math.abs(best.x)) / Math.abs(b.x - a.x);
    if (!(least < 0.5)) break;
    share = Math.min(1 - least, Math.max(least, share));
    const x = a.x + share * (b.x - a.x);
    const y = f(x);
    if (Math.sign(y) === Math.sign(a.y)) {
      c = a;
    } else {
      c = b;
      b = a;
    }
    a = { x, y };
    best = nearer(a, b);
    share = nextShare(a, b, c);
  }
  return best.x;
}

/** Of two points the one whose value is nearer to 0. */
function nearer(a: Point, b: Point): Point {
  return Math.abs(a.y) < Math.abs(b.y) ? a : b;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where to look next on the way from a to b: by interpolation where Chandrupatla's condition says it is safe, else halfway. */
function nextShare(a: Point, b: Point, c: Point): number {
  const place = (a.x - b.x) / (c.x - b.x);
  const height = (a.y - b.y) / (c.y - b.y);
  if (!(height ** 2 < place && (1 - height) ** 2 < 1 - place)) return 0.5;
  return (
    (a.y / (b.y - a.y)) * (c.y / (b.y - c.y)) +
    (((c.x - a.x) / (b.x - a.x)) * (a.y / (c.y - a.y)) * b.y) / (c.y - b.y)
  );
}
