import { type Html, html } from '../html.ts';
import { round } from './frame.ts';

/** Words at the end of a line: what it is, where it should stand, the class it is drawn with. */
export interface EndLabel {
  readonly y: number;
  readonly text: string;
  readonly kind: 'value' | 'warn' | 'breach' | 'noise';
}

const GAP = 12;

/** The labels in their order from top to bottom, moved apart as little as is needed for each to be read. */
export function spread(labels: readonly EndLabel[], top: number, bottom: number): readonly EndLabel[] {
  const sorted = [...labels].sort((a, b) => a.y - b.y);
  const places = sorted.map(({ y }) => Math.min(Math.max(y, top), bottom));
  for (let index = 1; index < places.length; index += 1) {
    places[index] = Math.max(places[index] ?? 0, (places[index - 1] ?? 0) + GAP);
  }
  let limit = bottom;
  for (let index = places.length - 1; index >= 0; index -= 1) {
    places[index] = Math.min(places[index] ?? 0, limit);
    limit = (places[index] ?? 0) - GAP;
  }
  return sorted.map((label, index) => ({ ...label, y: places[index] ?? label.y }));
}

export function endLabels(
  labels: readonly EndLabel[],
  place: { readonly x: number; readonly top: number; readonly bottom: number },
): Html {
  return html`${spread(labels, place.top, place.bottom).map(
    ({ y, text, kind }) =>
      html`<text class="end ${kind}" x="${round(place.x)}" y="${round(y + 4)}">${text}</text>`,
  )}`;
}
