import { CommanderError } from 'commander';
import { AuditError } from '../audit/error.ts';
import { BUILD } from '../build.ts';
import { CommandError, EXIT } from '../commands/context.ts';
import { SecretError } from '../config/secrets.ts';
import { NotFound, Refused } from '../operations.ts';
import { withRemedy } from '../remedy.ts';
import { RemoteError } from '../remote/error.ts';
import { SimulatorError } from '../simulator/error.ts';
import { StoreError } from '../store/store.ts';
import { WarehouseError } from '../warehouse/warehouse.ts';
import { DaemonError, StartError } from '../web/error.ts';

/** How a command that threw ends: what a person reads on stderr, and the exit code. */
export interface Failure {
  readonly text: string;
  readonly exitCode: number;
}

export function failureOf(error: unknown): Failure {
  // Commander has said it by itself; asking for help or the version is no failure.
  if (error instanceof CommanderError)
    return { text: '', exitCode: error.exitCode === 0 ? EXIT.ok : EXIT.error };
  if (error instanceof Refused) {
    const gate = error.gate === null ? '' : ` by gate ${error.gate}`;
    return { text: `Refused${gate}: ${error.message}\n`, exitCode: EXIT.refused };
  }
  if (isExpected(error)) {
    const { message, remedy } = error;
    const text = remedy === undefined ? message : withRemedy({ message, remedy });
    const exitCode = error instanceof CommandError ? error.exitCode : EXIT.error;
    return { text: `${text}\n`, exitCode };
  }
  const refused = systemRefusal(error);
  if (refused !== null) return { text: `${refused}\n`, exitCode: EXIT.error };
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `This is a bug in driftwarden ${BUILD}: ${stack}\n`, exitCode: EXIT.error };
}

const EXPECTED = [
  CommandError,
  NotFound,
  StoreError,
  AuditError,
  WarehouseError,
  RemoteError,
  SecretError,
  SimulatorError,
  StartError,
  DaemonError,
];

/** Failures that a person can do something about: told in a sentence, without a stack. */
function isExpected(error: unknown): error is Error & { readonly remedy?: string } {
  return EXPECTED.some((kind) => error instanceof kind);
}

const REMEDIES: { readonly [code: string]: string } = {
  ENOENT: 'Check the path.',
  EACCES: 'Let the user that runs driftwarden use it.',
  EPERM: 'Let the user that runs driftwarden use it.',
  EROFS: 'Choose a place that can be written.',
  ENOSPC: 'Free space there.',
  EDQUOT: 'Free space there.',
  EISDIR: 'Name a file.',
  ENOTDIR: 'Name a directory.',
};

/** What the operating system refused, such as a file named on the command line; null for any other error. */
function systemRefusal(error: unknown): string | null {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return null;
  const remedy = REMEDIES[String(error.code)];
  return remedy === undefined ? null : withRemedy({ message: error.message, remedy });
}
