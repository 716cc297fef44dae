import { type ActiveState, aliasSight, servingSight } from './compare.ts';
import { firstHeld } from './gates/gates.ts';
import { arrivedLate } from './late.ts';
import { remember } from './memory.ts';
import { FINAL_STATES, type Rollback, type RollbackState } from './rollback.ts';
import {
  type Decision,
  deadlineFrom,
  enter,
  isLate,
  iso,
  isSettled,
  type Scene,
  unsettled,
  wait,
  waitOrGiveUp,
} from './scene.ts';
import { sameRoutes } from './snapshot.ts';
import type { Observation, Step, Write } from './step.ts';

/**
 * One step of a rollback: what it becomes, given what was just read. Pure: the driver reads, commits and writes.
 * Final states absorb. A change by anybody else ends it wherever it stands; nothing is ever written against one.
 */
export function step(rollback: Rollback, seen: Observation, now: number): Step {
  if (FINAL_STATES.includes(rollback.state))
    return { ...wait(rollback.state, 'it has ended'), remembers: seen.remembered };
  const look = {
    rollback,
    seen,
    now,
    serving: servingSight(rollback, seen.endpoint),
    alias: aliasSight(rollback, seen.alias, Math.min(now, seen.lookedAt)),
  };
  const remembers = remember(look);
  const decided = next({ ...look, seen: { ...seen, remembered: remembers } });
  // Also what only the handler of a state can tell, as that a refused write of ours is what somebody else has done.
  const changed = decided.state === 'superseded' ? decided.why : remembers.changed;
  return { ...decided, remembers: { ...remembers, changed } };
}

function next(scene: Scene): Decision {
  const { rollback, seen } = scene;
  const { changed } = seen.remembered;
  if (changed !== null) return enter('superseded', changed);
  const late = arrivedLate(scene);
  if (late !== null) return enter('needs_human', late);
  if (seen.cancel !== null) return enter(rollback.wrote ? 'needs_human' : 'cancelled', seen.cancel);
  return HANDLERS[rollback.state as ActiveState](scene);
}

/** Whether the gates must be asked for the next step: something may be written next and nothing has been yet. */
export function wantsGates(rollback: Rollback): boolean {
  const { state, wrote } = rollback;
  if (wrote || awaitsApproval(rollback)) return false;
  return state === 'planned' || state === 'awaiting_approval' || state === 'traffic_verified';
}

/** Whether the state of a rollback says that a write may have left the program. */
export function hasIntent(state: RollbackState): boolean {
  return state === 'shifting_traffic' || state === 'moving_alias';
}

const HANDLERS: { readonly [state in ActiveState]: (scene: Scene) => Decision } = {
  planned: (scene) =>
    awaitsApproval(scene.rollback)
      ? enter('awaiting_approval', 'A person must approve this plan.')
      : beforeFirstWrite(scene),
  awaiting_approval: (scene) =>
    awaitsApproval(scene.rollback) ? forApproval(scene) : beforeFirstWrite(scene),
  shifting_traffic: shiftingTraffic,
  traffic_verified: trafficVerified,
  moving_alias: movingAlias,
  alias_verified: (scene) => toDwell(scene, 'Traffic and alias are as planned.'),
  dwelling,
};

function awaitsApproval(rollback: Rollback): boolean {
  return rollback.approvalExpiresAt !== null && rollback.approval === null;
}

function forApproval({ rollback, now }: Scene): Decision {
  const expires = rollback.approvalExpiresAt ?? '';
  return now >= Date.parse(expires)
    ? enter('expired', `Nobody approved before ${expires}.`)
    : wait(rollback.state, `waits for approval until ${expires}`);
}

/** The last look before the first write: world readable and quiet, every gate open; then the intent. */
function beforeFirstWrite(scene: Scene): Decision {
  const obstacle = unsettled(scene);
  if (obstacle !== null) return waitOrGiveUp(scene, obstacle);
  const { gates } = scene.seen;
  if (gates === null)
    return waitOrGiveUp(scene, 'the gates were not asked, or the target has not answered yet');
  const gate = firstHeld(gates);
  if (gate !== null) return enter('blocked', `Gate ${gate.gate} holds: ${gate.reason}.`);
  const { plan, state } = scene.rollback;
  if (plan.routesAfter === null || plan.servingBefore === null || state === 'traffic_verified') {
    return moveAlias(scene);
  }
  if (plan.removes === undefined && sameRoutes(plan.servingBefore.routes, plan.routesAfter)) {
    return enter('traffic_verified', `Version ${plan.to} already has all the traffic.`, {
      changes: { configVersionAfter: plan.servingBefore.configVersion },
    });
  }
  if (!scene.serving.targetReady) return waitOrGiveUp(scene, `version ${plan.to} is not ready`);
  return enter('shifting_traffic', `All traffic of ${plan.endpoint ?? ''} shall go to version ${plan.to}.`, {
    write: { kind: 'shift', routes: plan.routesAfter },
    changes: { wrote: true, deadlineAt: deadlineFrom(scene) },
  });
}

/** Routes were sent, or may have been. Reading decides: applied, not applied, or somebody else's. */
function shiftingTraffic(scene: Scene): Decision {
  const { plan } = scene.rollback;
  const obstacle = unsettled(scene);
  if (obstacle !== null) return waitOrGiveUp(scene, obstacle);
  if (scene.serving.at === 'after') return trafficArrived(scene);
  if (ownUpdateFailed(scene))
    return enter('needs_human', 'The update of the endpoint failed; the old routes serve.');
  const unfit = scene.serving.targetReady ? null : `version ${plan.to} is not ready`;
  return writeAgain(scene, { kind: 'shift', routes: plan.routesAfter ?? {} }, unfit);
}

