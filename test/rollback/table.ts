import { decide } from '../../src/judge/decide.ts';
import { type PolicyVerdict, VERDICTS, type Verdict } from '../../src/judge/verdict.ts';
import { hasIntent, step, wantsGates } from '../../src/rollback/machine.ts';
import {
  FINAL_STATES,
  GATES,
  type Gate,
  type GateResult,
  ROLLBACK_STATES,
  type RollbackState,
} from '../../src/rollback/rollback.ts';
import { anObservation, MINUTE, rollbackIn, seen, shiftedEndpoint, T0 } from './support.ts';

/** Where a model stands: no rollback, or one in a state. */
export const STATES: readonly ('none' | RollbackState)[] = ['none', ...ROLLBACK_STATES];
/** The gate that holds; null: every gate lets pass. */
export const HOLDING: readonly (Gate | null)[] = [null, ...GATES];
export const ALL_VERDICTS: readonly Verdict[] = VERDICTS;

/** What happens next, by the program's own pure functions. */
export interface Outcome {
  /** `none`: no rollback exists afterwards. */
  readonly state: 'none' | RollbackState;
  readonly writes: 'shift' | 'alias' | null;
  /** Whether the verdict of the window asks for a rollback. */
  readonly wanted: boolean;
}

/** One cell of the product: the verdict of the newest window, where the model stands, and what the gates say. */
export function outcomeOf(verdict: Verdict, state: 'none' | RollbackState, holding: Gate | null): Outcome {
  const wanted = isWanted(verdict);
  if (state !== 'none') return { ...stepped(state, holding), wanted };
  return { state: wanted && holding === null ? 'planned' : 'none', writes: null, wanted };
}

/** Whether a window with this verdict of the serving version's predictions asks for a rollback. */
function isWanted(verdict: Verdict): boolean {
  const own: PolicyVerdict = {
    check: 'prediction',
    kind: 'output_drift',
    version: '7',
    verdict,
    reason: verdict,
    worst: null,
  };
  const { rollback } = decide({
    verdicts: [own],
    earlier: () => [],
    breaches: { m: 1, n: 1 },
    on: ['prediction', 'drift', 'performance'],
    servingVersion: '7',
    mayAct: true,
    verdict,
    unknownFor: 0,
    unknownAfter: 1,
    owner: { problem: null, unread: false },
  });
  return rollback !== null;
}

/** The state as it normally stands: what has been written is there, what has not is not; nothing else has changed. */
function stepped(state: RollbackState, holding: Gate | null): Omit<Outcome, 'wanted'> {
  const rollback = rollbackIn(state, {
    ...(state === 'awaiting_approval'
      ? { approval: { by: 'ann', identity: 'verified', at: new Date(T0).toISOString() } }
      : {}),
  });
  const shifted = hasIntent(state) || ['traffic_verified', 'alias_verified', 'dwelling'].includes(state);
  const moved = ['moving_alias', 'alias_verified', 'dwelling'].includes(state);
  const result = step(
    rollback,
    anObservation({
      ...(shifted ? { endpoint: seen(shiftedEndpoint()) } : {}),
      alias: seen(moved ? '6' : '7'),
      gates: wantsGates(rollback) ? gatesWith(holding) : null,
      killSwitch: holding === 'kill_switch',
      attempt: hasIntent(state) ? { kind: 'ok', settledAt: T0, message: '' } : { kind: 'none' },
    }),
    T0 + MINUTE,
  );
  return { state: result.state, writes: result.write?.kind ?? null };
}

function gatesWith(holding: Gate | null): readonly GateResult[] {
  return GATES.map((gate) => ({ gate, held: gate === holding, reason: gate }));
}

const TRAFFIC = { shift: 'traffic', alias: 'alias' } as const;

function said({ state, writes }: Outcome, before: 'none' | RollbackState): string {
  if (before !== 'none' && FINAL_STATES.includes(before)) return 'stays';
  if (before === 'none' && state === 'none') return 'nothing; the gate is on the record';
  const moved = state === before ? 'waits' : `\`${state}\``;
  return writes === null ? moved : `${moved}, writes ${TRAFFIC[writes]}`;
}

/** The product in few lines: verdicts first, then a line per state. Gates with one outcome share a column's words. */
export function tableText(): string {
  const asks = ALL_VERDICTS.filter((verdict) => outcomeOf(verdict, 'none', null).wanted);
  const others = ALL_VERDICTS.filter((verdict) => !asks.includes(verdict));
  const list = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ');
  const rows = STATES.map((state) => {
    const by = (gate: Gate | null): string => said(outcomeOf('breach', state, gate), state);
    const rest = [...new Set(GATES.filter((gate) => gate !== 'kill_switch').map(by))];
    return `| ${state === 'none' ? 'no rollback' : `\`${state}\``} | ${by(null)} | ${by('kill_switch')} | ${rest.join(' or ')} |`;
  });
  return [
    `A window asks for a rollback with the verdict ${list(asks)} and with no other: ${list(others)} ask for nothing, whatever the gates say. A rollback that exists goes its way whatever later windows say.`,
    '',
    '| stands | every gate lets pass | the kill switch holds | one other gate holds |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}
