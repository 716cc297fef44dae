import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Recovery,
  recoveryEvidence,
  recoveryWord,
  startRecovery,
  stepRecovery,
} from '../../../src/judge/evidence/recovery.ts';
import { buildTable, type EvidenceTable } from '../../../src/judge/evidence/table.ts';
import { DECILES, draw, RISING, STEEP, uniforms } from './support.ts';

let table: EvidenceTable;
let fresh: Recovery;
beforeEach(() => {
  const built = buildTable(DECILES, RISING);
  if (built === null) throw new Error('the alternative lies within the limit');
  table = built;
  fresh = startRecovery(table.logRatio, DECILES.q);
});
const HUNDRED = Math.log(100);

function after(windows: number, p: readonly number[], rows = 1000): Recovery {
  const uniform = uniforms(21);
  let recovery = fresh;
  for (let window = 0; window < windows; window += 1)
    recovery = stepRecovery(recovery, draw(rows, p, uniform));
  return recovery;
}

describe('recovery', () => {
  test('is proven within a window or two when rows follow the baseline again', () => {
    expect(recoveryEvidence(after(1, DECILES.q))).toBeGreaterThan(HUNDRED);
    expect(recoveryWord(after(1, DECILES.q), true)).toBe('recovered');
    // Proof alone is not enough while the last window is over the limit, in whatever direction.
    expect(recoveryWord(after(1, DECILES.q), false)).toBe('still out');
  });

  test('is not proven while the drift holds, and proof of it keeps the case from being undecided', () => {
    const out = after(60, STEEP);
    expect(recoveryEvidence(out)).toBeLessThan(0);
    expect(out.silent).toBeLessThan(5);
    expect(recoveryWord(out, false)).toBe('still out');
  });

  test('is undecided after thirty windows that prove neither', () => {
    // Rows on the border itself: neither table gains on them.
    const border = table.projection.p0;
    let recovery = fresh;
    for (let window = 0; window < 29; window += 1)
      recovery = stepRecovery(
        recovery,
        border.map((share) => 10 * share),
      );
    expect(recoveryWord(recovery, true)).toBe('still out');
    recovery = stepRecovery(
      recovery,
      border.map((share) => 10 * share),
    );
    expect(recovery.silent).toBe(30);
    expect(recoveryWord(recovery, true)).toBe('undecided');
  });

  test('is falsely proven about as seldom as promised: the half-space that fired still holds', () => {
    // On its border E[r] = 1 exactly: at least 100 windows are expected before a false recovery.
    const uniform = uniforms(5);
    const border = table.projection.p0;
    let recovered = 0;
    let windows = 0;
    for (let run = 0; run < 60; run += 1) {
      let recovery = fresh;
      for (let window = 0; window < 50; window += 1) {
        recovery = stepRecovery(recovery, draw(60, border, uniform));
        windows += 1;
        if (recoveryEvidence(recovery) >= HUNDRED) {
          recovered += 1;
          break;
        }
      }
    }
    expect(recovered).toBeLessThanOrEqual(windows / 100);
  });

  test('survives JSON', () => {
    const trip: unknown = JSON.parse(JSON.stringify(after(3, RISING)));
    expect(trip).toEqual(after(3, RISING));
    expect(JSON.parse(JSON.stringify(fresh))).toEqual(fresh);
  });
});
