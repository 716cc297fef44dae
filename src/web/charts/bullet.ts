import type { Verdict } from '../../judge/verdict.ts';
import { shortNumber } from '../../judge/words.ts';
import { type Html, html } from '../html.ts';
import { type Frame, round, svgFrame } from './frame.ts';
import { linearScale } from './scale.ts';
import { shape } from './shapes.ts';

/** One measured value with everything it is to be read against. */
export interface BulletData {
  readonly measure: string;
  readonly value: number;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly noiseFloor: number | null;
  readonly warn: number | null;
  readonly breach: number | null;
  readonly verdict: Verdict;
}

const FRAME: Frame = { width: 150, height: 22, left: 6, right: 6, top: 2, bottom: 4 };

/**
 * A value on one line: grey up to the noise floor, a dashed mark at warn, a dotted one at breach, a thin bar for the
 * confidence bounds. The line ends at one and a third of the breach limit; what lies beyond is drawn at its end, with an arrow.
 */
export function bullet(id: string, data: BulletData): Html {
  const known = [data.value, data.noiseFloor ?? 0, (data.warn ?? 0) * 1.5];
  const end =
    data.breach !== null && data.breach > 0 ? data.breach * (4 / 3) : Math.max(...known, 1e-9) * 1.2;
  const scale = linearScale([0, end], [FRAME.left, FRAME.width - FRAME.right]);
  const x = (value: number): number => round(scale(Math.min(Math.max(value, 0), end)));
  const isBeyond = data.value > end;
  const tick = (kind: string, value: number | null): Html | null =>
    value === null
      ? null
      : html`<line class="limit-mark ${kind}" x1="${x(value)}" x2="${x(value)}" y1="2" y2="20"/>`;
  const noise =
    data.noiseFloor !== null &&
    html`<rect class="noise" x="${FRAME.left}" y="6" width="${round(x(data.noiseFloor) - FRAME.left)}" height="10"/>`;
  const bounds =
    data.lower !== null &&
    data.upper !== null &&
    html`<line class="bounds" x1="${x(data.lower)}" x2="${x(data.upper)}" y1="11" y2="11"/>`;
  const beyond =
    isBeyond &&
    html`<path class="beyond" d="M${FRAME.width - 5},7L${FRAME.width - 1},11L${FRAME.width - 5},15"/>`;
  const body = html`<line class="track" x1="${FRAME.left}" x2="${FRAME.width - FRAME.right}" y1="11" y2="11"/>${noise}${tick('warn', data.warn)}${tick('breach', data.breach)}${bounds}${shape(data.verdict, { x: x(data.value) - (isBeyond ? 7 : 0), y: 11, size: 5 })}${beyond}`;
  return svgFrame({ id, title: `${data.measure} against its limits`, desc: describe(data) }, FRAME, body);
}

function describe(data: BulletData): string {
  return [
    `Value ${shortNumber(data.value)}.`,
    data.noiseFloor !== null && `Noise floor ${shortNumber(data.noiseFloor)}.`,
    data.warn !== null && `Warn beyond ${shortNumber(data.warn)}.`,
    data.breach !== null && `Breach beyond ${shortNumber(data.breach)}.`,
  ]
    .filter((part) => part !== false)
    .join(' ');
}
