import { Command, InvalidArgumentError, Option } from 'commander';
import { BUILD } from './build.ts';
import { auditExportCommand, auditVerifyCommand } from './commands/audit.ts';
import {
  baselineApproveCommand,
  baselineFreezeCommand,
  baselineListCommand,
  baselineShowCommand,
} from './commands/baseline.ts';
import { checkCommand } from './commands/check.ts';
import type { CommandContext } from './commands/context.ts';
import { demoCommand } from './commands/demo.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { exceptionsActCommand, exceptionsListCommand, exceptionsShowCommand } from './commands/exceptions.ts';
import { explainCommand } from './commands/explain.ts';
import { PRINTABLE, printCommand } from './commands/print.ts';
import {
  rollbackApplyCommand,
  rollbackApproveCommand,
  rollbackPlanCommand,
  rollbackReleaseCommand,
  rollbackShowCommand,
} from './commands/rollback.ts';
import { runCommand } from './commands/run.ts';
import { parseTime } from './config/times.ts';
import type { DaemonMetrics } from './metrics/daemon.ts';
import type { Claim } from './operations.ts';

/** Options that every command takes, wherever on the line they stand. */
export interface GlobalOptions {
  readonly config: string;
  readonly logLevel: string;
  readonly logFormat: 'pretty' | 'json' | undefined;
  readonly json: boolean;
}

export interface CliHost {
  /** What a command runs in, made when its options are known. */
  context(options: GlobalOptions): CommandContext & { readonly metrics: DaemonMetrics };
  onHangup(reload: () => void): void;
  /** Takes the exit code of the command that ran. */
  done(code: number): void;
}

type Run = (context: CommandContext & { readonly metrics: DaemonMetrics }) => Promise<number>;
type Act = (command: Command, run: Run) => Promise<void>;

/** The command line of the contract, section 2. Parsing only: what a command does is in its own file. */
export function createCli(host: CliHost): Command {
  const program = withGlobals(new Command('driftwarden'))
    .exitOverride()
    .description(
      'Watches production models through their inference tables, tells drift from noise, puts the champion back, tells the owner.',
    )
    .version(BUILD, '-V, --version')
    .enablePositionalOptions()
    .showHelpAfterError('(add --help for the options)');
  const act: Act = async (command, run) => {
    host.done(await run(host.context(globalsOf(command))));
  };
  daemonCommands(program, host, act);
  evaluateCommands(program, act);
  baselineCommands(program, act);
  rollbackCommands(program, act);
  exceptionCommands(program, act);
  auditCommands(program, act);
  demoCommands(program, act);
  laterCommands(program);
  return program;
}

function withGlobals(command: Command): Command {
  return command
    .option('-c, --config <file>', 'configuration file', 'driftwarden.yaml')
    .addOption(
      new Option('--log-level <level>', 'what is logged')
        .choices(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
        .default('info'),
    )
    .addOption(
      new Option(
        '--log-format <format>',
        'how it is logged (default: pretty on a terminal, else json)',
      ).choices(['pretty', 'json']),
    )
    .option('--json', 'print one JSON document', false);
}

/** A subcommand that takes the global options too, so that they may stand behind it. */
function sub(parent: Command, name: string, description: string): Command {
  return withGlobals(parent.command(name)).description(description).enablePositionalOptions();
}

/** Global options may stand before or behind the command: the one nearest to it that was given counts. */
function globalsOf(command: Command): GlobalOptions {
  const value = (name: string): unknown => {
    for (let level: Command | null = command; level !== null; level = level.parent) {
      if (level.getOptionValueSource(name) === 'cli') return level.getOptionValue(name);
    }
    return command.getOptionValue(name);
  };
  return Object.fromEntries(
    ['config', 'logLevel', 'logFormat', 'json'].map((name) => [name, value(name)]),
  ) as unknown as GlobalOptions;
}

function daemonCommands(program: Command, host: CliHost, act: Act): void {
  sub(program, 'run', 'the daemon: schedule, evaluate, act, serve metrics and the status page').action(
    (_options, command: Command) =>
      act(command, (context) => runCommand({ metrics: context.metrics, onHangup: host.onHangup }, context)),
  );
  sub(program, 'check', 'validates the configuration, every problem at once')
    .option('--online', 'also prove each table, column, alias and endpoint by a call that only reads', false)
    .action((options: { online: boolean }, command: Command) =>
      act(command, (context) => checkCommand(options, context)),
    );
  sub(program, 'print', `writes ${PRINTABLE.join(', ')}`)
    .argument('<what>')
    .requiredOption('--out <dir>', 'folder to write to')
    .action((what: string, options: { out: string }, command: Command) =>
      act(command, (context) => printCommand({ what, ...options }, context)),
    );
}

function evaluateCommands(program: Command, act: Act): void {
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

function baselineCommands(program: Command, act: Act): void {
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
    .action((id: string, _options, command: Command) =>
      act(command, (context) => baselineShowCommand(id, context)),
    );
  sub(baseline, 'approve', 'approves a draft: only then may a rollback rest on it')
    .argument('<id>')
    .requiredOption('--by <who>', 'who approves')
    .requiredOption('--reason <text>', 'why')
    .action((id: string, options: Words, command: Command) =>
      act(command, (context) => baselineApproveCommand({ id, claim: claimOf(options) }, context)),
    );
}

function rollbackCommands(program: Command, act: Act): void {
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
}

function exceptionCommands(program: Command, act: Act): void {
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

function auditCommands(program: Command, act: Act): void {
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

function demoCommands(program: Command, act: Act): void {
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

/** Commands of the contract that are not built yet: known, so that nobody takes them for a typing error. */
function laterCommands(program: Command): void {
  for (const name of ['init', 'verify-live', 'backtest', 'replay', 'binder']) {
    program
      .command(name, { hidden: true })
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => program.error(`driftwarden ${name} is not in this version.`));
  }
}

interface Words {
  readonly by?: string;
  readonly reason?: string;
}

/** A name that somebody typed is a claim, never an identity. */
function claimOf({ by, reason }: Words): Claim {
  return { by: by ?? 'command line', identity: 'claimed', reason: reason ?? null };
}

function timeArgument(text: string): number {
  const time = parseTime(text);
  if (time === null)
    throw new InvalidArgumentError('It must be an ISO 8601 time, for example 2026-11-24T00:00:00Z.');
  return time;
}

function numberArgument(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

function speedArgument(text: string): number | 'max' {
  return text === 'max' ? 'max' : numberArgument(text);
}
