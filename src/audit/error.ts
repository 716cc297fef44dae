export type AuditReason =
  | 'key_missing'
  | 'key_changed'
  | 'key_invalid'
  | 'unreadable'
  | 'unwritable'
  | 'exists'
  | 'nothing';

/** An expected failure around the audit trail: its signing key, or a file it is read from or written to. */
export class AuditError extends Error {
  override readonly name = 'AuditError';
  readonly reason: AuditReason;
  readonly remedy: string;

  constructor(reason: AuditReason, message: string, remedy: string) {
    super(message);
    this.reason = reason;
    this.remedy = remedy;
  }
}
