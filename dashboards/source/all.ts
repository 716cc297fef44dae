import { finish } from './finish.ts';
import { fleetDashboard } from './fleet.ts';

/** Every dashboard that ships, by its file in dashboards/. */
export function allDashboards(): { readonly [file: string]: string } {
  return { 'driftwarden-fleet.json': finish(fleetDashboard()) };
}
