import { RemoteError } from '../remote/error.ts';
import { SQL_CLAIMS, type SqlClaim } from '../warehouse/sql-claims.ts';
import { WarehouseError } from '../warehouse/warehouse.ts';
import type { Claim, Live, Outcome } from './claim.ts';
import { type Exchange, isOfForm } from './exchange.ts';
import { CLAIMS } from './list.ts';
import { type StepResult, tour } from './tour.ts';

/**
 * Checks every claim on what is there, by calls that only read. A REST claim holds when a call of its form was answered and read by the
 * code that relies on it; a statement when its rows are the expected ones. `exchanges` is filled meanwhile, by the fetch of `live`.
 */
export async function verifyClaims(
  live: Live,
  exchanges: readonly Exchange[],
  now: number,
): Promise<readonly Outcome[]> {
  const steps = await tour(live, now);
  const outcomes: Outcome[] = [];
  for (const claim of CLAIMS) {
    const sql = SQL_CLAIMS.find(({ id }) => id === claim.id);
    outcomes.push(sql === undefined ? judged(claim, steps, exchanges) : await asked(sql, live));
  }
  return outcomes;
}

function judged(claim: Claim, steps: readonly StepResult[], exchanges: readonly Exchange[]): Outcome {
  const { id, kind, form, step } = claim;
  if (step === null)
    return { claim: id, outcome: 'not_tried', why: 'it would change or ask something of a model' };
  const { went, why } = steps.find((one) => one.step === step) ?? {
    went: 'unreachable',
    why: 'not looked at',
  };
  const silent = kind === 'rest' ? whyNoAnswer(form, exchanges) : null;
  if (silent !== null)
    return { claim: id, outcome: 'not_reachable', why: silent.status ?? why ?? silent.none };
  if (went === 'differs') return { claim: id, outcome: 'fail', why };
  if (kind === 'rest' || went === 'well') return { claim: id, outcome: 'pass', why: null };
  return { claim: id, outcome: 'not_reachable', why };
}

/** Null when a call of this form was answered with success. */
function whyNoAnswer(
  form: string,
  exchanges: readonly Exchange[],
): { readonly status: string | null; readonly none: string } | null {
  const statuses = exchanges.filter((exchange) => isOfForm(exchange, form)).map(({ status }) => status);
  if (statuses.some((status) => status >= 200 && status < 300)) return null;
  return {
    status: statuses.length === 0 ? null : `HTTP ${[...new Set(statuses)].join(', ')}`,
    none: 'no such call was needed',
  };
}

async function asked(claim: SqlClaim, { answer }: Live): Promise<Outcome> {
  const { id, expected } = claim;
  if (answer === null)
    return { claim: id, outcome: 'not_reachable', why: 'warehouse.kind is not databricks' };
  try {
    const rows = await answer(claim);
    if (JSON.stringify(rows) === JSON.stringify(expected)) return { claim: id, outcome: 'pass', why: null };
    // Nobody's data: the statement is of no table.
    const why = `answered ${JSON.stringify(rows).slice(0, 200)}, expected ${JSON.stringify(expected)}`;
    return { claim: id, outcome: 'fail', why };
  } catch (error) {
    if (!(error instanceof WarehouseError || error instanceof RemoteError)) throw error;
    const refused = error.reason === 'query_failed' || error.reason === 'bad_answer';
    return { claim: id, outcome: refused ? 'fail' : 'not_reachable', why: error.message };
  }
}
