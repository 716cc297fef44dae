import type { Claim } from '../operations.ts';
import { gateLines, planStory } from '../rollback/plan-story.ts';
import type { Rollback } from '../rollback/rollback.ts';
import { type CommandContext, CommandError, EXIT, printResult } from './context.ts';
import { withOperations, withReader } from './reach.ts';

/** A dry run: what would be done, which gates would hold. Refused (2) when one does. */
export async function rollbackPlanCommand(model: string, context: CommandContext): Promise<number> {
  const { plan, gates, config } = await withReader(context, async (reader) => ({
    ...(await reader.planRollback(model)),
    config: reader.config.models[model]?.rollback ?? null,
  }));
  printResult(context, { plan, gates }, planStory({ model, plan, gates, config }));
  return plan === null || gates.some(({ held }) => held) ? EXIT.refused : EXIT.ok;
}

export async function rollbackApplyCommand(
  options: { model: string; claim: Claim },
  context: CommandContext,
): Promise<number> {
  const rollback = await withOperations(context, (operations) =>
    operations.applyRollback(options.model, options.claim),
  );
  printResult(context, { rollback }, rollbackLines(rollback));
  return EXIT.ok;
}

export async function rollbackApproveCommand(
  options: { id: string; claim: Claim },
  context: CommandContext,
): Promise<number> {
  const rollback = await withOperations(context, (operations) =>
    operations.approveRollback(options.id, options.claim),
  );
  printResult(context, { rollback }, rollbackLines(rollback));
  return EXIT.ok;
}

export async function rollbackShowCommand(id: string, context: CommandContext): Promise<number> {
  const rollback = await withReader(context, (reader) => reader.store.rollback(id));
  if (rollback === null)
    throw new CommandError(
      `There is no rollback ${id}. "driftwarden explain MODEL" names the rollbacks of a model.`,
    );
  printResult(context, { rollback }, rollbackLines(rollback));
  return EXIT.ok;
}

export async function rollbackReleaseCommand(
  options: { model: string; version: string; claim: Claim },
  context: CommandContext,
): Promise<number> {
  const hold = await withOperations(context, (operations) => operations.release(options));
  printResult(context, { hold }, [
    `Version ${hold.version} of ${hold.model} is released: a new breach of it may lead to a rollback again.`,
  ]);
  return EXIT.ok;
}

export async function rollbackSilenceCommand(
  options: { model: string; until: number | null; claim: Claim },
  context: CommandContext,
): Promise<number> {
  const silence = await withOperations(context, (operations) => operations.silence(options));
  const { model, until } = silence;
  printResult(context, { silence }, [
    options.until === null
      ? `${model} is not silenced any more.`
      : `${model} is silenced: it is judged and told as ever, and nothing of it is rolled back until ${until}.`,
  ]);
  return EXIT.ok;
}

export async function rollbackStopCommand(
  on: boolean,
  claim: Claim,
  context: CommandContext,
): Promise<number> {
  const killSwitch = await withOperations(context, (operations) => operations.setKillSwitch(on, claim));
  printResult(context, { killSwitch }, [
    on
      ? `The kill switch ${killSwitch.file} is on: nothing outside is changed.`
      : `The kill switch ${killSwitch.file} is off.`,
  ]);
  return EXIT.ok;
}

export function rollbackLines(rollback: Rollback): readonly string[] {
  const { id, model, endpoint, from, to, trigger, cause, state, history, planHash } = rollback;
  return [
    `${id}  ${model}${endpoint === null ? '' : ` on endpoint ${endpoint}`}: version ${from} -> ${to}  (${trigger}, cause ${cause})  state: ${state}`,
    `plan ${planHash}`,
    ...history.map((step) => `${step.at}  ${step.state.padEnd(18)}  ${step.why}`),
    ...gateLines(rollback.gates.filter(({ held }) => held)),
  ];
}
