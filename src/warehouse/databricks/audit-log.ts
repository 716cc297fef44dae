import { z } from 'zod';
import type { Logger } from '../../log.ts';
import {
  type Changes,
  type ChangesQuestion,
  MOST_CHANGES,
  type Resource,
  type SeenChange,
  type ToldChanges,
  type UntoldReason,
} from '../changes.ts';
import { decodeRows } from '../rows.ts';
import type { SetTimer } from '../timer.ts';
import { WarehouseError, type WarehouseReason } from '../warehouse.ts';
import { DeadlineError, within } from './deadline.ts';
import type { Session } from './session.ts';
import { type Parameters, parameters, qualified, type Statement } from './sql.ts';

export const AUDIT_TABLE = 'system.access.audit';

export interface AuditLogOptions {
  readonly session: Session;
  /** Milliseconds for a question, the start of a warehouse that was asleep included: nobody waits for the answer. */
  readonly deadline: number;
  readonly setTimer: SetTimer;
  readonly logger: Logger;
  /** Names under which the log knows driftwarden itself. */
  readonly itself: readonly string[];
  /** The log, by its full name; tests have one of their own. */
  readonly table?: string;
}

/** Reads `system.access.audit` through the session of the reader, after the fact and with a deadline of its own. */
export function createAuditLog(options: AuditLogOptions): Changes {
  const { table = AUDIT_TABLE } = options;
  return {
    told: async (question) => {
      if (question.resources.length === 0) return { told: true, changes: [] };
      try {
        const { deadline: milliseconds, setTimer } = options;
        return await within(ask(question, options), { milliseconds, doing: 'statement', setTimer });
      } catch (error) {
        return untold(error, { table, options });
      }
    },
  };
}

const Rows = z.array(z.tuple([z.int(), z.string(), z.int(), z.string().nullable()]));

async function ask(question: ChangesQuestion, options: AuditLogOptions): Promise<ToldChanges> {
  const { session, itself, table = AUDIT_TABLE } = options;
  const statement = auditStatement(question, { itself, table });
  const limits = { table, columns: ['at', 'actor', 'resource', 'workspace'], maxRows: MOST_CHANGES };
  const rows = decodeRows(Rows, await session.query(statement, limits), table);
  return { told: true, changes: rows.flatMap((row) => changeOf(row, question.resources)) };
}

function changeOf(
  [at, actor, place, workspace]: z.infer<typeof Rows>[number],
  resources: readonly Resource[],
): readonly SeenChange[] {
  const resource = resources[place];
  return resource === undefined ? [] : [{ at, actor, resource, workspace }];
}

/**
 * Changes that took effect, newest first. Which parameter of an event holds the name of what it changed differs from action to action
 * and is documented for few of them, so the name is looked for among the values of all: no key is guessed.
 */
export function auditStatement(
  { resources, from, to }: ChangesQuestion,
  { itself, table }: { readonly itself: readonly string[]; readonly table: string },
): Statement {
  const bound = parameters();
  const time = (milliseconds: number): string =>
    `CAST(${bound.bind(new Date(milliseconds).toISOString())} AS TIMESTAMP)`;
  const day = (milliseconds: number): string =>
    `CAST(${bound.bind(new Date(milliseconds).toISOString().slice(0, 10))} AS DATE)`;
  const cases = resources.map((resource, place) => `WHEN ${matches(resource, bound)} THEN ${place}`);
  const others = itself.map((name) => `lower(actor) <> lower(${bound.bind(name)})`);
  const where = [
    `event_date >= ${day(from)}`,
    `event_date <= ${day(to)}`,
    `event_time >= ${time(from)}`,
    `event_time < ${time(to)}`,
    'response.status_code BETWEEN 200 AND 299',
  ];
  const events = `SELECT event_time, user_identity.email AS actor, CAST(workspace_id AS STRING) AS workspace, CASE ${cases.join(' ')} END AS resource FROM ${qualified(table)} WHERE ${where.join(' AND ')}`;
  return bound.statement(
    `SELECT DISTINCT unix_millis(event_time) AS at, actor, resource, workspace FROM (${events}) WHERE ${['resource IS NOT NULL', 'actor IS NOT NULL', ...others].join(' AND ')} ORDER BY at DESC, resource, actor LIMIT ${MOST_CHANGES}`,
  );
}

/** Both names are in use for the service that logs changes of serving endpoints. */
const SERVING = "service_name IN ('serverlessRealTimeInference', 'modelServing')";
const ENDPOINT_ACTIONS = "'createServingEndpoint', 'updateServingEndpoint', 'deleteServingEndpoint'";
const ALIAS_ACTIONS = "'setRegisteredModelAlias', 'deleteRegisteredModelAlias'";

function matches(resource: Resource, bound: Parameters): string {
  const named = (name: string): string => `array_contains(map_values(request_params), ${bound.bind(name)})`;
  if (resource.kind === 'endpoint')
    return `(${SERVING} AND action_name IN (${ENDPOINT_ACTIONS}) AND ${named(resource.name)})`;
  const parts = resource.model.split('.').map(named);
  const model = parts.length === 1 ? parts[0] : `(${named(resource.model)} OR (${parts.join(' AND ')}))`;
  return `(service_name = 'unityCatalog' AND action_name IN (${ALIAS_ACTIONS}) AND ${model} AND ${named(resource.alias)})`;
}

const REASONS: { readonly [reason in WarehouseReason]: UntoldReason } = {
  table_missing: 'not_enabled',
  column_missing: 'unreadable',
  wrong_type: 'unreadable',
  forbidden: 'no_grant',
  timeout: 'too_slow',
  unavailable: 'unavailable',
  query_failed: 'unreadable',
  bad_answer: 'unreadable',
};

function untold(
  error: unknown,
  { table, options }: { readonly table: string; readonly options: AuditLogOptions },
): ToldChanges {
  const late = error instanceof DeadlineError;
  if (!late && !(error instanceof WarehouseError)) throw error;
  options.logger.warn({ err: error }, `${table} could not be read: nobody is named`);
  const reason = late ? 'too_slow' : REASONS[error.reason];
  const whys: { readonly [reason in UntoldReason]: string } = {
    no_log: `there is no ${table}`,
    no_grant: `no grant on ${table}`,
    not_enabled: `there is no ${table}, or the reader may not see it`,
    too_slow: `${table} did not answer in time`,
    unavailable: `${table} could not be reached`,
    unreadable: `${table} has another shape than expected`,
  };
  return { told: false, reason, why: whys[reason] };
}
