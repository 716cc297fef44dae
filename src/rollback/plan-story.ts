import type { RollbackConfig } from '../config/config.ts';
import { formatDuration } from '../config/durations.ts';
import { firstHeld } from './gates/gates.ts';
import type { GateResult, RollbackPlan } from './rollback.ts';
import { planLines, readinessLine } from './words.ts';

export interface PlanQuestion {
  readonly model: string;
  /** Null: none can be made now. */
  readonly plan: RollbackPlan | null;
  readonly gates: readonly GateResult[];
  /** Null where the model is not configured. */
  readonly config: Pick<RollbackConfig, 'mode' | 'deadline' | 'dwell' | 'approvalExpires'> | null;
}

/** What a rollback would do now, read from the top: which version, why that one, what holds it, what happens next, how to stop it. */
export function planStory({ model, plan, gates, config }: PlanQuestion): readonly string[] {
  const first = firstHeld(gates);
  const held = gates.filter((gate) => gate.held);
  const target = gates.find(({ gate }) => gate === 'no_target');
  return [
    plan === null
      ? `${model}: no rollback can be planned now.`
      : `${model}: version ${plan.from} -> ${plan.to}`,
    ...(plan === null || target === undefined || target.held ? [] : [`why ${target.reason}`]),
    ...(plan === null || config === null ? [] : [readinessLine(plan.readiness, config)]),
    ...(plan === null ? [] : planLines(plan)),
    ...gateLines([...held, ...gates.filter((gate) => !gate.held)]),
    first === null
      ? 'No gate holds: "driftwarden rollback apply" would go ahead.'
      : `${held.length} gate${held.length === 1 ? ' holds' : 's hold'} a rollback now.`,
    `Next: ${nextOf(plan, first, config)}`,
    ...(first === null ? [STOP] : []),
  ];
}

const STOP =
  'To stop one: "driftwarden rollback stop" holds every write of every model, "driftwarden rollback silence" those of one model; a change of endpoint or alias by hand ends it.';

function nextOf(plan: RollbackPlan | null, held: GateResult | null, config: PlanQuestion['config']): string {
  if (plan === null || held !== null)
    return 'nothing is changed. The gates are asked again with every window that wants a rollback, and what holds it is recorded.';
  const steps = [
    ...(plan.routesAfter === null ? [] : ['traffic']),
    ...(plan.alias === null ? [] : ['alias']),
  ].join(', then ');
  const watched = config === null ? '' : `, and watched for ${formatDuration(config.dwell)}`;
  const carried = `${steps}, each read back${watched}.`;
  if (config?.mode !== 'approve') return carried;
  return `the plan is told to the owner and waits ${formatDuration(config.approvalExpires)} for another person to approve it; after that ${carried}`;
}

/** A line for each gate. */
export function gateLines(gates: readonly GateResult[]): readonly string[] {
  return gates.map(({ gate, held, reason }) => `  ${held ? 'HELD' : 'pass'}  ${gate.padEnd(22)}  ${reason}`);
}
