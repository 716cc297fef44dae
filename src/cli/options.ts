import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext } from '../commands/context.ts';
import { parseTime } from '../config/times.ts';
import type { DaemonMetrics } from '../metrics/daemon.ts';
import type { Claim } from '../operations.ts';

/** Options that every command takes, before it or behind it. */
export interface GlobalOptions {
  readonly config: string;
  readonly logLevel: string;
  readonly logFormat: 'pretty' | 'json' | undefined;
  readonly json: boolean;
}

export type Run = (context: CommandContext & { readonly metrics: DaemonMetrics }) => Promise<number>;
export type Act = (command: Command, run: Run) => Promise<void>;

export function withGlobals(command: Command): Command {
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
export function sub(parent: Command, name: string, description: string): Command {
  return withGlobals(parent.command(name)).description(description).enablePositionalOptions();
}

/** Global options may stand before or behind the command: the one nearest to it that was given counts. */
export function globalsOf(command: Command): GlobalOptions {
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

/** What a person says with an act. */
export interface Words {
  readonly by?: string;
  readonly reason?: string;
}

/** A name that somebody typed is a claim, never an identity. */
export function claimOf({ by, reason }: Words): Claim {
  return { by: by ?? 'command line', identity: 'claimed', reason: reason ?? null };
}

export function timeArgument(text: string): number {
  const time = parseTime(text);
  if (time === null)
    throw new InvalidArgumentError('It must be an ISO 8601 time, for example 2026-11-24T00:00:00Z.');
  return time;
}

export function numberArgument(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

export function speedArgument(text: string): number | 'max' {
  return text === 'max' ? 'max' : numberArgument(text);
}
