import { openApi } from './api/openapi.ts';
import { readRoutes } from './api/reads.ts';
import { writeRoutes } from './api/writes.ts';
import type { WebDeps } from './deps.ts';
import { pageRoutes } from './page-routes.ts';
import { plainRoutes } from './plain-routes.ts';
import { getRoute, json, type Route } from './route.ts';

/** Every route there is. What the server registers and what the API description tells both come from here. */
export function allRoutes(deps: WebDeps): readonly Route[] {
  const routes: Route[] = [
    ...pageRoutes(deps),
    ...plainRoutes(deps),
    ...readRoutes(deps),
    ...writeRoutes(deps),
  ];
  routes.push(
    getRoute({
      path: '/api/v1/openapi.json',
      summary: 'This description, OpenAPI 3.1',
      access: 'look',
      answer: { kind: 'description' },
      handle: () => json(openApi(routes, deps.version)),
    }),
  );
  return routes;
}
