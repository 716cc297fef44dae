import { z } from 'zod';
import type { CredentialsConfig } from '../config/config.ts';
import { hideFromLog } from '../log.ts';
import { formBody, type RemoteCall, type RemoteClient } from './call.ts';
import { type ClientOptions, createClient } from './client.ts';
import {
  type AuthHeaders,
  basicHeader,
  type Credentials,
  createStaticToken,
  fetchSecret,
  type ReadSecret,
} from './credentials.ts';
import { isRetryable, RemoteError } from './error.ts';
import { ask } from './parse.ts';

/** Everything a client needs except its credentials: the token is fetched from the same origin. */
export interface CredentialsDeps extends Omit<ClientOptions, 'credentials'> {
  readonly readSecret: ReadSecret;
}

/** Credentials as configured. Nothing is read and nothing is sent before the first call. */
export function createCredentials(config: CredentialsConfig, deps: CredentialsDeps): Credentials {
  const { readSecret } = deps;
  if (config.kind === 'token') {
    return createStaticToken({ place: deps.name, ref: config.token, readSecret });
  }
  const needed = { place: `${deps.name}, client ${config.clientId}`, ref: config.clientSecret, readSecret };
  const client = (authorization: string): RemoteClient =>
    createClient({
      ...deps,
      credentials: { headers: async () => ({ authorization }), renew: async () => false },
    });
  return createTokenSource(deps, async () => {
    const secret = await fetchSecret(needed);
    // RFC 6749 2.3.1: id and secret are form-encoded before they become user and password.
    const authorization = basicHeader(encodeURIComponent(config.clientId), encodeURIComponent(secret));
    return await requestToken(client(authorization), config.clientId);
  });
}

const TokenAnswer = z.object({
  // What cannot stand in a header is refused here; fetch would print it in its complaint.
  access_token: z.string().regex(/^[\x21-\x7e]{1,20000}$/),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.number().positive().max(31_536_000),
});

interface Token {
  readonly headers: AuthHeaders;
  readonly lifetimeMs: number;
}

async function requestToken(client: RemoteClient, clientId: string): Promise<Token> {
  const remedy =
    'check clientId and clientSecret: the secret may have expired or belong to another principal';
  const call: RemoteCall = {
    method: 'POST',
    path: '/oidc/v1/token',
    body: formBody({ grant_type: 'client_credentials', scope: 'all-apis' }),
    place: `getting a token for client ${clientId}`,
    remedy: (reason) => (reason === 'unauthorized' || reason === 'rejected' ? remedy : null),
  };
  const token = await ask(client, call, TokenAnswer).catch((error: unknown) => {
    throw asRefusedClient(error);
  });
  hideFromLog(token.access_token);
  return {
    headers: { authorization: `Bearer ${token.access_token}` },
    lifetimeMs: token.expires_in * 1000,
  };
}

/** OAuth servers may say 400 for a client they do not know or a wrong secret; to us that is `unauthorized` all the same. */
function asRefusedClient(error: unknown): unknown {
  if (!(error instanceof RemoteError) || error.reason !== 'rejected') return error;
  if (!/^(invalid_client|unauthorized_client|invalid_grant|access_denied)$/.test(error.code ?? ''))
    return error;
  const { place, message, remedy, code } = error;
  return new RemoteError({ reason: 'unauthorized', place, message, remedy, code });
}

/** At the latest this long before its end a token is renewed; a short-lived one in the last fifth of its life. */
const RENEW_BEFORE_MS = 5 * 60_000;

interface HeldToken extends Token {
  readonly renewAt: number;
  readonly endsAt: number;
}

/** Keeps one token, fetched once however many callers wait for it, and renews it before it ends. */
export function createTokenSource(
  deps: Pick<ClientOptions, 'clock' | 'logger' | 'name'>,
  fetchToken: () => Promise<Token>,
): Credentials {
  let held: HeldToken | null = null;
  let flight: Promise<HeldToken> | null = null;

  async function fetchAndHold(): Promise<HeldToken> {
    // The lifetime counts from before the request, so that a slow answer does not stretch it.
    const asked = deps.clock.now();
    const token = await fetchToken();
    const margin = Math.min(RENEW_BEFORE_MS, token.lifetimeMs / 5);
    const endsAt = asked + token.lifetimeMs;
    held = { ...token, endsAt, renewAt: endsAt - margin };
    return held;
  }

  function fly(): Promise<HeldToken> {
    flight ??= fetchAndHold().finally(() => {
      flight = null;
    });
    return flight;
  }

  return {
    async headers() {
      const now = deps.clock.now();
      if (held !== null && now < held.renewAt) return held.headers;
      const old = held;
      try {
        return (await fly()).headers;
      } catch (error) {
        const passing = error instanceof RemoteError && isRetryable(error.reason);
        if (!passing || old === null || old !== held || deps.clock.now() >= old.endsAt) throw error;
        deps.logger.warn({ reason: error.reason }, `${deps.name}: the token could not be renewed yet`);
        return old.headers;
      }
    },
    async renew(used) {
      // Somebody else may have renewed it since; then that token is the fresh one.
      if (held !== null && held.headers['authorization'] === used['authorization']) held = null;
      return true;
    },
  };
}
