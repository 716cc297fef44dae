import type { RollbackState } from './rollback.ts';

/** One arrow of the state diagram. The machine takes no other. */
export interface Transition {
  readonly from: RollbackState;
  readonly to: RollbackState;
  readonly when: string;
}

/** What can happen wherever a rollback stands before anything was written. */
const BEFORE_FIRST_WRITE: readonly (readonly [RollbackState, string])[] = [
  ['shifting_traffic', 'gates open, endpoint as planned'],
  ['traffic_verified', 'the target already has all traffic'],
  ['moving_alias', 'gates open, no traffic to move'],
  ['alias_verified', 'nothing is left to move'],
  ['superseded', 'somebody changed endpoint or alias'],
  ['blocked', 'a gate holds'],
  ['needs_human', 'busy or unreadable for too long'],
  ['cancelled', 'a person cancelled'],
];

/** What can happen in every state after the first write. */
const AFTER_A_WRITE: readonly (readonly [RollbackState, string])[] = [
  ['superseded', 'somebody changed endpoint or alias'],
  ['needs_human', 'update failed, write rejected, target not ready, or too late'],
];

/** Only where all was in place already and no write was needed can a verified rollback still be called off. */
const CALLED_OFF: readonly [RollbackState, string] = ['cancelled', 'cancelled before any write'];

/** Every transition of the machine; the diagram in the documentation is made of it. */
export const TRANSITIONS: readonly Transition[] = [
  ...arrows('planned', [['awaiting_approval', 'mode approve'], ...BEFORE_FIRST_WRITE]),
  ...arrows('awaiting_approval', [['expired', 'nobody approved in time'], ...BEFORE_FIRST_WRITE]),
  ...arrows('shifting_traffic', [['traffic_verified', 'read back as planned'], ...AFTER_A_WRITE]),
  ...arrows('traffic_verified', [
    ['moving_alias', 'the alias is to be moved'],
    ['alias_verified', 'the alias is already right'],
    ['dwelling', 'only traffic moves'],
    ['blocked', 'a gate holds before the first write'],
    ...AFTER_A_WRITE,
    CALLED_OFF,
  ]),
  ...arrows('moving_alias', [['alias_verified', 'read back as planned'], ...AFTER_A_WRITE]),
  ...arrows('alias_verified', [['dwelling', 'watch it settle'], ...AFTER_A_WRITE, CALLED_OFF]),
  ...arrows('dwelling', [['done', 'unchanged through the dwell'], ...AFTER_A_WRITE, CALLED_OFF]),
];

function arrows(
  from: RollbackState,
  targets: readonly (readonly [RollbackState, string])[],
): readonly Transition[] {
  return targets.map(([to, when]) => ({ from, to, when }));
}
