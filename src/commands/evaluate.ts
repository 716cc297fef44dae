import { breachRatio } from '../judge/policy.ts';
import { requestsTold } from '../judge/requests-told.ts';
import type { Check, Evaluation, Verdict } from '../judge/verdict.ts';
import { isUnknown } from '../judge/verdict.ts';
import { shortNumber, wholeNumber } from '../judge/words.ts';
import { Refused } from '../operations.ts';
import type { StatementCost } from '../warehouse/warehouse.ts';
import { type CommandContext, CommandError, EXIT, printResult } from './context.ts';
import { withOperations, withReader } from './reach.ts';
import { table } from './table.ts';

export interface EvaluateOptions {
  readonly model: string;
  /** Milliseconds; null: the newest closed window. */
  readonly windowEnd: number | null;
  readonly act: boolean;
}

/** One evaluation now. Without `act` it reads, prints and writes nothing. */
export async function evaluateCommand(options: EvaluateOptions, context: CommandContext): Promise<number> {
  const { evaluation, cost } = await evaluate(options, context);
  printResult(context, evaluation, evaluationLines(evaluation));
  // Beside the answer, which is the same whenever it is asked for.
  if (cost !== null && !context.json) context.printError(costLine(cost));
  return exitCodeOf(evaluation.verdict);
}

/** A window that cannot be evaluated is an error here: the code of a refusal means a breach to whoever reads this one's. */
async function evaluate(
  { model, windowEnd, act }: EvaluateOptions,
  context: CommandContext,
): Promise<{ readonly evaluation: Evaluation; readonly cost: StatementCost | null }> {
  try {
    if (act) {
      const evaluation = await withOperations(context, (operations) => operations.evaluate(model, windowEnd));
      return { evaluation, cost: null };
    }
    return await withReader(context, (reader) => reader.evaluate(model, windowEnd));
  } catch (error) {
    if (error instanceof Refused) throw new CommandError(error.message);
    throw error;
  }
}

/** What it cost to find out; where a daemon has worked, its counters say so. */
function costLine({ statements, seconds }: StatementCost): string {
  return `Asked of the warehouse: ${statements} ${statements === 1 ? 'statement' : 'statements'} in ${seconds.toFixed(1)} s.\n`;
}

/** 0 ok, 1 warn, 2 breach, 3 unknown, 4 error: a query that failed is an error for the shell too. */
export function exitCodeOf(verdict: Verdict): number {
  if (verdict === 'ok') return EXIT.ok;
  if (verdict === 'warn') return EXIT.warn;
  if (verdict === 'breach') return EXIT.refused;
  if (verdict === 'error') return EXIT.error;
  return EXIT.unknown;
}

/** Rows of the table for people. */
const MOST_ROWS = 40;

export function evaluationLines(evaluation: Evaluation): readonly string[] {
  const { model, window, revision, verdict, rows, policy, checks, actions } = evaluation;
  const head = `${model}  ${window.start} to ${window.end}${revision > 0 ? `  revision ${revision}` : ''}  ${wholeNumber(rows)} rows  verdict: ${verdict}`;
  const judged = checks
    .filter((check) => check.breach !== null || isUnknown(check.verdict))
    .sort((a, b) => (breachRatio(b) ?? -1) - (breachRatio(a) ?? -1));
  const shown = judged.slice(0, MOST_ROWS);
  const more = [
    ...(judged.length > shown.length ? [`${judged.length - shown.length} more judged checks`] : []),
    ...(checks.length > judged.length
      ? [`${checks.length - judged.length} values that are shown, not judged`]
      : []),
  ];
  return [
    head,
    ...(evaluation.payload === undefined ? [] : requestsTold(evaluation.payload)),
    '',
    ...table(
      [
        'check',
        'subject',
        'version',
        'method',
        'verdict',
        'value',
        'lower',
        'upper',
        'noise',
        'warn',
        'breach',
        'rows',
      ],
      shown.map(row),
    ),
    ...(more.length > 0 ? [`... and ${more.join(' and ')}; --json has them all`] : []),
    '',
    ...policy.map(
      ({ check, version, verdict: found, reason }) =>
        `${check}${version === 'all' ? '' : ` of version ${version}`}: ${found}. ${reason}`,
    ),
    ...actions.map(({ action, reason }) => `-> ${action}: ${reason}`),
  ];
}

function row(check: Check): readonly (string | number | null)[] {
  const number = (value: number | null): string | null => (value === null ? null : shortNumber(value));
  const {
    check: name,
    subject,
    version,
    method,
    verdict,
    value,
    lower,
    upper,
    noiseFloor,
    warn,
    breach,
    rows,
  } = check;
  const shown = isUnknown(verdict) ? `? ${verdict}` : verdict;
  return [
    name,
    subject,
    version,
    method,
    shown,
    number(value),
    number(lower),
    number(upper),
    number(noiseFloor),
    number(warn),
    number(breach),
    rows,
  ];
}
