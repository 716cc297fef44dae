/**
 * The port to who is who: whether the person, group or service principal behind a name still exists. `unknown` when
 * the directory does not tell. Throws RemoteError for trouble that may pass.
 */
export interface Directory {
  lookup(owner: string): Promise<OwnerStanding>;
}

export type OwnerStanding = 'active' | 'inactive' | 'unknown';

/** Where there is no directory nobody is known, and nobody is held to be gone. */
export function createNoDirectory(): Directory {
  return { lookup: async () => 'unknown' };
}
