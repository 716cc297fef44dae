import { type Store, StoreError } from './store.ts';

/** The same store; `told` hears of every commit why it could not be written, or null when it was. */
export function watched(store: Store, told: (failure: StoreError | null) => void): Store {
  return {
    ...store,
    async commit(change) {
      try {
        const records = await store.commit(change);
        told(null);
        return records;
      } catch (error) {
        // A stale write is a store in good health.
        if (error instanceof StoreError) told(error);
        throw error;
      }
    },
  };
}
