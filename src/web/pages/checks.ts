import { limitAlarmsPerYear } from '../../judge/limit-chance.ts';
import type { Check, Evaluation } from '../../judge/verdict.ts';
import { shortNumber } from '../../judge/words.ts';
import { type Html, html } from '../html.ts';
import { numberOrDash, verdictMark, whole } from './words.ts';

const HEAD = ['Verdict', 'By limit', 'By evidence', 'Check', 'Subject', 'Method', 'Version'] as const;
const NUMBERS = ['Value', '95 % bounds', 'Noise floor', 'Warn', 'Breach', 'Rows'] as const;

/** Every measurement of an evaluation with what it was judged against: wide, so it scrolls in its own box. */
export function checksTable(checks: readonly Check[]): Html {
  return html`<div class="card flush scroll" role="region" aria-label="Every check" tabindex="0"><table class="dense"><thead><tr>${HEAD.map((text) => html`<th scope="col">${text}</th>`)}${NUMBERS.map((text) => html`<th scope="col" class="num">${text}</th>`)}</tr></thead><tbody>${checks.map(row)}</tbody></table></div>`;
}

function row(check: Check): Html {
  const subject = check.segment === 'all' ? check.subject : `${check.subject}, ${check.segment}`;
  const bounds =
    check.lower === null || check.upper === null
      ? '–'
      : `${shortNumber(check.lower)} to ${shortNumber(check.upper)}`;
  const numbers = [
    numberOrDash(check.value),
    bounds,
    numberOrDash(check.noiseFloor),
    numberOrDash(check.warn),
    numberOrDash(check.breach),
    whole(check.rows),
  ];
  return html`<tr><td>${verdictMark(check.verdict)}</td><td>${check.rules?.limit ?? '–'}</td><td>${check.rules?.evidence ?? '–'}</td><td>${check.check}</td><td class="nowrap">${subject}</td><td>${check.method ?? '–'}</td><td>${check.version}</td>${numbers.map((number) => html`<td class="num">${number}</td>`)}</tr>`;
}

/** What rule `limit` would raise by chance, said beside both rules' verdicts. */
export function chanceOfLimits({ checks, window }: Pick<Evaluation, 'checks' | 'window'>): Html {
  const alarms = limitAlarmsPerYear(checks, window);
  if (alarms === null) return html``;
  return html`<p>Both rules stand side by side, whichever decides. In a year of windows of this size, and without any drift, fixed limits alone put ${shortNumber(Number(alarms.breach.toPrecision(2)))} values over a breach limit and ${shortNumber(Number(alarms.warn.toPrecision(2)))} over a warn limit.</p>`;
}
