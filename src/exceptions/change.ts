import { isoTime } from '../clock.ts';
import { increment } from '../metrics/counters.ts';
import type { Change } from '../store/store.ts';
import type { DeskAction, ExceptionCase } from './exception.ts';
import { exceptionEntry, linksFor, messagesFor, type ReadOn } from './messages.ts';

/** What is committed when a case was opened, reopened or resolved without a person: the case, its record, the word to its desks, the counter. */
export function caseChange(
  exception: ExceptionCase,
  what: { readonly action: DeskAction; readonly text: string; readonly now: number },
  read: ReadOn,
): Required<Pick<Change, 'exceptions' | 'queue' | 'audit' | 'count'>> {
  const { action, text, now } = what;
  const { model, cause, history } = exception;
  return {
    exceptions: [exception],
    queue: messagesFor(exception, action, {
      text,
      links: linksFor(exception, read),
      queuedAt: isoTime(now),
      step: String(history.length),
    }),
    audit: [exceptionEntry(exception, text)],
    count: action === 'open' ? [increment('exceptions_opened_total', { model, cause })] : [],
  };
}
