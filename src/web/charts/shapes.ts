import type { Verdict } from '../../judge/verdict.ts';
import { type Html, html } from '../html.ts';
import { round } from './frame.ts';

/** Every verdict has a shape of its own, so that none depends on its colour: circle, triangle, square, diamond, rings. */
export function shape(
  verdict: Verdict,
  place: { readonly x: number; readonly y: number; readonly size: number },
): Html {
  const { x, y, size } = place;
  const at = (dx: number, dy: number): string => `${round(x + dx)},${round(y + dy)}`;
  switch (verdict) {
    case 'ok':
      return html`<circle class="s-ok" cx="${round(x)}" cy="${round(y)}" r="${round(size * 0.9)}"/>`;
    case 'warn':
      return html`<path class="s-warn" d="M${at(0, -size)}L${at(size * 1.05, size * 0.85)}L${at(-size * 1.05, size * 0.85)}Z"/>`;
    case 'breach':
      return html`<rect class="s-breach" x="${round(x - size * 0.9)}" y="${round(y - size * 0.9)}" width="${round(size * 1.8)}" height="${round(size * 1.8)}"/>`;
    case 'error':
      return html`<path class="s-error" d="M${at(0, -size * 1.1)}L${at(size * 1.1, 0)}L${at(0, size * 1.1)}L${at(-size * 1.1, 0)}Z"/>`;
    case 'insufficient':
    case 'no_data':
    case 'stale':
      break;
  }
  return ring(verdict, place);
}

/** A ring with dashes (stale), with a bar (no data), or half filled (insufficient). */
function ring(
  verdict: 'insufficient' | 'no_data' | 'stale',
  place: { readonly x: number; readonly y: number; readonly size: number },
): Html {
  const { x, y, size } = place;
  const radius = round(size * 0.85);
  const circle = html`<circle class="s-unknown ${verdict === 'stale' ? 'dashed' : ''}" cx="${round(x)}" cy="${round(y)}" r="${radius}"/>`;
  if (verdict === 'stale') return circle;
  if (verdict === 'no_data') {
    return html`${circle}<path class="s-unknown" d="M${round(x - size * 0.4)},${round(y)}H${round(x + size * 0.4)}"/>`;
  }
  return html`${circle}<path class="s-half" d="M${round(x)},${round(y - radius)}A${radius},${radius} 0 0 0 ${round(x)},${round(y + radius)}Z"/>`;
}
