import type { ExceptionCase } from '../exceptions/exception.ts';
import { isOpen } from '../exceptions/lifecycle.ts';
import type { Claim, Operations } from '../operations.ts';
import { type CommandContext, CommandError, EXIT, printResult } from './context.ts';
import { withOperations, withReader } from './reach.ts';
import { table } from './table.ts';

export async function exceptionsListCommand(
  options: { all: boolean },
  context: CommandContext,
): Promise<number> {
  const { cases, noStore } = await withReader(context, async ({ store, noStore }) => ({
    cases: await store.exceptions({}),
    noStore,
  }));
  const exceptions = options.all ? cases : cases.filter(({ state }) => state !== 'resolved');
  const rows = exceptions.map(({ id, model, cause, severity, state, owner, openedAt, dueAt, ticket }) => [
    id,
    model,
    cause,
    severity,
    state,
    owner,
    openedAt.slice(0, 16),
    dueAt.slice(0, 16),
    ticket?.key ?? null,
  ]);
  const head = ['id', 'model', 'cause', 'severity', 'state', 'owner', 'opened', 'due', 'ticket'];
  printResult(
    context,
    { exceptions: exceptions.map(exceptionSummary) },
    exceptions.length === 0 ? [noStore ?? 'No exception is open.'] : table(head, rows),
  );
  return EXIT.ok;
}

export async function exceptionsShowCommand(id: string, context: CommandContext): Promise<number> {
  const exception = await withReader(context, (reader) => reader.store.exception(id));
  if (exception === null)
    throw new CommandError(
      `There is no exception ${id}. "driftwarden exceptions list" names those there are.`,
    );
  printResult(context, { exception }, exceptionLines(exception));
  return EXIT.ok;
}

/** `ack`, `accept-risk` and `resolve`: one person's word on one case. */
export async function exceptionsActCommand(
  act: (operations: Operations, claim: Claim) => Promise<ExceptionCase>,
  claim: Claim,
  context: CommandContext,
): Promise<number> {
  const exception = await withOperations(context, (operations) => act(operations, claim));
  printResult(context, { exception }, exceptionLines(exception));
  return EXIT.ok;
}

/** The list shape of the contract, section 8. */
export function exceptionSummary({
  id,
  model,
  cause,
  severity,
  state,
  owner,
  openedAt,
  dueAt,
  ticket,
}: ExceptionCase): object {
  return { id, model, cause, severity, state, owner, openedAt, dueAt, ticket };
}

export function exceptionLines(exception: ExceptionCase): readonly string[] {
  const { id, title, severity, state, owner, dueAt, ticket, text, history, subCauses, rollbacks } = exception;
  return [
    `${id}  ${title}`,
    `state ${state}, severity ${severity}, owner ${owner}${isOpen(state) ? `, due ${dueAt}` : ''}${ticket === null ? ', no ticket yet' : `, ticket ${ticket.key} at ${ticket.desk}`}`,
    ...(subCauses.length > 0 ? [`with it: ${subCauses.join(', ')}`] : []),
    ...(rollbacks.length > 0 ? [`rollbacks: ${rollbacks.join(', ')}`] : []),
    '',
    text,
    '',
    ...history.map(
      (step) => `${step.at}  ${step.state.padEnd(13)}  ${step.by ?? 'driftwarden'}: ${step.why}`,
    ),
  ];
}
