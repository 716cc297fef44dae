/** Trouble for the next requests that match: a client that survives all of it survives a real network. */
export interface Fault {
  readonly match: { readonly method?: string; readonly path?: RegExp | string };
  readonly trouble: Trouble;
  /** How many matching requests meet it; 1 if not given. */
  readonly times?: number;
}

export type Trouble =
  /** Answered with this status; nothing is carried out. `retryAfter` in seconds. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number; readonly code?: string }
  /** The connection breaks; nothing is carried out. */
  | { readonly kind: 'reset' }
  /** Carried out and answered, after this many milliseconds of wall time. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Status 200 with a login page; nothing is carried out. */
  | { readonly kind: 'html' }
  /** Status 200 without a body; nothing is carried out. */
  | { readonly kind: 'empty' }
  /** Carried out and on disk, then the connection breaks. */
  | { readonly kind: 'lost-response' }
  /** Answered from the state before the latest change, as an eventually consistent store would; a write is not affected. */
  | { readonly kind: 'stale-read' };

export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  /** The trouble that this request meets, which is thereby used up; null if none. */
  take(method: string, path: string): Trouble | null;
}

export function createFaults(): Faults {
  let armed: { readonly fault: Fault; left: number }[] = [];
  return {
    add: (fault) => armed.push({ fault, left: fault.times ?? 1 }),
    clear: () => {
      armed = [];
    },
    take: (method, path) => {
      const hit = armed.find(({ fault, left }) => left > 0 && matches(fault, method, path));
      if (hit === undefined) return null;
      hit.left -= 1;
      return hit.fault.trouble;
    },
  };
}

function matches({ match }: Fault, method: string, path: string): boolean {
  if (match.method !== undefined && match.method !== method) return false;
  if (match.path === undefined) return true;
  return typeof match.path === 'string' ? match.path === path : match.path.test(path);
}
