/**
 * What the contract names and this version lacks. A configuration that uses one of these is refused, so that no key
 * silently does nothing. When a feature lands, its row is deleted, and that is all.
 */
export interface NotYet {
  /** The key; `*` stands for any name. A key under `models.*` is looked for in `defaults` too. */
  readonly path: string;
  /** Only this value of the key is lacking; without it the key is. */
  readonly value?: string;
  /** What to do instead. */
  readonly instead: string;
}

const REMOVE = 'remove the key';
const WEBHOOK_DESK = 'use a desk of kind webhook';

export const NOT_YET: readonly NotYet[] = [
  { path: 'workspace.ca', instead: 'set NODE_EXTRA_CA_CERTS in the environment of the daemon' },
  { path: 'workspace.proxy', instead: 'remove the key and reach the workspace directly' },
  { path: 'workspace.*.federation', instead: 'use clientId and clientSecret, or token' },
  { path: 'store.kind', value: 'postgres', instead: 'use kind sqlite' },
  { path: 'http.tls', instead: 'remove the key and put a proxy that speaks TLS in front' },
  { path: 'http.auth.kind', value: 'basic', instead: 'use kind bearer' },
  { path: 'ticketDesks.*.kind', value: 'jira', instead: WEBHOOK_DESK },
  { path: 'ticketDesks.*.kind', value: 'servicenow', instead: WEBHOOK_DESK },
  { path: 'ticketDesks.*.kind', value: 'github', instead: WEBHOOK_DESK },
  { path: 'ticketDesks.*.kind', value: 'pagerduty', instead: WEBHOOK_DESK },
  { path: 'ticketDesks.*.kind', value: 'slack', instead: WEBHOOK_DESK },
  { path: 'ticketDesks.*.kind', value: 'email', instead: WEBHOOK_DESK },
  { path: 'models.*.joins', instead: 'remove the key and point source.table at a view that joins' },
  { path: 'models.*.labels', instead: REMOVE },
  { path: 'models.*.segments', instead: REMOVE },
  { path: 'models.*.performance', instead: REMOVE },
  { path: 'models.*.challenger', instead: REMOVE },
  { path: 'models.*.fairness', instead: REMOVE },
];