function trafficArrived(scene: Scene): Decision {
  const { serving, seen } = scene;
  const { to } = scene.rollback.plan;
  if (wasRefused(scene)) return enter('superseded', `Somebody else gave version ${to} all the traffic.`);
  if (serving.updateFailed)
    return enter('needs_human', 'The endpoint shows the new routes and says that the update failed.');
  if (!isReady(scene)) return waitOrGiveUp(scene, `version ${to} has the traffic and is not ready yet`);
  const configVersionAfter = seen.endpoint?.seen === true ? seen.endpoint.value.configVersion : null;
  return enter('traffic_verified', `Version ${to} has all the traffic, read back.`, {
    changes: { configVersionAfter },
  });
}

/** Our own write is known not to have been carried out: what is there now is somebody else's, wanted or not. */
function wasRefused({ seen }: Scene): boolean {
  return seen.attempt.kind === 'conflict' || seen.attempt.kind === 'rejected';
}

/** A failure may be older than our write: it counts as ours once a read is sure to be younger, unless ours was refused. */
function ownUpdateFailed(scene: Scene): boolean {
  const { kind } = scene.seen.attempt;
  const maybeOurs = kind === 'ok' || kind === 'ambiguous';
  return scene.serving.updateFailed && maybeOurs && isSettled(scene);
}

function trafficVerified(scene: Scene): Decision {
  const { rollback, alias, seen } = scene;
  const obstacle = unsettled(scene);
  if (obstacle !== null) return waitOrGiveUp(scene, obstacle);
  if (!isReady(scene)) return enter('needs_human', notReady(rollback));
  if (alias.at === 'ignored') return toDwell(scene, 'Only traffic moves; it is as planned.');
  if (alias.at === 'after') return enter('alias_verified', 'The alias is already as wanted.');
  if (!rollback.wrote) return beforeFirstWrite(scene);
  if (isLate(scene))
    return enter('needs_human', 'Traffic has moved, but not before the deadline; the alias has not.');
  if (seen.killSwitch) return wait(rollback.state, 'the kill switch is on');
  return moveAlias(scene);
}

/** The alias was sent, or may have been. */
function movingAlias(scene: Scene): Decision {
  const { alias } = scene.rollback.plan;
  if (scene.alias.at === 'after') {
    return wasRefused(scene)
      ? enter('superseded', 'Somebody else moved the alias to where it was wanted.')
      : enter('alias_verified', 'The alias is as wanted, read back.');
  }
  const obstacle = unsettled(scene);
  if (obstacle !== null) return waitOrGiveUp(scene, obstacle);
  if (alias === null) throw new Error(`rollback ${scene.rollback.id} moves an alias its plan does not have`);
  return writeAgain(scene, { kind: 'alias', name: alias.name, version: alias.after }, null);
}

/** Configuration and alias stay under watch; the rollback is done when they stood through the dwell. */
function dwelling(scene: Scene): Decision {
  const { rollback, now, seen } = scene;
  const obstacle = unsettled(scene);
  const end = Date.parse(rollback.dwellUntil ?? '');
  if (!isReady(scene)) return enter('needs_human', notReady(rollback));
  if (now < end) return wait(rollback.state, `watches until ${rollback.dwellUntil ?? ''}`);
  if (obstacle === null) return enter('done', 'Traffic and alias stood unchanged through the dwell.');
  return now >= end + seen.timing.deadline
    ? enter('needs_human', `After the dwell: ${obstacle}.`)
    : wait(rollback.state, obstacle);
}

/** Both are asked for once the target has the traffic: the entity, and the endpoint around it. */
function isReady({ serving }: Scene): boolean {
  return serving.targetReady && serving.endpointReady;
}

function notReady(rollback: Rollback): string {
  return `Version ${rollback.plan.to} has the traffic and is not ready.`;
}

function toDwell({ now, seen }: Scene, why: string): Decision {
  return enter('dwelling', why, { changes: { dwellUntil: iso(now + seen.timing.dwell) } });
}

function moveAlias(scene: Scene): Decision {
  const { plan, deadlineAt } = scene.rollback;
  if (plan.alias === null || scene.alias.at === 'after')
    return enter('alias_verified', 'Nothing is left to move.');
  const { name, after } = plan.alias;
  return enter('moving_alias', `The alias ${name} shall point to version ${after}.`, {
    write: { kind: 'alias', name, version: after },
    changes: { wrote: true, deadlineAt: deadlineAt ?? deadlineFrom(scene) },
  });
}

/**
 * The world is as it was before a write whose outcome is not certain. It is sent again only once a read can be trusted
 * to show what the first one did; an accepted write is never sent twice.
 */
function writeAgain(scene: Scene, write: Write, obstacle: string | null): Decision {
  const { attempt, killSwitch } = scene.seen;
  const { state, deadlineAt } = scene.rollback;
  if (attempt.kind === 'rejected') return enter('needs_human', `The write was rejected: ${attempt.message}.`);
  if (isLate(scene)) return enter('needs_human', `The write was not to be seen before ${deadlineAt ?? ''}.`);
  if (attempt.kind === 'none') return wait(state, 'nothing is known of the write yet');
  if (attempt.kind === 'ok') return wait(state, 'the write was accepted and is not to be seen yet');
  if (!isSettled(scene)) return wait(state, `the write had no clear answer: ${attempt.message}`);
  if (killSwitch) return wait(state, 'the kill switch is on');
  if (obstacle !== null) return wait(state, obstacle);
  return {
    ...wait(state, 'The write was not carried out and nothing has changed: it is sent again.'),
    write,
    wait: false,
  };
}
