import type { AddedEntity } from '../serving/serving.ts';

/** The states of a rollback; the last six are final and absorb. Names are the contract's (section 4). */
export const ROLLBACK_STATES = [
  'planned',
  'awaiting_approval',
  'shifting_traffic',
  'traffic_verified',
  'moving_alias',
  'alias_verified',
  'dwelling',
  'done',
  'superseded',
  'blocked',
  'needs_human',
  'cancelled',
  'expired',
] as const;
export type RollbackState = (typeof ROLLBACK_STATES)[number];

export const FINAL_STATES: readonly RollbackState[] = [
  'done',
  'superseded',
  'blocked',
  'needs_human',
  'cancelled',
  'expired',
];

/** Gate words: one closed list for the JSON `gate`, the metric label `reason` and the audit (contract section 9). */
export const GATES = [
  'mode',
  'kill_switch',
  'freeze',
  'cooldown',
  'hold',
  'blast_radius',
  'rate_limit',
  'no_target',
  'champion_not_ready',
  'champion_not_approved',
  'champion_breach',
  'creator_inactive',
  'data_quality',
  'evidence_age',
  'baseline_not_approved',
  'approver',
  'silenced',
  'version_unknown',
] as const;
export type Gate = (typeof GATES)[number];

export interface GateResult {
  readonly gate: Gate;
  readonly held: boolean;
  readonly reason: string;
}

/** How fast the target can take traffic: warm on the endpoint, scaled to zero, needs a deployment, or there is none. */
export type Readiness = 'hot' | 'cold' | 'absent' | 'none';

/** One attempt to put the champion back: the plan with its snapshot, and how far it has come. */
export interface Rollback {
  readonly id: string;
  readonly model: string;
  readonly endpoint: string | null;
  readonly from: string;
  readonly to: string;
  readonly trigger: 'automatic' | 'manual';
  readonly cause: string;
  readonly state: RollbackState;
  /** SHA-256 of the canonical JSON of `plan`: what an approval binds to. */
  readonly planHash: string;
  readonly plan: RollbackPlan;
  readonly gates: readonly GateResult[];
  readonly history: readonly { readonly at: string; readonly state: RollbackState; readonly why: string }[];
  readonly exception: string | null;
  readonly evaluation: string | null;
  readonly requestedBy: string;
  readonly approval: {
    readonly by: string;
    readonly identity: 'claimed' | 'verified';
    readonly at: string;
  } | null;
  /** ISO domain times. */
  readonly createdAt: string;
  readonly approvalExpiresAt: string | null;
  /** By when the alias must be verified, counted from the first intent; null before it. */
  readonly deadlineAt: string | null;
  readonly dwellUntil: string | null;
  /** Whether the first write may have left this program. */
  readonly wrote: boolean;
  /** Serving config version read back when the traffic was as planned, which must stay; null before. */
  readonly configVersionAfter: number | null;
  readonly endedAt: string | null;
  readonly rev: number;
}

/** What was seen when the plan was made and what shall be afterwards. The world is compared with it before every write. */
export interface RollbackPlan {
  readonly model: string;
  readonly registeredModel: string;
  readonly endpoint: string | null;
  readonly from: string;
  readonly to: string;
  readonly moves: readonly ('traffic' | 'alias')[];
  readonly readiness: Readiness;
  /** Serving as seen: config version and percentage per served entity. Null without an endpoint. */
  readonly servingBefore: ServingSnapshot | null;
  /** Percentage per served entity that the plan wants. Null when traffic is not moved. */
  readonly routesAfter: { readonly [entity: string]: number } | null;
  /** Served entities that leave the endpoint in the same update. Absent where none does. */
  readonly removes?: readonly string[];
  /** The target's entity, where the endpoint does not have it: the same update deploys it. Absent where it has. */
  readonly adds?: AddedEntity;
  /** The champion alias as seen, and as wanted. Null when the alias is not moved. */
  readonly alias: { readonly name: string; readonly before: string | null; readonly after: string } | null;
}

export interface ServingSnapshot {
  readonly configVersion: number | null;
  readonly routes: { readonly [entity: string]: number };
  readonly versions: { readonly [entity: string]: string };
}
