import { Command } from 'commander';
import { BUILD } from './build.ts';
import { type Act, type GlobalOptions, globalsOf, withGlobals } from './cli/options.ts';
import { baselineCommands, exceptionCommands, rollbackCommands } from './cli/person-commands.ts';
import { auditCommands, daemonCommands, demoCommands, evaluateCommands } from './cli/program-commands.ts';
import type { CommandContext } from './commands/context.ts';
import type { DaemonMetrics } from './metrics/daemon.ts';

export interface CliHost {
  /** What a command runs in, made when its options are known. */
  context(options: GlobalOptions): CommandContext & { readonly metrics: DaemonMetrics };
  onHangup(reload: () => void): void;
  /** Takes the exit code of the command that ran. */
  done(code: number): void;
}

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
  daemonCommands(program, host.onHangup, act);
  evaluateCommands(program, act);
  baselineCommands(program, act);
  rollbackCommands(program, act);
  exceptionCommands(program, act);
  auditCommands(program, act);
  demoCommands(program, act);
  laterCommands(program);
  return program;
}

/** Commands of the contract that are not built yet: known, so that nobody takes them for a typing error. */
function laterCommands(program: Command): void {
  for (const name of ['init', 'backtest', 'replay', 'binder']) {
    program
      .command(name, { hidden: true })
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => program.error(`driftwarden ${name} is not in this version.`));
  }
}
