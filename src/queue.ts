/** Runs the tasks of one key one after another, in the order they came; tasks of different keys side by side. */
export interface Queue {
  /** A failed task fails for its caller alone; the next of the key runs all the same. */
  add<T>(key: string, task: () => Promise<T>): Promise<T>;
  /** Whether a task of this key runs or waits. */
  has(key: string): boolean;
  busy(): boolean;
  /** Resolves when everything that runs or waits now has ended; what comes later is not waited for. */
  drained(): Promise<void>;
}

export function createQueue(): Queue {
  const tails = new Map<string, Promise<unknown>>();
  return {
    async add(key, task) {
      const before = tails.get(key) ?? Promise.resolve();
      const result = before.then(task);
      const tail = result.catch(() => undefined);
      tails.set(key, tail);
      try {
        return await result;
      } finally {
        if (tails.get(key) === tail) tails.delete(key);
      }
    },
    has: (key) => tails.has(key),
    busy: () => tails.size > 0,
    async drained() {
      await Promise.all(tails.values());
    },
  };
}
