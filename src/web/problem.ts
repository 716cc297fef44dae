import { NotFound, Refused } from '../operations.ts';
import { withRemedy } from '../remedy.ts';
import { RemoteError } from '../remote/error.ts';
import { StaleWrite, StoreError } from '../store/store.ts';
import { WarehouseError } from '../warehouse/warehouse.ts';

/** A request that cannot be answered as asked: what the asker is told, and the HTTP status it is told with. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  readonly field: string | null;

  constructor(status: number, message: string, field: string | null = null) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

/** The JSON of every answer that is not a success. `gate` names the gate that refused, `field` the key of the body or query that is wrong. */
export interface ProblemBody {
  readonly error: string;
  readonly gate: string | null;
  readonly field: string | null;
}

export interface Problem {
  readonly status: number;
  readonly body: ProblemBody;
  /** Whether nobody expected it: then it is logged, and the asker learns no more than that. */
  readonly bug: boolean;
}

/** The one place that turns errors into answers. */
export function problemOf(error: unknown): Problem {
  if (error instanceof HttpProblem) return expected(error.status, error.message, { field: error.field });
  if (error instanceof NotFound) return expected(404, error.message);
  if (error instanceof Refused) return expected(409, error.message, { gate: error.gate });
  if (error instanceof StaleWrite) {
    return expected(409, 'Somebody else changed it at the same moment. Look at it again, then repeat.');
  }
  if (error instanceof StoreError) return expected(503, withRemedy(error));
  if (error instanceof WarehouseError || error instanceof RemoteError) {
    return expected(502, withRemedy(error));
  }
  const status = frameworkStatus(error);
  if (status !== null && error instanceof Error) return expected(status, error.message);
  return {
    status: 500,
    body: { error: 'driftwarden failed here; its log has the details.', gate: null, field: null },
    bug: true,
  };
}

function expected(
  status: number,
  error: string,
  more: { readonly gate?: string | null; readonly field?: string | null } = {},
): Problem {
  return { status, body: { error, gate: more.gate ?? null, field: more.field ?? null }, bug: false };
}

/** The status that the HTTP framework gives its own refusals (too large, not JSON, a bad URL); null for anything else. */
function frameworkStatus(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('statusCode' in error) || !('code' in error))
    return null;
  const { statusCode, code } = error;
  if (typeof statusCode !== 'number' || typeof code !== 'string') return null;
  const refusal = statusCode >= 400 && statusCode < 500 && code.startsWith('FST_');
  return refusal ? statusCode : null;
}
