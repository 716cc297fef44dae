import { cellRanges, partWithin, polynomialScores } from './scores.ts';

/** A direction in which shares may move: P ~ q exp(t s) over the cells that have a score. */
export interface Direction {
  readonly name: string;
  readonly scores: readonly number[];
}

/** Cells rarer than this are not watched for emptying: so small a share cannot prove it in useful time. */
const RAREST_TO_EMPTY = 0.02;

/**
 * The directions a fixed library looks in, each way.
 *
 * The first `ordered` cells have an order (numeric intervals): location, its square and cube as orthogonal polynomials of the normal score of a
 * cell's middle, either outer quarter, both outer tenths and quarters, the two end cells. Without an order (categories): shares that sharpen
 * or flatten, and the rarer quarter and half. Every single cell in either case, the special ones too.
 */
export function directions(q: readonly number[], ordered: number): readonly Direction[] {
  if (q.length < 2) return [];
  const shapes = ordered >= 2 ? orderedShapes(q.slice(0, ordered)) : unorderedShapes(q);
  const bothWays = shapes.flatMap(({ name, scores }) => [
    { name: `${name} up`, scores },
    { name: `${name} down`, scores: opposite(scores) },
  ]);
  const cells = q.flatMap((share, cell) => {
    const scores = q.map((_, other) => (other === cell ? 1 : 0));
    const up = { name: `cell ${cell + 1} up`, scores };
    const down = { name: `cell ${cell + 1} down`, scores: opposite(scores) };
    return share >= RAREST_TO_EMPTY ? [up, down] : [up];
  });
  return distinct([...bothWays, ...cells]);
}

function orderedShapes(q: readonly number[]): readonly Direction[] {
  const ranges = cellRanges(q);
  const outer = (low: number, high: number): readonly number[] =>
    ranges.map((range) => partWithin(range, 0, low) + partWithin(range, 1 - high, 1));
  const names = ['location', 'spread', 'skew'];
  return [
    ...polynomialScores(q, names.length).map((scores, index) => ({ name: names[index] ?? '', scores })),
    { name: 'lower quarter', scores: outer(0.25, 0) },
    { name: 'upper quarter', scores: outer(0, 0.25) },
    { name: 'outer tenths', scores: outer(0.1, 0.1) },
    { name: 'outer quarters', scores: outer(0.25, 0.25) },
    { name: 'end cells', scores: q.map((_, cell) => (cell === 0 || cell === q.length - 1 ? 1 : 0)) },
  ];
}

function unorderedShapes(q: readonly number[]): readonly Direction[] {
  const byRarity = q.map((_, cell) => cell).sort((a, b) => (q[a] ?? 0) - (q[b] ?? 0));
  const ranges = cellRanges(byRarity.map((cell) => q[cell] ?? 0));
  const rarer = (most: number): readonly number[] => {
    const scores = q.map(() => 0);
    for (const [rank, cell] of byRarity.entries())
      scores[cell] = partWithin(ranges[rank] ?? { from: 0, to: 0 }, 0, most);
    return scores;
  };
  return [
    { name: 'sharpness', scores: q.map((share) => Math.log(share)) },
    { name: 'rarer quarter', scores: rarer(0.25) },
    { name: 'rarer half', scores: rarer(0.5) },
  ];
}

function opposite(scores: readonly number[]): readonly number[] {
  return scores.map((score) => -score);
}

/** Scores that are the same up to a constant and a positive factor make the same tilts; scores without spread make none. */
function distinct(all: readonly Direction[]): readonly Direction[] {
  const kept = new Map<string, Direction>();
  for (const direction of all) {
    const { scores } = direction;
    const low = Math.min(...scores);
    const range = Math.max(...scores) - low;
    if (!(range > 1e-9)) continue;
    const shape = scores.map((score) => Math.round(((score - low) / range) * 1e6)).join(' ');
    if (!kept.has(shape)) kept.set(shape, direction);
  }
  return [...kept.values()];
}
