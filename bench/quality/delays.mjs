/** Median delay of one test from the first drifted window to the alarm, beside the physical limit. */
import { buildLibrary } from '../../dist/judge/evidence/libraries.js';
import { setAround } from '../../dist/judge/evidence/cells.js';
import { project } from '../../dist/judge/evidence/set.js';
import { freshDetector } from '../../dist/judge/evidence/state.js';
import { decideTables, logTotal, stepWindow } from '../../dist/judge/evidence/step.js';
import { multinomial, uniforms } from './random.mjs';
import { BASELINES, directionsOf, drifted } from './scenes.mjs';

const BASELINE_ROWS = 1_000_000;
const LIMIT = 0.1;

/** The library of a baseline with its special cells. */
export function libraryOf({ q, ordered }) {
  const special = ordered ? [0, 0] : [0, 0, 0];
  const baseline = [...q.map((share) => Math.round(share * BASELINE_ROWS)), ...special];
  const set = setAround('psi', baseline, { limit: LIMIT, losses: null });
  return buildLibrary({ set, ordered: ordered ? q.length : 0 });
}

/** Windows until ln M >= ln h, after `past` windows without drift; null if not within `most`. */
export function delay(library, { q, p, rows, logH, uniform, past, most }) {
  let detector = freshDetector(library.logShares.length);
  const special = Array.from({ length: library.cells - q.length }, () => 0);
  for (let window = 1 - past; window <= most; window += 1) {
    const counts = [...multinomial(rows, window > 0 ? p : q, uniform), ...special];
    const record = decideTables(library, detector, { end: window, counts, logWeight: 0, adaptive: null, event: null });
    detector = stepWindow(library, detector, record);
    if (logTotal(detector) >= logH) return window;
  }
  return null;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

/** ln h / (rows x KL(p || p0)). */
export function physicalLimit(library, p, rows, logH) {
  const full = [...p, ...Array.from({ length: library.cells - p.length }, () => 1e-12)];
  const { p0 } = project(library.set, full);
  const kl = p.reduce((sum, share, cell) => sum + share * Math.log(share / p0[cell]), 0);
  return logH / (rows * kl);
}

/** `stream` sets the draws of one part of the table apart from those of the others. */
export function delayTable({ runs, sizes, rowCounts, names, h, seed, stream = 0 }) {
  const logH = Math.log(h);
  const lines = [];
  for (const name of names) {
    const baseline = BASELINES[name];
    const { q } = baseline;
    const library = libraryOf(baseline);
    for (const rows of rowCounts) {
      for (const { name: direction, inside, scores } of directionsOf(baseline, seed)) {
        for (const size of sizes) {
          const p = drifted(q, scores, size);
          const limit = physicalLimit(library, p, rows, logH);
          if (limit > 60) continue;
          const most = Math.ceil(8 * limit) + 60;
          const past = rows >= 5000 ? 12 : 40;
          const uniform = uniforms(seed + 7919 * (1 + stream + lines.length));
          const delays = Array.from({ length: runs }, () => delay(library, { q, p, rows, logH, uniform, past, most }) ?? Infinity);
          const found = median(delays);
          const factor = q.length === 50 ? 2.5 : rows <= 200 ? 1.8 : 1.5;
          const target = Math.ceil(factor * Math.ceil(limit));
          lines.push({ name, rows, direction, inside, size, limit, median: found, target, met: found <= target, early: delays.filter((d) => d <= 0).length });
        }
      }
    }
  }
  return lines;
}
