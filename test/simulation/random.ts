/** Numbers that look drawn and are the same for the same seed, on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number from low to high, both included. */
  whole(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** One of the keys, as often as its weight says. */
  weighted<K extends string>(weights: { readonly [key in K]: number }): K;
}

/** The generator sfc32; streams of one seed do not depend on each other. */
export function createRandom(seed: number, stream: number): Random {
  let [a, b, c, d] = [seed | 0, Math.floor(seed / 2 ** 32) | 0, stream | 0, 1];
  const step = (): number => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let round = 0; round < 15; round += 1) step();
  const whole = (low: number, high: number): number => low + Math.floor(step() * (high - low + 1));
  return {
    next: step,
    whole,
    chance: (probability) => step() < probability,
    pick(list) {
      const chosen = list[whole(0, list.length - 1)];
      if (chosen === undefined) throw new Error('nothing to pick from');
      return chosen;
    },
    weighted: <K extends string>(weights: { readonly [key in K]: number }): K => {
      const entries = Object.entries(weights) as [K, number][];
      let rest = step() * entries.reduce((total, [, weight]) => total + weight, 0);
      for (const [key, weight] of entries) {
        rest -= weight;
        if (rest < 0) return key;
      }
      const last = entries.at(-1);
      if (last === undefined) throw new Error('nothing to draw from');
      return last[0];
    },
  };
}
