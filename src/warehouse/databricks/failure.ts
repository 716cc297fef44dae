import { WarehouseError, type WarehouseReason } from '../warehouse.ts';

/** A statement that ended badly, in the server's words. `state` is the number of TOperationState. */
export class OperationFailure extends Error {
  override readonly name = 'OperationFailure';
  readonly state: number;
  readonly text: string;
  readonly sqlState: string | null;

  constructor(fields: { readonly state: number; readonly text: string; readonly sqlState: string | null }) {
    super(`operation state ${fields.state}`);
    this.state = fields.state;
    this.text = fields.text;
    this.sqlState = fields.sqlState;
  }
}

/** What became of a try, and whether another one makes sense. All statements read, so that any of them can be sent again. */
export interface Failure {
  readonly reason: WarehouseReason;
  readonly what: string;
  readonly remedy: string;
  /**
   * `never`: the same would happen again. `wait`: the warehouse says that it will be there later. `reconnect`: the connection or
   * the session is of no use any more. `renew`: other credentials may do.
   */
  readonly again: 'never' | 'wait' | 'reconnect' | 'renew';
  /** Milliseconds that the server asked us to wait. */
  readonly retryAfter: number | null;
}

export function warehouseError(failure: Failure, table: string): WarehouseError {
  const { reason, what, remedy } = failure;
  return new WarehouseError({ reason, table, message: `Reading ${table} failed: ${what}`, remedy });
}

export function failed(
  reason: WarehouseReason,
  what: string,
  more: { readonly remedy: string; readonly again?: Failure['again']; readonly retryAfter?: number | null },
): Failure {
  return {
    reason,
    what,
    remedy: more.remedy,
    again: more.again ?? 'never',
    retryAfter: more.retryAfter ?? null,
  };
}
