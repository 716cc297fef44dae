import type { DeskAction, ExceptionCase } from '../exceptions/exception.ts';

/** What a desk is sent. `key` is the idempotency key: the same change sent twice is one change. */
export interface DeskRequest {
  readonly action: DeskAction;
  readonly key: string;
  readonly exception: ExceptionCase;
  readonly title: string;
  readonly text: string;
  readonly links: { readonly [name: string]: string };
}

/** The port to a ticket desk. Throws RemoteError; `rejected` is final, retryable reasons are tried again. */
export interface TicketDesk {
  deliver(request: DeskRequest): Promise<{ readonly key: string; readonly url: string | null }>;
}
