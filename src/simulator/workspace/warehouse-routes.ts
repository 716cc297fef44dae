import { type Answer, type Call, ok } from './answer.ts';

/** `GET /api/2.0/sql/warehouses/{id}`: one that never sleeps. There is no SQL behind it: the simulated lake is a DuckDB of its own. */
export function getWarehouse(call: Call): Answer {
  const id = call.parts['id'] ?? '';
  return ok({ id, name: 'simulated', state: 'RUNNING', auto_stop_mins: 10, enable_serverless_compute: true });
}
