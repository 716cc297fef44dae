import { GATES, type Gate, type GateResult } from '../rollback.ts';
import type { GateFacts } from './facts.ts';

interface Answer {
  readonly held: boolean;
  readonly reason: string;
}
type GateFunction = (facts: GateFacts) => Answer;

const HOUR = 3_600_000;
/** Fewer models than this in breach at once say nothing about the feed they share. */
const BLAST_RADIUS_MODELS = 3;

/** One model alone says nothing about the table it reads. */
const FEED_MODELS = 2;

const held = (reason: string): Answer => ({ held: true, reason });
const open = (reason: string): Answer => ({ held: false, reason });

/** The gates in the order in which they are asked. */
export const GATE_FUNCTIONS: { readonly [gate in Gate]: GateFunction } = {
  mode: ({ mode, trigger }) => {
    if (trigger === 'manual') return open('a person asked: the mode is not asked');
    return mode === 'observe'
      ? held('rollback.mode is observe: driftwarden only watches this model')
      : open(`rollback.mode is ${mode}`);
  },

  kill_switch: ({ killSwitch }) =>
    killSwitch ? held('the kill switch is on: nothing outside is changed') : open('the kill switch is off'),

  freeze: ({ freeze }) =>
    freeze === null
      ? open('no change freeze is on')
      : held(
          `a change freeze is on until ${new Date(freeze.until).toISOString()}${freeze.reason === null ? '' : `: ${freeze.reason}`}`,
        ),

  cooldown: ({ others, cooldown, now }) => {
    const running = others.find((other) => other.endedAt === null);
    if (running !== undefined) return held(`rollback ${running.id} of this model is still under way`);
    const recent = others.find((other) => other.endedAt !== null && now - other.endedAt < cooldown);
    if (recent === undefined) return open('no rollback of this model ended within the cooldown');
    const until = new Date((recent.endedAt ?? 0) + cooldown).toISOString();
    return held(
      `rollback ${recent.id} of this model ended a short time ago; the cooldown lasts until ${until}`,
    );
  },

  hold: ({ holds, from, target }) => {
    const own = holds.find((hold) => hold.version === from);
    if (own !== undefined) {
      return held(`version ${own.version} is on hold since ${own.rollback}; release it to allow a rollback`);
    }
    const bad = holds.find((hold) => hold.left && hold.version === target.version);
    if (bad !== undefined) {
      return held(`the target, version ${bad.version}, was itself left by ${bad.rollback} and not released`);
    }
    return open('neither the failing version nor the target is on hold');
  },

  blast_radius: ({ modelsInBreach, models, maxShareOfModels }) => {
    const seen = `${modelsInBreach} of ${models} models are in breach at once`;
    return modelsInBreach >= BLAST_RADIUS_MODELS && modelsInBreach / models > maxShareOfModels
      ? held(`${seen}: more than a share of ${maxShareOfModels}, so the feed is suspect and not the models`)
      : open(seen);
  },

  rate_limit: ({ firstWrites, maxRollbacksPerHour, now }) => {
    const count = firstWrites.filter((at) => now - at < HOUR).length;
    const seen = `${count} rollbacks of all models in the last hour, at most ${maxRollbacksPerHour} are allowed`;
    return count >= maxRollbacksPerHour ? held(seen) : open(seen);
  },

  no_target: ({ from, target, plannedTarget, pointless }) => {
    if (target.version === null) {
      const which =
        from === null ? 'it cannot be told what to go back to' : 'there is no version to go back to';
      return held(`${which}: ${target.reason}`);
    }
    if (plannedTarget !== null && target.version !== plannedTarget) {
      return held(`the plan goes to version ${plannedTarget}, but by now ${target.reason}`);
    }
    if (pointless !== null) return held(`there is nothing to roll back: ${pointless}`);
    return open(`version ${target.version}: ${target.reason}`);
  },

  champion_not_ready: ({ targetState }) =>
    targetState.fit
      ? open(targetState.reason)
      : held(
          `${targetState.unread === true ? 'it cannot be told whether the target could take over' : 'the target cannot take over'}: ${targetState.reason}`,
        ),

  champion_not_approved: ({ target, requireTags, targetTags }) => {
    const required = Object.entries(requireTags);
    if (required.length === 0) return open('rollback.requireTags asks for no tags');
    const version = target.version ?? 'none';
    if (targetTags === null) return held(`the tags of version ${version} are not known`);
    const lacking = required.filter(
      ([tag, value]) => !Object.hasOwn(targetTags, tag) || targetTags[tag] !== value,
    );
    const words = lacking.map(([tag, value]) => `${tag}: ${value}`).join(', ');
    return lacking.length === 0
      ? open(`version ${version} carries every required tag`)
      : held(`version ${version} lacks ${words}, which rollback.requireTags asks for`);
  },

  /** No verdict does not hold: a champion without traffic has no rows of its own, and that is the normal case. */
  champion_breach: ({ target, targetVerdict }) => {
    const { version } = target;
    if (targetVerdict === 'breach')
      return held(`version ${version ?? 'none'} is in breach on the same rows or windows itself`);
    if (version === null) return open('there is no target that could be in breach itself');
    return open(
      targetVerdict === null
        ? `version ${version} has no verdict of its own on these windows`
        : `version ${version} has verdict ${targetVerdict} on these windows`,
    );
  },

  /** Somebody who cannot be looked up is not held to be gone. */
  creator_inactive: ({ creator }) => {
    if (creator === null) return open('no creator of an endpoint is recorded that a rollback would need');
    return creator.standing === 'inactive'
      ? held(
          `${creator.name}, who made the endpoint, is not active any more: an update would be refused. Make the endpoint anew under a service principal`,
        )
      : open(
          `${creator.name}, who made the endpoint, is ${creator.standing === 'active' ? 'active' : 'not known to be gone'}`,
        );
  },

  data_quality: ({ data, feed }) => {
    if (data?.verdict === 'breach')
      return held(`the data are in breach, so the feed is suspect: ${data.reason}`);
    const { table, models, inBreach } = feed;
    const seen = `${inBreach} of ${models} models that read ${table} are in breach`;
    if (inBreach >= FEED_MODELS && inBreach * 2 > models)
      return held(`${seen}: the table is suspect and not the models`);
    return open(
      data === null ? `the data have no verdict; ${seen}` : `the data are ${data.verdict}; ${seen}`,
    );
  },

  evidence_age: ({ trigger, evidence, now }) => {
    if (trigger === 'manual') return open('a person asked: the age of the evidence is not asked');
    if (evidence === null) return held('there is no evaluation behind this rollback');
    const end = new Date(evidence.windowEnd).toISOString();
    return now - evidence.windowEnd > evidence.maxAge
      ? held(`the evidence ends at ${end}, too long ago to act on`)
      : open(`the evidence ends at ${end}`);
  },

  baseline_not_approved: ({ baseline }) => {
    if (baseline === null) return held('there is no baseline that the model was compared with');
    return baseline.state === 'approved'
      ? open(`baseline ${baseline.id} is approved`)
      : held(`baseline ${baseline.id} is ${baseline.state}: approve one with "driftwarden baseline approve"`);
  },

  approver: ({ requestedBy, approvedBy, approvalVerified, requireVerified }) => {
    if (approvedBy === null) return open('nobody has approved yet, or nobody must');
    if (samePerson(approvedBy, requestedBy))
      return held(`${approvedBy} approved and asked: an approver is another person`);
    return requireVerified && !approvalVerified
      ? held(`${approvedBy} is not a verified identity, which rollback.requireVerified asks for`)
      : open(`${approvedBy} approved what ${requestedBy} asked for`);
  },

  silenced: ({ silence }) => {
    if (silence === null) return open('the model is not silenced');
    const why = silence.reason === null ? '' : `: ${silence.reason}`;
    return held(`${silence.by} silenced the model until ${silence.until}${why}`);
  },

  version_unknown: ({ from, target }) =>
    from === null
      ? held(`it cannot be told which version fails: ${target.reason}`)
      : open(`version ${from} fails`),
};

/** Whether two names mean one person: case and outer blanks are no difference. */
export function samePerson(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

/** Asks every gate, in order; each answers in words whether it holds or lets pass. */
export function askGates(facts: GateFacts): readonly GateResult[] {
  return GATES.map((gate) => ({ gate, ...GATE_FUNCTIONS[gate](facts) }));
}

/** The first gate that holds: the one that is counted and recorded as the reason. */
export function firstHeld(gates: readonly GateResult[]): GateResult | null {
  return gates.find((gate) => gate.held) ?? null;
}
