import { readState, writeAtomically } from '../files.ts';
import { type WorkspaceState, workspaceStateSchema } from './state.ts';

/** The state in memory and on disk: a change is on disk before anybody hears of it, so that a kill -9 loses nothing told. */
export interface StateStore {
  current(): WorkspaceState;
  /** The state before the latest change. */
  previous(): WorkspaceState;
  replace(next: WorkspaceState): void;
}

/** Opens the file, or begins with `initial` when there is none. Throws SimulatorError for a file that is not ours. */
export function openStateStore(path: string, initial: () => WorkspaceState): StateStore {
  const found = readState(path, workspaceStateSchema);
  let current = found ?? initial();
  let previous = current;
  const save = (state: WorkspaceState): void => writeAtomically(path, `${JSON.stringify(state, null, 1)}\n`);
  if (found === null) save(current);
  return {
    current: () => current,
    previous: () => previous,
    replace: (next) => {
      if (next === current) return;
      save(next);
      previous = current;
      current = next;
    },
  };
}
