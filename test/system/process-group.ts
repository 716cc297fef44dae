import type { ChildProcess } from 'node:child_process';

/** To a server and everything it has started; nothing when it has ended. It was spawned with `detached: true`. */
export function signalGroup(child: ChildProcess | null, name: NodeJS.Signals): void {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-child.pid, name);
}

/** Resolves when the server itself is gone. */
export async function killGroup(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  signalGroup(child, 'SIGKILL');
  await gone;
}
