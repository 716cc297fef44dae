/** Baselines, and directions in which they drift. */
import { tilt } from '../../dist/judge/evidence/tilt.js';
import { cellRanges, partWithin, polynomialScores } from '../../dist/judge/evidence/scores.js';
import { normal, uniforms } from './random.mjs';

const share = (weights) => {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
};

/** Shares of the ordinary cells. Beside them are the special ones, which nobody is in: two for numbers, three for categories. */
export const BASELINES = {
  uniform: { ordered: true, q: share(Array(10).fill(1)) },
  skewed: { ordered: true, q: share([24, 19, 15, 12, 9, 7, 5.5, 4, 2.7, 1.8]) },
  'zero-inflated': { ordered: true, q: share([46, 6, 6, 6, 6, 6, 6, 6, 6, 6]) },
  '50 cells': { ordered: true, q: share(Array(50).fill(1)) },
  '50 levels': { ordered: false, q: share(Array.from({ length: 50 }, (_, level) => 1 / (level + 8))) },
};

/** Score vectors: five of the fixed library, and as many that it lacks. */
export function directionsOf({ q, ordered }, seed) {
  const at = (...cells) => q.map((_, cell) => (cells.includes(cell) ? 1 : 0));
  const uniform = uniforms(seed);
  const random = () => q.map(() => normal(uniform));
  const last = q.length - 1;
  const middle = Math.floor(last / 2);
  return [
    ...(ordered ? orderedDirections(q, at(last)) : unorderedDirections(q, at)),
    { name: 'two middle cells', inside: false, scores: at(middle, middle + 1) },
    { name: 'wave', inside: false, scores: q.map((_, cell) => (cell % 2 === 0 ? 1 : -1)) },
    { name: 'three cells', inside: false, scores: at(1, middle, last - 1) },
    { name: 'random 1', inside: false, scores: random() },
    { name: 'random 2', inside: false, scores: random() },
  ];
}

function orderedDirections(q, lastCell) {
  const [location, spread] = polynomialScores(q, 2);
  const upper = cellRanges(q).map((range) => partWithin(range, 0.75, 1));
  return [
    { name: 'location', inside: true, scores: location },
    { name: 'location down', inside: true, scores: location.map((score) => -score) },
    { name: 'spread', inside: true, scores: spread },
    { name: 'last cell', inside: true, scores: lastCell },
    { name: 'upper quarter', inside: true, scores: upper },
  ];
}

/** Levels come by frequency, so the rarer quarter lies at the end. */
function unorderedDirections(q, at) {
  const rarer = cellRanges(q).map((range) => partWithin(range, 0.75, 1));
  return [
    { name: 'sharper', inside: true, scores: q.map((value) => Math.log(value)) },
    { name: 'flatter', inside: true, scores: q.map((value) => -Math.log(value)) },
    { name: 'rarer quarter', inside: true, scores: rarer },
    { name: 'most frequent level', inside: true, scores: at(0) },
    { name: 'rarest level', inside: true, scores: at(q.length - 1) },
  ];
}

export function psi(p, q) {
  let sum = 0;
  for (const [cell, base] of q.entries()) if (base > 0) sum += (p[cell] - base) * Math.log(p[cell] / base);
  return sum;
}

/** The tilt of q along the scores whose PSI is `size`. */
export function drifted(q, scores, size) {
  let low = 0;
  let high = 1;
  while (psi(tilt(q, scores, high), q) < size) high *= 2;
  for (let step = 0; step < 80; step += 1) {
    const t = (low + high) / 2;
    if (psi(tilt(q, scores, t), q) < size) low = t;
    else high = t;
  }
  return tilt(q, scores, high);
}
