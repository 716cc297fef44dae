import { type Html, type HtmlValue, html } from '../html.ts';

/** Where the plotting area lies in a drawing, in units of its viewBox. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** What a chart is to somebody who cannot see it, and how big it is. `id` must be unique on its page. */
export interface Described {
  readonly id: string;
  readonly title: string;
  readonly desc: string;
}

/** The numbers behind a drawing, for its table. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The drawing as a picture with a name and a description, as wide as its place. Colours come from classes alone. */
export function svgFrame(described: Described, frame: Frame, body: HtmlValue): Html {
  const { id, title, desc } = described;
  return html`<svg class="chart" viewBox="0 0 ${frame.width} ${frame.height}" role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${title}</title><desc id="${id}-d">${desc}</desc>${body}</svg>`;
}

/** The drawing with the same numbers as a table under it, folded away. */
export function figure(caption: string, drawing: HtmlValue, table: Table): Html {
  return html`<figure><figcaption>${caption}</figcaption>${drawing}<details><summary>Numbers</summary><div class="scroll"><table class="numbers"><thead><tr>${table.head.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead><tbody>${table.rows.map((row) => html`<tr>${row.map((text) => html`<td>${text}</td>`)}</tr>`)}</tbody></table></div></details></figure>`;
}

/** The vertical axis: a line and a number at each tick. */
export function yAxis(frame: Frame, ticks: readonly { readonly y: number; readonly text: string }[]): Html {
  const right = frame.width - frame.right;
  return html`<g class="axis">${ticks.map(
    ({ y, text }) =>
      html`<line class="grid" x1="${frame.left}" x2="${right}" y1="${round(y)}" y2="${round(y)}"/><text x="${frame.left - 6}" y="${round(y + 3.5)}" text-anchor="end">${text}</text>`,
  )}</g>`;
}

/** The words under the horizontal axis. One that would be cut off at the edge is anchored inwards. */
export function xAxis(frame: Frame, ticks: readonly { readonly x: number; readonly text: string }[]): Html {
  const y = frame.height - frame.bottom;
  const right = frame.width - frame.right;
  return html`<g class="axis"><line class="base" x1="${frame.left}" x2="${right}" y1="${y}" y2="${y}"/>${ticks.map(
    ({ x, text }) =>
      html`<line class="base" x1="${round(x)}" x2="${round(x)}" y1="${y}" y2="${y + 4}"/><text x="${round(x)}" y="${y + 16}" text-anchor="${anchor(frame, x)}">${text}</text>`,
  )}</g>`;
}

function anchor(frame: Frame, x: number): 'start' | 'middle' | 'end' {
  if (x < 18) return 'start';
  return x > frame.width - 18 ? 'end' : 'middle';
}

/** A tenth of a unit is finer than any screen; more digits only make the page longer. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
