/** Seeded random numbers: the same seed gives the same table on every machine. */

/** Uniform on (0, 1) with 53 bits: two draws of xoshiro128** (Blackman and Vigna 2018), seeded by splitmix32. */
export function uniforms(seed) {
  const s = new Uint32Array(4);
  let z = seed >>> 0;
  for (let i = 0; i < 4; i += 1) {
    z = (z + 0x9e3779b9) >>> 0;
    let x = z ^ (z >>> 16);
    x = Math.imul(x, 0x21f0aaad);
    x ^= x >>> 15;
    x = Math.imul(x, 0x735a2d97);
    s[i] = x ^ (x >>> 15);
  }
  const next = () => {
    const m = Math.imul(s[1], 5);
    const result = Math.imul((m << 7) | (m >>> 25), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  };
  return () => ((next() >>> 5) * 67108864 + (next() >>> 6) + 0.5) / 9007199254740992;
}

/** A standard normal variable (Marsaglia's polar method). */
export function normal(uniform) {
  for (;;) {
    const u = 2 * uniform() - 1;
    const v = 2 * uniform() - 1;
    const r = u * u + v * v;
    if (r > 0 && r < 1) return u * Math.sqrt((-2 * Math.log(r)) / r);
  }
}

/** A gamma variable of the given shape (Marsaglia and Tsang 2000). */
export function gamma(shape, uniform) {
  if (shape < 1) return gamma(shape + 1, uniform) * uniform() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(uniform);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(uniform()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v;
  }
}

/** Shares around `mean`, the more scattered the smaller `concentration` is. */
export function dirichlet(mean, concentration, uniform) {
  const drawn = mean.map((share) => gamma(Math.max(share * concentration, 1e-9), uniform));
  const total = drawn.reduce((sum, value) => sum + value, 0);
  return drawn.map((value) => value / total);
}

/** Exact binomial: by waiting times for few successes, else the transformed rejection of Hörmann (1993, BTRS). */
export function binomial(n, p, uniform) {
  if (n <= 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - binomial(n, 1 - p, uniform);
  if (n * p < 10) {
    const log = Math.log1p(-p);
    let sum = 0;
    for (let k = 0; ; k += 1) {
      sum += Math.log(uniform()) / (n - k);
      if (sum < log) return k;
    }
  }
  const spread = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * spread;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const c = n * p + 0.5;
  const vr = 0.92 - 4.2 / b;
  const alpha = (2.83 + 5.1 / b) * spread;
  const odds = p / (1 - p);
  const mode = Math.floor((n + 1) * p);
  for (;;) {
    const u = uniform() - 0.5;
    let v = uniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + c);
    if (k < 0 || k > n) continue;
    if (us >= 0.07 && v <= vr) return k;
    v = Math.log((v * alpha) / (a / (us * us) + b));
    const bound =
      (mode + 0.5) * Math.log((mode + 1) / (odds * (n - mode + 1))) +
      (n + 1) * Math.log((n - mode + 1) / (n - k + 1)) +
      (k + 0.5) * Math.log((odds * (n - k + 1)) / (k + 1)) +
      stirling(mode) +
      stirling(n - mode) -
      stirling(k) -
      stirling(n - k);
    if (v <= bound) return k;
  }
}

const STIRLING = [
  0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.0207906721037651, 0.0166446911898211,
  0.0138761288230707, 0.0118967099458917, 0.0104112652619721, 0.00925546218271273, 0.00833056343336287,
];

function stirling(k) {
  if (k < 10) return STIRLING[k];
  const x = 1 / ((k + 1) * (k + 1));
  return (1 / 12 - (1 / 360 - x / 1260) * x) / (k + 1);
}

/** Counts of `rows` independent rows over cells of shares `p`. */
export function multinomial(rows, p, uniform) {
  let left = rows;
  let mass = 1;
  return p.map((share, cell) => {
    const count = cell === p.length - 1 ? left : binomial(left, Math.min(1, share / mass), uniform);
    left -= count;
    mass = Math.max(mass - share, share > 0 ? 1e-300 : mass);
    return count;
  });
}
