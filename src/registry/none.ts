import { RemoteError } from '../remote/error.ts';
import type { Registry } from './registry.ts';

/** Where there is no registry: a model has no aliases, no tags and no versions, so nothing can be rolled back. */
export function createNoRegistry(): Registry {
  return {
    model: async (name) => ({ name, owner: null, tags: null, aliases: {} }),
    version: async () => null,
    setAlias: async () => {
      throw new RemoteError({
        reason: 'rejected',
        place: 'moving an alias',
        message: 'There is no registry whose alias could be moved.',
        remedy: 'Set registry.kind to unity-catalog or mlflow.',
      });
    },
  };
}
