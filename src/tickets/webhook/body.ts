import type { ExceptionCase } from '../../exceptions/exception.ts';
import type { DeskRequest } from '../desk.ts';

/** The body as the receiver gets it: the contract's field names, without what only the store needs. */
export function webhookBody(request: DeskRequest): string {
  const { action, key, exception, title, text, links } = request;
  return JSON.stringify({ action, key, exception: caseToSend(exception), title, text, links });
}

function caseToSend(exception: ExceptionCase): { readonly [field: string]: unknown } {
  const { rev: _rev, quietWindows: _quietWindows, desk: _desk, ...told } = exception;
  return told;
}
