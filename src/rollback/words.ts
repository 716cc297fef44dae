import type { RollbackPlan } from './rollback.ts';

/** What a plan changes, a line each: traffic, entities that leave, the alias. */
export function planLines(plan: RollbackPlan): readonly string[] {
  const { endpoint, servingBefore, routesAfter, removes, alias } = plan;
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
  const moved = alias === null ? [] : [`alias ${alias.name}: ${alias.before ?? 'none'}  ->  ${alias.after}`];
  return [...traffic, ...leaving, ...moved];
}

function routes(percent: { readonly [entity: string]: number }): string {
  return Object.entries(percent)
    .map(([entity, share]) => `${entity} ${share} %`)
    .join(', ');
}
