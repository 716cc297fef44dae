import type { RollbackConfig } from '../config/config.ts';
import { formatDuration } from '../config/durations.ts';
import { hasIntent } from './machine.ts';
import { FINAL_STATES, type Readiness, type Rollback, type RollbackPlan } from './rollback.ts';

/** What a plan changes, a line each: traffic, entities that leave, the alias. */
export function planLines(plan: RollbackPlan): readonly string[] {
  const { endpoint, servingBefore, routesAfter, removes, adds, alias } = plan;
  const traffic =
    routesAfter === null
      ? []
      : [`traffic of ${endpoint ?? ''}: ${routes(servingBefore?.routes ?? {})}  ->  ${routes(routesAfter)}`];
  const leaving =
    removes === undefined
      ? []
      : [
          `leaves endpoint ${endpoint ?? ''}: ${removes.join(', ')}. Fallback is on there and would go on sending it requests that failed elsewhere`,
        ];
  const deployed =
    adds === undefined
      ? []
      : [
          `deployed on endpoint ${endpoint ?? ''}: ${adds.name}, version ${adds.version}, with the settings of ${adds.like}. Traffic follows when it is ready`,
        ];
  const moved = alias === null ? [] : [`alias ${alias.name}: ${alias.before ?? 'none'}  ->  ${alias.after}`];
  return [...deployed, ...traffic, ...leaving, ...moved];
}

function routes(percent: { readonly [entity: string]: number }): string {
  return Object.entries(percent)
    .map(([entity, share]) => `${entity} ${share} %`)
    .join(', ');
}

/** How long a target of each class takes to take over, as serving systems do it; the deadline is the configuration's. */
const TAKES: { readonly [readiness in Readiness]: string } = {
  hot: 'seconds to a minute: it runs already',
  cold: 'minutes: it is scaled to zero and has to start first',
  absent:
    'minutes to half an hour: it is not on the endpoint and is deployed first. As a served entity with 0 % of the traffic it would take seconds',
  none: 'refused: there is no target, or the endpoint cannot be read',
};

/** The class of readiness, what it means for how long it takes, and when a person is called. */
export function readinessLine(readiness: Readiness, { deadline }: Pick<RollbackConfig, 'deadline'>): string {
  const limit = readiness === 'none' ? null : deadline[readiness];
  const until = limit === null ? '' : `; after ${formatDuration(limit)} a person is called`;
  return `readiness ${readiness}: ${TAKES[readiness]}${until}`;
}

/** How a person stops a rollback in the state it is in, or undoes what is left of it. */
export function howToStop(rollback: Pick<Rollback, 'id' | 'model' | 'from' | 'state' | 'wrote'>): string {
  const { state, wrote, model, from } = rollback;
  if (FINAL_STATES.includes(state)) {
    return wrote || state === 'cancelled'
      ? `it has ended. Version ${from} stays on hold until "driftwarden rollback release ${model} --version ${from}".`
      : 'it has ended and changed nothing.';
  }
  const switched = '"driftwarden rollback stop" (or the kill switch file) keeps it from every further write';
  if (state === 'awaiting_approval') return `do not approve it: then it expires. Or ${switched}.`;
  if (!wrote) return `${switched}; it ends as blocked.`;
  return hasIntent(state)
    ? `${switched}; one that is on its way cannot be called back. Changing endpoint or alias yourself ends it as superseded.`
    : `${switched}. Changing endpoint or alias yourself ends it as superseded, and nothing is done against that.`;
}
