import type { Command } from 'commander';
import { auditExportCommand, auditVerifyCommand } from '../commands/audit.ts';
import { checkCommand } from '../commands/check.ts';
import { demoCommand } from '../commands/demo.ts';
import { evaluateCommand } from '../commands/evaluate.ts';
import { explainCommand } from '../commands/explain.ts';
import { PRINTABLE, printCommand } from '../commands/print.ts';
import { runCommand } from '../commands/run.ts';
import { verifyLiveCommand } from '../commands/verify-live.ts';
import { type Act, numberArgument, speedArgument, sub, timeArgument } from './options.ts';

export function daemonCommands(program: Command, onHangup: (reload: () => void) => void, act: Act): void {
  sub(program, 'run', 'the daemon: schedule, evaluate, act, serve metrics and the status page').action(
    (_options, command: Command) =>
      act(command, (context) => runCommand({ metrics: context.metrics, onHangup }, context)),
  );
  sub(program, 'check', 'validates the configuration, every problem at once')
    .option('--online', 'also prove each table, column, alias and endpoint by a call that only reads', false)
    .action((options: { online: boolean }, command: Command) =>
      act(command, (context) => checkCommand(options, context)),
    );
  sub(program, 'verify-live', 'checks on the configured workspace, read-only, what this version relies on')
    .option('--model <name>', 'whose tables, endpoint and versions are looked at; default: the first model')
    .option(
      '--endpoint <name>',
      'an endpoint that nobody needs: an update to what it is already is tried on it',
    )
    .option(
      '--out <file>',
      'where the record goes: outcomes and shapes of answers, no names and no values; default: verify-live.json beside the store',
    )
    .action((options: { model?: string; endpoint?: string; out?: string }, command: Command) => {
      const { model = null, endpoint = null, out = null } = options;
      return act(command, (context) => verifyLiveCommand({ model, endpoint, out }, context));
    });
  sub(program, 'print', `writes ${PRINTABLE.join(', ')}`)
    .argument('<what...>', 'one of them; reader-view is followed by a model')
    .requiredOption('--out <dir>', 'folder to write to')
    .action((what: readonly string[], options: { out: string }, command: Command) =>
      act(command, (context) => printCommand({ what, ...options }, context)),
    );
}

export function evaluateCommands(program: Command, act: Act): void {
  sub(program, 'evaluate', 'one evaluation now; reads and prints, and writes nothing without --act')
    .argument('<model>')
    .option('--window-end <time>', 'the window that ends at this time (ISO 8601)', timeArgument)
    .option('--act', "the daemon's cycle: commit, then the steps that need no waiting", false)
    .action(
      (model: string, { windowEnd, act: acts }: { windowEnd?: number; act: boolean }, command: Command) =>
        act(command, (context) =>
          evaluateCommand({ model, windowEnd: windowEnd ?? null, act: acts }, context),
        ),
    );
  sub(program, 'explain', 'why: a model, an evaluation, an exception or a rollback')
    .argument('<subject>')
    .action((subject: string, _options, command: Command) =>
      act(command, (context) => explainCommand(subject, context)),
    );
}

export function auditCommands(program: Command, act: Act): void {
  const audit = sub(program, 'audit', 'verifies and exports the audit chain');
  sub(audit, 'verify', 'checks the chain of the store, or offline of an export')
    .argument('[file]')
    .option('--public-key <file>', 'PEM of the key that checkpoints must be signed with')
    .action((file: string | undefined, options: { publicKey?: string }, command: Command) =>
      act(command, (context) =>
        auditVerifyCommand({ file: file ?? null, publicKey: options.publicKey ?? null }, context),
      ),
    );
  sub(audit, 'export', 'writes the records as JSON Lines, exactly as they were hashed')
    .requiredOption('--out <file>', 'file to write; nothing is overwritten')
    .option('--from <time>', 'records from this time on', timeArgument)
    .option('--to <time>', 'records before this time', timeArgument)
    .action((options: { out: string; from?: number; to?: number }, command: Command) =>
      act(command, (context) =>
        auditExportCommand({ out: options.out, from: options.from ?? null, to: options.to ?? null }, context),
      ),
    );
}

export function demoCommands(program: Command, act: Act): void {
  sub(program, 'demo', 'the whole loop on this machine, in a simulated world, with no account')
    .option('--speed <n>', 'simulated seconds per second, or max', speedArgument, 43_200)
    .option('--days <n>', 'simulated days', numberArgument, 30)
    .option('--seed <n>', 'seed of the simulated data', numberArgument, 7)
    .option('--state <dir>', 'where the demo keeps everything', '.driftwarden-demo')
    .option('--listen <address>', 'address of the status page', '127.0.0.1:9469')
    .option('--exit-when-done', 'end with 0 when the story holds, else with 4', false)
    .action(
      (
        options: {
          speed: number | 'max';
          days: number;
          seed: number;
          state: string;
          listen: string;
          exitWhenDone: boolean;
        },
        command: Command,
      ) => act(command, (context) => demoCommand({ ...options, metrics: context.metrics }, context)),
    );
}
