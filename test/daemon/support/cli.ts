import type { Command, OutputConfiguration } from 'commander';
import { failureOf } from '../../../src/cli/failure.ts';
import { createCli } from '../../../src/cli.ts';
import type { CommandContext } from '../../../src/commands/context.ts';
import type { DaemonMetrics } from '../../../src/metrics/daemon.ts';

/** How a command ended. */
export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The one JSON document on stdout. */
  json(): unknown;
}

type World = Pick<CommandContext, 'clocks' | 'logger'> & { readonly metrics: DaemonMetrics };

/** The command line without a process around it; the process itself is left to the tests that need one. */
export async function runInProcess(words: readonly string[], world: World): Promise<Answer> {
  let [stdout, stderr] = ['', ''];
  let code: number | null = null;
  const print = (text: string): void => {
    stdout += text;
  };
  const printError = (text: string): void => {
    stderr += text;
  };
  const stop = new AbortController().signal;
  const cli = createCli({
    context: ({ config: configPath, json }) => ({ ...world, configPath, json, stop, print, printError }),
    onHangup: () => {},
    done: (exitCode) => {
      code = exitCode;
    },
  });
  redirect(cli, { writeOut: print, writeErr: printError });
  try {
    await cli.parseAsync(['node', 'driftwarden', ...words]);
  } catch (error) {
    const failure = failureOf(error);
    stderr += failure.text;
    code = failure.exitCode;
  }
  return { code, stdout, stderr, json: () => JSON.parse(stdout) as unknown };
}

/** A command hands its output on to those below it when they are made, not afterwards. */
function redirect(command: Command, output: OutputConfiguration): void {
  command.configureOutput(output);
  for (const below of command.commands) redirect(below, output);
}
