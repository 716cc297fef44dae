import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

interface Numbered {
  id?: number;
}

/**
 * What the builder leaves to be done: panels without ids (links to a panel and filters of annotations need them), and
 * `placement: inControlsMenu` on links and annotations, which newer versions of Grafana hide in a menu and which no
 * builder call undoes. The result is the Classic JSON that file provisioning of every current Grafana accepts.
 */
export function finish(dashboard: Dashboard): string {
  const plain = JSON.parse(JSON.stringify(dashboard)) as {
    panels: Numbered[];
    links: { placement?: string }[];
    annotations: { list: { placement?: string }[] };
  };
  for (const [at, panel] of plain.panels.entries()) panel.id = at + 1;
  for (const entry of [...plain.links, ...plain.annotations.list]) delete entry.placement;
  return `${JSON.stringify(plain, null, 2)}\n`;
}
