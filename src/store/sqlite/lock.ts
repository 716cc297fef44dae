import { StoreError } from '../store.ts';
import { sqliteEngine } from './engine.ts';
import { storeFailure } from './failure.ts';
import { createPrivately } from './place.ts';

export interface StoreLock {
  release(): void;
}

/**
 * Makes this process the only one that writes to the store, until it releases the lock or dies, however it dies. The lock is an
 * exclusive transaction on an empty database beside the store: the operating system drops it with the process, so no
 * stale file can be left, and a paused holder still holds. Throws StoreError `locked` at once when another has it.
 */
export function lockStore(path: string): StoreLock {
  const lock = `${path}.lock`;
  try {
    createPrivately(lock);
    const database = sqliteEngine().open(lock, { timeout: 0 });
    try {
      // In memory, so that a killed holder leaves no journal file behind.
      database.exec('PRAGMA journal_mode = MEMORY');
      database.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      database.close();
      throw error;
    }
    return {
      release: () => {
        if (database.isOpen) database.close();
      },
    };
  } catch (error) {
    const failure = storeFailure(error, lock);
    if (failure instanceof StoreError && failure.reason === 'locked') throw heldElsewhere(path, lock);
    throw failure;
  }
}

function heldElsewhere(path: string, lock: string): StoreError {
  return new StoreError(
    'locked',
    `store ${path} is in use: another driftwarden process holds ${lock}`,
    'Let that daemon do the work (commands beside it go through it), or stop it. The lock frees itself when its process ends; do not delete the file.',
  );
}
