import { isoTime } from '../clock.ts';
import type { CycleDeps } from '../evaluation/task.ts';
import type { DeskAction, ExceptionCase, ExceptionState } from '../exceptions/exception.ts';
import { isOpen, moveCase } from '../exceptions/lifecycle.ts';
import { exceptionEntry, linksFor, messagesFor, readOn } from '../exceptions/messages.ts';
import { type Claim, NotFound, Refused } from '../operations.ts';

/** A person has seen the case. */
export async function acknowledgeOnRequest(
  id: string,
  claim: Claim,
  deps: CycleDeps,
): Promise<ExceptionCase> {
  const exception = await caseOf(id, deps);
  if (exception.state === 'acknowledged' || !isOpen(exception.state))
    throw new Refused(`Exception ${id} is ${exception.state}: there is nothing to acknowledge.`);
  return write(
    exception,
    { to: 'acknowledged', action: 'update', claim, why: claim.reason ?? 'acknowledged' },
    deps,
  );
}

/** A person takes the risk until a date: the case rests, and comes back if the cause is still there then. */
export async function acceptRiskOnRequest(
  request: { readonly exception: string; readonly until: number; readonly claim: Claim },
  deps: CycleDeps,
): Promise<ExceptionCase> {
  const exception = await caseOf(request.exception, deps);
  if (exception.state === 'resolved')
    throw new Refused(`Exception ${exception.id} is resolved: there is no risk to accept.`);
  if (request.until <= deps.clocks.domain.now())
    throw new Refused(`The risk can only be accepted until a time to come, not ${isoTime(request.until)}.`);
  const accepted = { ...exception, riskAcceptedUntil: isoTime(request.until) };
  const why = `risk accepted until ${isoTime(request.until)}: ${request.claim.reason ?? 'no reason given'}`;
  return write(accepted, { to: 'risk_accepted', action: 'update', claim: request.claim, why }, deps);
}

/** A person says that it is over. If the cause breaches again the case is reopened. */
export async function resolveOnRequest(id: string, claim: Claim, deps: CycleDeps): Promise<ExceptionCase> {
  const exception = await caseOf(id, deps);
  if (exception.state === 'resolved') throw new Refused(`Exception ${id} is resolved already.`);
  return write(
    exception,
    { to: 'resolved', action: 'resolve', claim, why: claim.reason ?? 'resolved' },
    deps,
  );
}

async function caseOf(id: string, deps: CycleDeps): Promise<ExceptionCase> {
  const exception = await deps.store.exception(id);
  if (exception === null)
    throw new NotFound(`There is no exception ${id}. "driftwarden exceptions list" names those there are.`);
  return exception;
}

interface Word {
  readonly to: ExceptionState;
  readonly action: DeskAction;
  readonly claim: Claim;
  readonly why: string;
}

async function write(exception: ExceptionCase, word: Word, deps: CycleDeps): Promise<ExceptionCase> {
  const now = deps.clocks.domain.now();
  const { claim, why } = word;
  const moved = moveCase(exception, word.to, { now, by: claim.by, why });
  const messages = messagesFor(moved, word.action, {
    text: `${claim.by}: ${why}`,
    links: linksFor(moved, readOn(deps.config, moved.model)),
    queuedAt: isoTime(now),
    step: String(moved.history.length),
  });
  const override = {
    kind: 'override' as const,
    body: {
      subject: moved.id,
      action: word.to,
      by: claim.by,
      identity: claim.identity,
      reason: claim.reason,
    },
  };
  await deps.store.commit({
    exceptions: [moved],
    queue: messages,
    audit: [override, exceptionEntry(moved, why)],
  });
  return (await deps.store.exception(moved.id)) ?? moved;
}
