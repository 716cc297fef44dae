/**
 * What a column holds, as the shares of its cells: exact laws of the counts, so that no row is drawn one by one. Edges come from a baseline
 * sample as they do in the product, so a heavy tail is cut into cells as heavy tails are.
 */
import { dirichlet, gamma, multinomial, normal } from './random.mjs';

const BASELINE_ROWS = 50_000;

/** Normal distribution function (West 2005's double precision rational form would be overkill: Abramowitz and Stegun 26.2.17, 7.5e-8). */
function phi(x) {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const density = Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  const tail =
    density * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x >= 0 ? 1 - tail : tail;
}

/** A continuous column with distribution function `cdf`, its deciles taken from a sample drawn by `draw`. */
function continuous(draw, cdf, uniform) {
  const sample = Array.from({ length: 5000 }, () => draw(uniform)).sort((a, b) => a - b);
  const edges = Array.from({ length: 9 }, (_, index) => sample[500 * (index + 1)]);
  return {
    ordered: 10,
    shares: (wobble) => {
      const heights = [0, ...edges.map((edge) => cdf(edge, wobble)), 1];
      return [...heights.slice(1).map((height, cell) => Math.max(0, height - heights[cell])), 0, 0];
    },
  };
}

const columns = {
  normal: (uniform) => continuous(normal, (x, { mean, scale }) => phi((x - mean) / scale), uniform),
  lognormal: (uniform) =>
    continuous(
      (u) => Math.exp(2 * normal(u)),
      (x, { mean, scale }) => phi((Math.log(x) / 2 - mean) / scale),
      uniform,
    ),
  pareto: (uniform) =>
    continuous(
      (u) => u() ** (-1 / 1.5),
      (x, { mean, scale }) => 1 - Math.max(1, x / (1 + mean / 10)) ** (-1.5 * scale),
      uniform,
    ),
  discrete: () => ({
    ordered: 10,
    shares: ({ mean }) => {
      const rate = 3 * Math.exp(mean / 3);
      const shares = [];
      let share = Math.exp(-rate);
      for (let k = 0; k < 9; k += 1) {
        shares.push(share);
        share *= rate / (k + 1);
      }
      return [...shares, 1 - shares.reduce((sum, value) => sum + value, 0), 0, 0];
    },
  }),
  'zero-inflated': () => ({
    ordered: 6,
    shares: ({ mean, scale }) => {
      const zero = 0.7 + mean / 5;
      const heights = [0, 0.2, 0.4, 0.6, 0.8, 1].map((height) => height ** scale);
      return [zero, ...heights.slice(1).map((height, cell) => (1 - zero) * (height - heights[cell])), 0.0, 0.0];
    },
  }),
  levels: (uniform) => {
    const weights = Array.from({ length: 9 }, (_, level) => 1 / (level + 1) ** 1.5);
    const total = weights.reduce((sum, value) => sum + value, 0);
    const mean = [...weights.map((weight) => (0.9974 * weight) / total), 0.002, 0.0005, 0.0001];
    return { ordered: 0, shares: ({ still }) => (still ? mean : dirichlet(mean, 2000, uniform)) };
  },
};

const STILL = { mean: 0, scale: 1, still: true };
const wobbling = (uniform) => ({ mean: 0.05 * normal(uniform), scale: 1 + 0.03 * normal(uniform), still: false });

/** Each scene: a column per feature, and its law in a window. */
export const SCENES = {
  'no drift': { kinds: ['normal'], wobble: () => STILL },
  'wobble inside the limit': { kinds: ['normal'], wobble: wobbling },
  'heavy tails, wobbling': { kinds: ['lognormal', 'pareto'], wobble: wobbling },
  'discrete, wobbling': { kinds: ['discrete'], wobble: wobbling },
  'zero-inflated, wobbling': { kinds: ['zero-inflated'], wobble: wobbling },
  'rare levels, wobbling': { kinds: ['levels'], wobble: wobbling },
};

/** Features of a scene with their frozen baselines. */
export function featuresOf(scene, count, uniform) {
  const { kinds } = SCENES[scene];
  return Array.from({ length: count }, (_, index) => {
    const column = columns[kinds[index % kinds.length]](uniform);
    return { ordered: column.ordered, column, baseline: multinomial(BASELINE_ROWS, column.shares(STILL), uniform) };
  });
}

export { gamma };
