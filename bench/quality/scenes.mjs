/** Baselines, and directions in which they drift. */
import { tilt } from '../../dist/judge/evidence/tilt.js';
import { cellRanges, polynomialScores } from '../../dist/judge/evidence/scores.js';
import { dirichlet, normal, uniforms } from './random.mjs';

const share = (weights) => {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
};

/** Shares per cell; numeric ones have the two special cells beside them, which nobody is in. */
export const BASELINES = {
  uniform: { cells: 10, q: share(Array(10).fill(1)) },
  skewed: { cells: 10, q: share([24, 19, 15, 12, 9, 7, 5.5, 4, 2.7, 1.8]) },
  'zero-inflated': { cells: 10, q: share([46, 6, 6, 6, 6, 6, 6, 6, 6, 6]) },
  '50 levels': { cells: 50, q: share(Array(50).fill(1)) },
};

/** Score vectors: those of the fixed library, and as many that it lacks. `cells` ordered cells. */
export function directionsOf(q, seed) {
  const ranges = cellRanges(q);
  const [location, spread] = polynomialScores(q, 2);
  const at = (...cells) => q.map((_, cell) => (cells.includes(cell) ? 1 : 0));
  const uniform = uniforms(seed);
  const random = () => q.map(() => normal(uniform));
  const last = q.length - 1;
  const middle = Math.floor(last / 2);
  return [
    { name: 'location', inside: true, scores: location },
    { name: 'location down', inside: true, scores: location.map((score) => -score) },
    { name: 'spread', inside: true, scores: spread },
    { name: 'last cell', inside: true, scores: at(last) },
    { name: 'upper quarter', inside: true, scores: ranges.map(({ from }) => (from >= 0.75 - 1e-9 ? 1 : 0)) },
    { name: 'two middle cells', inside: false, scores: at(middle, middle + 1) },
    { name: 'wave', inside: false, scores: q.map((_, cell) => (cell % 2 === 0 ? 1 : -1)) },
    { name: 'three cells', inside: false, scores: at(1, middle, last - 1) },
    { name: 'random 1', inside: false, scores: random() },
    { name: 'random 2', inside: false, scores: random() },
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

export { dirichlet };
