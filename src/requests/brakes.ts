import type { CycleDeps } from '../evaluation/task.ts';
import { turnOff, turnOn, whyStuck } from '../kill-switch.ts';
import { type Claim, type KillSwitchState, Refused } from '../operations.ts';
import { type Silence, silenceChange } from '../rollback/silence.ts';
import { configuredModel } from './model.ts';

/** Silences a model, or lifts its silence. */
export async function silenceOnRequest(
  request: { readonly model: string; readonly until: number | null; readonly claim: Claim },
  deps: CycleDeps,
): Promise<Silence> {
  configuredModel(deps.config, request.model);
  const { silence, change } = silenceChange(request, deps.clocks.domain.now());
  await deps.store.commit(change);
  return silence;
}

/**
 * Turns the kill switch. On: the file first, then the record, since stopping must not wait for anything. Off: the record
 * first, so that nothing is let loose without one.
 */
export async function killSwitchOnRequest(
  on: boolean,
  claim: Claim,
  { config, store, clocks }: CycleDeps,
): Promise<KillSwitchState> {
  const path = config.actions.killSwitch;
  const { by, identity, reason } = claim;
  const record = {
    kind: 'override' as const,
    body: { subject: 'kill_switch', action: on ? 'on' : 'off', by, identity, reason },
  };
  if (on) {
    const file = await turnOn(path, claim, clocks.domain.now());
    await store.commit({ audit: [record] });
    return { on, file };
  }
  const stuck = await whyStuck(path);
  if (stuck !== null) throw new Refused(stuck, 'kill_switch');
  await store.commit({ audit: [record] });
  return { on, file: await turnOff(path) };
}
