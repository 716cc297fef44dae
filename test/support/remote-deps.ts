import { silentLogger } from '../../src/log.ts';
import type { RemoteDeps } from '../../src/remote/workspace.ts';

export interface TestDeps extends RemoteDeps {
  /** How long `sleep` was asked to wait; waiting moves the clock and takes no time. */
  readonly waits: readonly number[];
  advance(milliseconds: number): void;
}

/** Real fetch, a clock that stands until it is moved, secrets by name. */
export function testDeps(
  secrets: { readonly [name: string]: string } = {},
  changes: Partial<RemoteDeps> = {},
): TestDeps {
  let now = Date.UTC(2026, 0, 1);
  const waits: number[] = [];
  const advance = (milliseconds: number): void => {
    now += milliseconds;
  };
  return {
    fetch: globalThis.fetch,
    clock: { now: () => now },
    logger: silentLogger(),
    sleep: async (milliseconds) => {
      waits.push(milliseconds);
      advance(milliseconds);
    },
    jitter: () => 0.5,
    readSecret: (ref) => {
      const name = 'env' in ref ? ref.env : ref.file;
      const secret = secrets[name];
      if (secret === undefined) throw new Error(`the secret in environment variable ${name} does not exist`);
      return secret;
    },
    ...changes,
    waits,
    advance,
  };
}
