/** The kinds of audit record. Names are the contract's (section 6). */
export const AUDIT_KINDS = [
  'genesis',
  'config',
  'baseline',
  'evaluation',
  'verdict',
  'exception',
  'ticket',
  'approval',
  'rollback',
  'override',
  'skipped_window',
  'checkpoint',
] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A record before it has its place in the chain. */
export interface AuditEntry {
  readonly kind: AuditKind;
  readonly body: JsonObject;
}

/** A record in the chain: `hash` covers the canonical JSON of all other fields, `prev` is the hash before it. */
export interface AuditRecord extends AuditEntry {
  readonly seq: number;
  readonly time: string;
  readonly prev: string;
  readonly hash: string;
}
