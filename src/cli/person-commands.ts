import type { Command } from 'commander';
import {
  baselineApproveCommand,
  baselineFreezeCommand,
  baselineListCommand,
  baselineShowCommand,
} from '../commands/baseline.ts';
import {
  exceptionsActCommand,
  exceptionsListCommand,
  exceptionsShowCommand,
} from '../commands/exceptions.ts';
import {
  rollbackApplyCommand,
  rollbackApproveCommand,
  rollbackPlanCommand,
  rollbackReleaseCommand,
  rollbackShowCommand,
  rollbackSilenceCommand,
  rollbackStopCommand,
} from '../commands/rollback.ts';
import { type Act, claimOf, sub, timeArgument, type Words } from './options.ts';

export function baselineCommands(program: Command, act: Act): void {
  const baseline = sub(program, 'baseline', 'freezes, lists, shows, approves baselines');
  sub(baseline, 'freeze', 'freezes the reference table anew, as a draft')
    .argument('<model>')
    .option('--by <who>', 'who asks', 'command line')
    .option('--reason <text>', 'why')
    .action((model: string, options: Words, command: Command) =>
      act(command, (context) => baselineFreezeCommand({ model, claim: claimOf(options) }, context)),
    );
  sub(baseline, 'list', 'all baselines, or those of one model')
    .argument('[model]')
    .action((model: string | undefined, _options, command: Command) =>
      act(command, (context) => baselineListCommand(model ?? null, context)),
    );
  sub(baseline, 'show', 'one baseline with its cells')
    .argument('<id>')
    .option('--tables', 'the tables of evidence, for a spreadsheet', false)
    .action((id: string, options: { tables: boolean }, command: Command) =>
      act(command, (context) => baselineShowCommand({ id, ...options }, context)),
    );
  sub(baseline, 'approve', 'approves a draft: only then may a rollback rest on it')
    .argument('<id>')
    .requiredOption('--by <who>', 'who approves')
    .requiredOption('--reason <text>', 'why')
    .action((id: string, options: Words, command: Command) =>
      act(command, (context) => baselineApproveCommand({ id, claim: claimOf(options) }, context)),
    );
}

export function rollbackCommands(program: Command, act: Act): void {
  const rollback = sub(program, 'rollback', 'plans, applies, approves, shows, releases');
  sub(rollback, 'plan', 'a dry run: what would be done and which gates hold')
    .argument('<model>')
    .action((model: string, _options, command: Command) =>
      act(command, (context) => rollbackPlanCommand(model, context)),
    );
  sub(rollback, 'apply', 'puts the champion back now, by the same machine as the automatic path')
    .argument('<model>')
    .requiredOption('--by <who>', 'who asks')
    .requiredOption('--reason <text>', 'why')
    .action((model: string, options: Words, command: Command) =>
      act(command, (context) => rollbackApplyCommand({ model, claim: claimOf(options) }, context)),
    );
  sub(rollback, 'approve', 'approves a rollback that waits for it')
    .argument('<id>')
    .requiredOption('--by <who>', 'who approves: another person than the one who asked')
    .option('--reason <text>', 'why')
    .action((id: string, options: Words, command: Command) =>
      act(command, (context) => rollbackApproveCommand({ id, claim: claimOf(options) }, context)),
    );
  sub(rollback, 'show', 'one rollback with its story')
    .argument('<id>')
    .action((id: string, _options, command: Command) =>
      act(command, (context) => rollbackShowCommand(id, context)),
    );
  sub(rollback, 'release', 'lifts the hold on a version that was rolled back')
    .argument('<model>')
    .requiredOption('--version <n>', 'the version')
    .requiredOption('--by <who>', 'who releases it')
    .requiredOption('--reason <text>', 'why')
    .action((model: string, options: Words & { version: string }, command: Command) =>
      act(command, (context) =>
        rollbackReleaseCommand({ model, version: options.version, claim: claimOf(options) }, context),
      ),
    );
  brakeCommands(rollback, act);
}

function brakeCommands(rollback: Command, act: Act): void {
  sub(rollback, 'silence', 'holds every rollback of a model until a time; without --until lifts that')
    .argument('<model>')
    .option('--until <time>', 'until when (ISO 8601)', timeArgument)
    .requiredOption('--by <who>', 'who says so')
    .requiredOption('--reason <text>', 'why')
    .action((model: string, options: Words & { until?: number }, command: Command) =>
      act(command, (context) =>
        rollbackSilenceCommand({ model, until: options.until ?? null, claim: claimOf(options) }, context),
      ),
    );
  const turn = (name: 'stop' | 'resume', description: string): Command =>
    sub(rollback, name, description)
      .requiredOption('--by <who>', 'who says so')
      .requiredOption('--reason <text>', 'why')
      .action((options: Words, command: Command) =>
        act(command, (context) => rollbackStopCommand(name === 'stop', claimOf(options), context)),
      );
  turn('stop', 'turns the kill switch on: nothing outside is changed, for all models');
  turn('resume', 'turns the kill switch off again');
}

export function exceptionCommands(program: Command, act: Act): void {
  const exceptions = sub(program, 'exceptions', "the owner's side: list, show, ack, accept-risk, resolve");
  sub(exceptions, 'list', 'open exceptions')
    .option('--all', 'resolved ones too', false)
    .action((options: { all: boolean }, command: Command) =>
      act(command, (context) => exceptionsListCommand(options, context)),
    );
  sub(exceptions, 'show', 'one exception with its story')
    .argument('<id>')
    .action((id: string, _options, command: Command) =>
      act(command, (context) => exceptionsShowCommand(id, context)),
    );
  const word = (name: string, description: string): Command =>
    sub(exceptions, name, description)
      .argument('<id>')
      .requiredOption('--by <who>', 'who says so')
      .requiredOption('--reason <text>', 'why');
  word('ack', 'somebody is working on it').action((id: string, options: Words, command: Command) =>
    act(command, (context) =>
      exceptionsActCommand(
        (operations, claim) => operations.acknowledge(id, claim),
        claimOf(options),
        context,
      ),
    ),
  );
  word('resolve', 'closes a case').action((id: string, options: Words, command: Command) =>
    act(command, (context) =>
      exceptionsActCommand((operations, claim) => operations.resolve(id, claim), claimOf(options), context),
    ),
  );
  word('accept-risk', 'accepts the risk until a date')
    .requiredOption('--until <time>', 'until when (ISO 8601)', timeArgument)
    .action((exception: string, options: Words & { until: number }, command: Command) =>
      act(command, (context) =>
        exceptionsActCommand(
          (operations, claim) => operations.acceptRisk({ exception, until: options.until, claim }),
          claimOf(options),
          context,
        ),
      ),
    );
}
