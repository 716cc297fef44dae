import type { Verdict } from '../../judge/verdict.ts';

/** A change freeze that is on. */
export interface FreezeInForce {
  /** End, exclusive, in milliseconds. */
  readonly until: number;
  readonly reason: string | null;
}

/** Everything the gates know, read once: the gates themselves read nothing. Times are domain time in milliseconds. */
export interface GateFacts {
  readonly now: number;
  readonly trigger: 'automatic' | 'manual';
  readonly mode: 'observe' | 'approve' | 'auto';
  readonly killSwitch: boolean;
  /** The change freeze that is on; null: none. */
  readonly freeze: FreezeInForce | null;
  readonly cooldown: number;
  /** Other rollbacks of this model that are under way (`endedAt` null) or have written. */
  readonly others: readonly { readonly id: string; readonly endedAt: number | null }[];
  /** Versions that nobody has released since an earlier rollback: `left`, or kept because a person called it off. */
  readonly holds: readonly { readonly version: string; readonly rollback: string; readonly left: boolean }[];
  /** Models whose newest evaluation is in breach, this one included, of all that are configured. */
  readonly modelsInBreach: number;
  readonly models: number;
  readonly maxShareOfModels: number;
  /** When rollbacks of any model made their first write, this one left out. */
  readonly firstWrites: readonly number[];
  readonly maxRollbacksPerHour: number;
  /** The failing version; null when it cannot be told. */
  readonly from: string | null;
  readonly target: { readonly version: string | null; readonly reason: string };
  /** The target of the committed plan, when the gates are asked again; null before. */
  readonly plannedTarget: string | null;
  /** Why a rollback would change nothing or the wrong thing; null when it makes sense. */
  readonly pointless: string | null;
  /** `unread`: it could not be looked at, which says nothing about it. */
  readonly targetState: { readonly fit: boolean; readonly unread?: boolean; readonly reason: string };
  /** The target's own verdict on the same windows, or of the check on all rows where versions share it; null: none. */
  readonly targetVerdict: Verdict | null;
  readonly evidence: { readonly windowEnd: number; readonly maxAge: number } | null;
  readonly baseline: { readonly id: string; readonly state: 'draft' | 'approved' | 'retired' } | null;
  /** Tags that the target must carry, and those it has; null where the registry did not tell them. */
  readonly requireTags: { readonly [tag: string]: string };
  readonly targetTags: { readonly [tag: string]: string } | null;
  /** Who made the endpoint, and whether they are still there; null where no traffic is moved or nobody is named. */
  readonly creator: { readonly name: string; readonly standing: 'active' | 'inactive' | 'unknown' } | null;
  /** The verdict on the data themselves, of the window that speaks against the failing version; null: none. */
  readonly data: { readonly verdict: Verdict; readonly reason: string } | null;
  /** Models that read the same table, this one included, and those of them in breach. */
  readonly feed: { readonly table: string; readonly models: number; readonly inBreach: number };
  /** The silence that is on; null: none. */
  readonly silence: { readonly by: string; readonly until: string; readonly reason: string | null } | null;
  readonly requestedBy: string;
  /** Who approved; null while nobody has, or nobody must. */
  readonly approvedBy: string | null;
  /** Whether that was an authenticated person, and whether it has to be. */
  readonly approvalVerified: boolean;
  readonly requireVerified: boolean;
}
