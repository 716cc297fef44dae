import type { Clocks } from '../clock.ts';
import type { Logger } from '../log.ts';

/** What a command is given of the world: everything it prints goes through here, and it never ends the process. */
export interface CommandContext {
  /** Path of the configuration file, as given or the default. */
  readonly configPath: string;
  readonly json: boolean;
  readonly clocks: Clocks;
  readonly logger: Logger;
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  /** Aborted on SIGTERM or SIGINT. */
  readonly stop: AbortSignal;
}

/** Exit codes of the contract. `unknown` is evaluate's own, `refused` also means problems, differences or a broken chain. */
export const EXIT = { ok: 0, warn: 1, refused: 2, unknown: 3, error: 4 } as const;

/** One JSON document on stdout, or lines for people. */
export function printResult(context: CommandContext, document: unknown, lines: readonly string[]): void {
  context.print(context.json ? `${JSON.stringify(document, null, 2)}\n` : `${lines.join('\n')}\n`);
}

/** An expected failure of a command: the message is for the person, the code for the shell. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.error) {
    super(message);
    this.exitCode = exitCode;
  }
}
