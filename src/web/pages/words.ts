import type { ExceptionState, Severity } from '../../exceptions/exception.ts';
import type { Verdict } from '../../judge/verdict.ts';
import { shortNumber, wholeNumber } from '../../judge/words.ts';
import type { Readiness, RollbackState } from '../../rollback/rollback.ts';
import { shape } from '../charts/shapes.ts';
import { type Html, type HtmlValue, html } from '../html.ts';

type Tone = 'ok' | 'warn' | 'breach' | 'error' | 'unknown' | 'busy';

/** A verdict as a shape and its word; null stands before the first evaluation. */
export function verdictMark(verdict: Verdict | null): Html {
  if (verdict === null) return badge('unknown', html`${mark('no_data')}`, 'not evaluated yet');
  const known = verdict === 'ok' || verdict === 'warn' || verdict === 'breach' || verdict === 'error';
  return badge(known ? verdict : 'unknown', mark(verdict), plain(verdict));
}

const ROLLBACK_TONES: { readonly [state in RollbackState]: Tone } = {
  planned: 'busy',
  awaiting_approval: 'warn',
  shifting_traffic: 'busy',
  traffic_verified: 'busy',
  moving_alias: 'busy',
  alias_verified: 'busy',
  dwelling: 'busy',
  done: 'ok',
  superseded: 'unknown',
  blocked: 'unknown',
  needs_human: 'breach',
  cancelled: 'unknown',
  expired: 'unknown',
};

export function rollbackMark(state: RollbackState): Html {
  return toneBadge(ROLLBACK_TONES[state], state);
}

const EXCEPTION_TONES: { readonly [state in ExceptionState]: Tone } = {
  open: 'breach',
  reopened: 'breach',
  acknowledged: 'busy',
  risk_accepted: 'unknown',
  resolved: 'ok',
};

export function exceptionMark(state: ExceptionState): Html {
  return toneBadge(EXCEPTION_TONES[state], state);
}

export function severityMark(severity: Severity): Html {
  const tones = { critical: 'breach', high: 'breach', medium: 'warn', low: 'unknown' } as const;
  return toneBadge(tones[severity], severity);
}

export function baselineMark(state: 'draft' | 'approved' | 'retired'): Html {
  const tones = { draft: 'warn', approved: 'ok', retired: 'unknown' } as const;
  return toneBadge(tones[state], state);
}

export function toneBadge(tone: Tone, word: string): Html {
  const marks = { ok: 'ok', warn: 'warn', breach: 'breach', error: 'error', unknown: 'no_data' } as const;
  const arrow = html`<svg class="mark" viewBox="0 0 14 14" aria-hidden="true"><path class="s-busy" d="M2,5.5h5v-3l5,4.5l-5,4.5v-3h-5Z"/></svg>`;
  return badge(tone, tone === 'busy' ? arrow : mark(marks[tone]), plain(word));
}

function badge(tone: Tone, sign: Html, word: string): Html {
  return html`<span class="verdict t-${tone}">${sign}${word}</span>`;
}

function mark(verdict: Verdict): Html {
  return html`<svg class="mark" viewBox="0 0 14 14" aria-hidden="true">${shape(verdict, { x: 7, y: 7, size: 5.5 })}</svg>`;
}

/** The words of the program as people write them: `no_data` is `no data`. */
export function plain(word: string): string {
  return word.replaceAll('_', ' ');
}

/** Day and minute, UTC. The seconds stand in the attribute. */
export function time(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')}</time>`;
}

/** For what happens within minutes. */
export function timeToSecond(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')}</time>`;
}

/** A window; one that lasts from midnight to midnight of the next day is named by its day. */
export function windowText(window: { readonly start: string; readonly end: string }): Html {
  const midnight = window.start.endsWith('T00:00:00.000Z') && window.end.endsWith('T00:00:00.000Z');
  if (!midnight) return html`${time(window.start)} – ${time(window.end)}`;
  const last = new Date(Date.parse(window.end) - 1).toISOString().slice(0, 10);
  const first = window.start.slice(0, 10);
  return html`<time datetime="${window.start}/${window.end}">${first === last ? first : `${first} – ${last}`}</time>`;
}

/** Both clocks in milliseconds: windows and due dates are in domain time, the end of a computation in wall time. */
export interface Now {
  readonly domain: number;
  readonly wall: number;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

/** `3 h ago`, `in 2 d`, `now`. */
export function relative(iso: string, now: number): string {
  const difference = Date.parse(iso) - now;
  const size = Math.abs(difference);
  const [unit, length] = UNITS.find(([, milliseconds]) => size >= milliseconds * 1.5) ?? ['min', 60_000];
  const count = Math.round(size / length);
  if (count === 0) return 'now';
  return difference < 0 ? `${count} ${unit} ago` : `in ${count} ${unit}`;
}

/** A sentence in which no number is broken across two lines. */
export function prose(text: string): string {
  return text.replaceAll(/(\d) (?=\d{3}(?!\d)|%)/g, '$1\u00a0');
}

/** `4 812`, in one piece. */
export function whole(count: number): string {
  return prose(wholeNumber(count));
}

const READINESS: { readonly [readiness in Readiness]: string } = {
  hot: 'hot, it is warm on the endpoint',
  cold: 'cold, it is scaled to zero',
  absent: 'absent, it needs a deployment',
  none: 'none, there is no other version to go back to',
};

/** How fast the target of a rollback could take traffic. */
export function readinessText(readiness: Readiness): string {
  return READINESS[readiness];
}

export function numberOrDash(value: number | null): string {
  return value === null ? '–' : shortNumber(value);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A cell of a table that becomes a list of names and values on a narrow screen. */
export function cell(label: string, content: HtmlValue, kind = ''): Html {
  return html`<td data-label="${label}"${kind === '' ? '' : html` class="${kind}"`}>${content === '' ? '' : html`<div>${content}</div>`}</td>`;
}

export function stackedTable(head: readonly string[], rows: readonly Html[]): Html {
  return html`<div class="card flush"><table class="stack"><thead><tr>${head.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

export function facts(entries: readonly (readonly [string, HtmlValue] | null)[]): Html {
  const shown = entries.filter((entry) => entry !== null);
  return html`<dl class="facts">${shown.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
