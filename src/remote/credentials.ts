import type { SecretRef } from '../config/config.ts';
import { hideFromLog } from '../log.ts';
import { RemoteError } from './error.ts';

export interface AuthHeaders {
  readonly [name: string]: string;
}

/** Proves to an outside system who is calling. Secrets are read when the first call is made, not before. */
export interface Credentials {
  /** Throws RemoteError: `unauthorized` when there is no usable secret, else what the token endpoint's call threw. */
  headers(): Promise<AuthHeaders>;
  /** The other side refused `used`. Answers whether other headers can be had, so that one more try makes sense. */
  renew(used: AuthHeaders): Promise<boolean>;
}

export type ReadSecret = (ref: SecretRef) => string | Promise<string>;

/** A secret and where it is needed: `place` stands in messages. */
export interface NeededSecret {
  readonly place: string;
  readonly ref: SecretRef;
  readonly readSecret: ReadSecret;
}

/** Reads a secret now and makes the log blind to it. Throws RemoteError `unauthorized` when it is not there or empty. */
export async function fetchSecret(needed: NeededSecret): Promise<string> {
  let secret: string;
  try {
    secret = await needed.readSecret(needed.ref);
  } catch (error) {
    throw unusable(needed, error instanceof Error ? error.message : 'cannot be read');
  }
  if (secret === '') throw unusable(needed, `the secret in ${sourceOf(needed.ref)} is empty`);
  hideFromLog(secret);
  return secret;
}

/** A bearer token that does not change by itself. It is read again after a refusal: somebody may have replaced it. */
export function createStaticToken(needed: NeededSecret): Credentials {
  return cached(async () => {
    const token = await fetchSecret(needed);
    // A header carries visible ASCII only, and fetch would print the whole value in its complaint.
    if (!/^[\x21-\x7e]+$/.test(token)) {
      throw unusable(
        needed,
        `the secret in ${sourceOf(needed.ref)} has characters that a header cannot carry`,
      );
    }
    return `Bearer ${token}`;
  });
}

/** User name and password. The password is read again after a refusal. */
export function createBasicAuth(username: string, needed: NeededSecret): Credentials {
  return cached(async () => basicHeader(username, await fetchSecret(needed)));
}

export function basicHeader(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}

function cached(read: () => Promise<string>): Credentials {
  let headers: AuthHeaders | null = null;
  return {
    async headers() {
      headers ??= { authorization: await read() };
      return headers;
    },
    async renew(used) {
      headers = { authorization: await read() };
      return headers['authorization'] !== used['authorization'];
    },
  };
}

function unusable({ place, ref }: NeededSecret, what: string): RemoteError {
  return new RemoteError({
    reason: 'unauthorized',
    place,
    message: `${place}: ${what}`,
    remedy: `put the secret, and nothing else, into ${sourceOf(ref)}, readable for driftwarden`,
  });
}

function sourceOf(ref: SecretRef): string {
  return 'file' in ref ? `file ${ref.file}` : `environment variable ${ref.env}`;
}
