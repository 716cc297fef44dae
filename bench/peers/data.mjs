/**
 * Simulated data with seeds: a reference table and daily windows, written as 32-bit floats, column after column. Every tool reads the same files.
 * Level numbers of a categorical column are written as floats too.
 */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { errorFunction } from 'simple-statistics';
import { dirichlet, normal, uniforms } from '../quality/random.mjs';
import { NEAR } from './plan.mjs';

/** Shares of the ten levels of every categorical column; none is so rare that it would be pooled. */
export const LEVELS = [0.25, 0.2, 0.15, 0.1, 0.08, 0.07, 0.05, 0.04, 0.03, 0.03];
/** Scatter of a wobbling column from day to day, in standard deviations: mean (normal, cut off), scale (uniform); and of level shares. */
const WOBBLE = { mean: 0.05, cut: 0.15, scale: 0.03, concentration: 2000 };
const DECILES = 10;

/** One value of a numeric column: a standard normal variable moved and stretched, seen through the column's shape. */
function valueOf(shape, { shift, factor }, uniform) {
  if (shape === 'pareto') return uniform() ** (-1 / 1.5);
  const x = shift + factor * normal(uniform);
  return shape === 'lognormal' ? Math.exp(2 * x) : x;
}

function phi(x) {
  return (1 + errorFunction(x / Math.SQRT2)) / 2;
}

/** PSI of a normal variable after x -> shift + factor x, on the ten cells that held a tenth each before. */
export function decilePsi(shift, factor) {
  const edges = Array.from({ length: DECILES - 1 }, (_, index) => quantile((index + 1) / DECILES));
  let below = 0;
  let sum = 0;
  for (const edge of [...edges, Infinity]) {
    const to = edge === Infinity ? 1 : phi((edge - shift) / factor);
    sum += (to - below - 1 / DECILES) * Math.log((to - below) * DECILES);
    below = to;
  }
  return sum;
}

function quantile(share) {
  return rootOf((x) => phi(x) - share, -10, 10);
}

function rootOf(rising, low, high) {
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    if (rising(middle) < 0) low = middle;
    else high = middle;
  }
  return high;
}

/** The shift in standard deviations whose decile PSI is `psi`. A monotone map of the variable leaves decile PSI as it is. */
export function shiftFor(psi) {
  return rootOf((shift) => decilePsi(shift, 1) - psi, 0, 5);
}

/** The largest true PSI that the wobble of a numeric column can reach. */
export function mostWobble() {
  const ends = [1 - WOBBLE.scale, 1 + WOBBLE.scale];
  return Math.max(...ends.map((factor) => decilePsi(WOBBLE.cut, factor)));
}

/** Names and kinds of the columns: in quiet scenes a fifth is categorical, a drifting scene has numeric ones only. */
export function columnsOf({ kind, scene, columns }) {
  const categorical = kind === 'drifting' ? 0 : columns / 5;
  return Array.from({ length: columns }, (_, index) => {
    if (index >= columns - categorical) return { name: `c${index}`, kind: 'categorical' };
    const heavy = index % 2 === 0 ? 'lognormal' : 'pareto';
    return { name: `x${index}`, kind: 'numeric', shape: scene === 'heavy' ? heavy : scene === 'lognormal' ? scene : 'normal' };
  });
}

/** Writes a data set into `folder` unless it is there. */
export function writeData(set, folder) {
  const path = join(folder, set.name);
  try {
    readFileSync(join(path, 'meta.json'));
    return path;
  } catch {
    rmSync(path, { recursive: true, force: true });
  }
  const draft = `${path}.draft`;
  mkdirSync(draft, { recursive: true });
  const columns = columnsOf(set);
  const uniform = uniforms(seedOf(set));
  writeFileSync(join(draft, 'reference.f32'), buffer(block(columns, set.referenceRows, uniform, () => STILL)));
  const shift = set.scene === 'near' ? shiftFor(NEAR) : set.psi === null ? 0 : shiftFor(set.psi);
  const file = openSync(join(draft, 'windows.f32'), 'w');
  for (let day = -set.past; day < set.days; day += 1) {
    const state = (column) => {
      if (set.kind === 'drifting') return { ...STILL, shift: day >= 0 ? shift : 0 };
      if (set.scene === 'near') return { ...STILL, shift };
      return set.scene === 'wobble' ? wobbling(column, uniform) : STILL;
    };
    writeSync(file, buffer(block(columns, set.rows, uniform, state)));
  }
  closeSync(file);
  writeFileSync(join(draft, 'meta.json'), JSON.stringify({ ...set, columns }));
  renameSync(draft, path);
  return path;
}

const STILL = { shift: 0, factor: 1, levels: LEVELS };

function wobbling(column, uniform) {
  if (column.kind === 'categorical') return { ...STILL, levels: dirichlet(LEVELS, WOBBLE.concentration, uniform) };
  const shift = Math.max(-WOBBLE.cut, Math.min(WOBBLE.cut, WOBBLE.mean * normal(uniform)));
  return { ...STILL, shift, factor: 1 + WOBBLE.scale * (2 * uniform() - 1) };
}

function block(columns, rows, uniform, stateOf) {
  const values = new Float32Array(columns.length * rows);
  for (const [index, column] of columns.entries()) {
    const state = stateOf(column);
    for (let row = 0; row < rows; row += 1)
      values[index * rows + row] =
        column.kind === 'categorical' ? levelAt(state.levels, uniform()) : valueOf(column.shape, state, uniform);
  }
  return values;
}

function levelAt(levels, u) {
  let below = 0;
  for (const [level, share] of levels.entries()) {
    below += share;
    if (u < below) return level;
  }
  return levels.length - 1;
}

/** Another stream for every data set. */
function seedOf({ name }) {
  let hash = 2166136261;
  for (const letter of name) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619) >>> 0;
  return hash;
}

function buffer(values) {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** A data set as written: columns, reference values of a column, values of a column on a day (0 is the first after the past). */
export function readData(path) {
  const meta = JSON.parse(readFileSync(join(path, 'meta.json'), 'utf8'));
  const reference = floats(join(path, 'reference.f32'));
  const windows = floats(join(path, 'windows.f32'));
  const { columns, rows, referenceRows, past } = meta;
  return {
    ...meta,
    referenceOf: (column) => reference.subarray(column * referenceRows, (column + 1) * referenceRows),
    valuesOf: (column, day) => {
      const from = ((day + past) * columns.length + column) * rows;
      return windows.subarray(from, from + rows);
    },
  };
}

function floats(path) {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}
