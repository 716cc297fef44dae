import type { Check, Evaluation } from '../../judge/verdict.ts';
import { histogram } from '../charts/histogram.ts';
import { timeSeries } from '../charts/time-series.ts';
import { rollbackMarks } from '../history.ts';
import { type Html, html } from '../html.ts';
import { chartedChecks, type ModelPage, otherVersions, seriesOf } from '../model-data.ts';
import { numberOrDash, prose, verdictMark } from './words.ts';

/** For each feature (and score) worth it: what it was judged to be, baseline against window, and how it came there. */
export function featureCards(page: ModelPage, record: Evaluation): Html {
  const { charted, left } = chartedChecks(record.checks);
  if (charted.length === 0) return html``;
  const drifted = charted.filter(({ verdict }) => verdict === 'warn' || verdict === 'breach').length;
  const title = drifted > 0 ? 'What moved' : 'Nearest to their limits';
  const more =
    left > 0 && html`<p class="soft">${left} more are in warn or breach: see every check below.</p>`;
  return html`<h2>${title}</h2>${charted.map((check, index) => card(check, page, `f${index}`))}${more}`;
}

function card(check: Check, page: ModelPage, id: string): Html {
  const subject = check.version === 'all' ? check.subject : `${check.subject}, version ${check.version}`;
  const series = timeSeries(
    { id: `${id}s`, subject },
    {
      measure: 'PSI',
      points: seriesOf(check, page.evaluations),
      others: otherVersions(check, page.evaluations),
      warn: check.warn,
      breach: check.breach,
      marks: rollbackMarks(page.rollbacks).map(({ at }) => ({ at, text: 'rollback' })),
    },
  );
  return html`<section class="card feature"><div class="words"><h3>${subject}</h3><p>${verdictMark(check.verdict)}</p><p>${prose(check.reason)}</p>${besides(check, record(page))}</div>${check.cells !== null && histogram({ id: `${id}h`, subject }, check.cells)}${series}</section>`;
}

function record(page: ModelPage): Evaluation | null {
  return page.overview.newest?.record ?? null;
}

/** What other statistics said of the same column. */
function besides(check: Check, evaluation: Evaluation | null): Html | null {
  const others = (evaluation?.checks ?? []).filter(
    (other) =>
      other.check === check.check &&
      other.subject === check.subject &&
      other.version === check.version &&
      other.segment === check.segment &&
      other.method !== check.method &&
      other.method !== null,
  );
  if (others.length === 0) return null;
  return html`<p class="soft">${others.map((other) => html`${(other.method ?? '').toUpperCase()} ${numberOrDash(other.value)} (noise floor ${numberOrDash(other.noiseFloor)}${other.breach !== null && `, limit ${numberOrDash(other.breach)}`}) `)}</p>`;
}
