import type { Check } from '../../judge/verdict.ts';
import { shortNumber, wholeNumber } from '../../judge/words.ts';
import { type Html, html } from '../html.ts';
import { cell, numberOrDash, stackedTable, verdictMark } from './words.ts';

/** Every measurement of an evaluation, with what it was judged against. */
export function checksTable(checks: readonly Check[]): Html {
  const head = [
    'Verdict',
    'Check',
    'Subject',
    'Method',
    'Version',
    'Value',
    '95 % bounds',
    'Noise floor',
    'Warn',
    'Breach',
    'Rows',
  ];
  return html`<div class="scroll">${stackedTable(head, checks.map(row))}</div>`;
}

function row(check: Check): Html {
  const bounds =
    check.lower === null || check.upper === null
      ? '–'
      : `${shortNumber(check.lower)} to ${shortNumber(check.upper)}`;
  return html`<tr>${cell('Verdict', verdictMark(check.verdict))}${cell('Check', check.check)}${cell('Subject', `${check.subject}${check.segment === 'all' ? '' : `, ${check.segment}`}`)}${cell('Method', check.method ?? '–')}${cell('Version', check.version)}${cell('Value', numberOrDash(check.value), 'num')}${cell('95 % bounds', bounds, 'num')}${cell('Noise floor', numberOrDash(check.noiseFloor), 'num')}${cell('Warn', numberOrDash(check.warn), 'num')}${cell('Breach', numberOrDash(check.breach), 'num')}${cell('Rows', wholeNumber(check.rows), 'num')}</tr>`;
}
