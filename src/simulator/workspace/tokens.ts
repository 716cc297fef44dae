import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../clock.ts';

/** The two service principals of the simulated workspace: one can only look, one may change. */
export type Role = 'reader' | 'actor';

export interface Principal {
  readonly role: Role;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface Tokens {
  readonly principals: readonly Principal[];
  /** A token for this client, or null when identifier or secret are wrong. */
  issue(
    clientId: string,
    clientSecret: string,
  ): { readonly token: string; readonly expiresIn: number } | null;
  /** Whose token this is, or null when it is nobody's, expired or revoked. */
  verify(token: string): Role | null;
  /** Makes all tokens issued so far worthless, as a secret rotation would. */
  revokeAll(): void;
}

export interface TokenOptions {
  readonly seed: number;
  readonly wall: Clock;
  /** Seconds a token lives. */
  readonly lifetime: number;
}

/** A secret of the simulated workspace: derived from the seed, so that a restart knows it again. Worth nothing elsewhere. */
export function simulatedSecret(seed: number, name: string): string {
  return createHmac('sha256', `driftwarden simulated workspace ${seed}`).update(name).digest('hex');
}

/**
 * Tokens carry role, expiry and a signature and are kept nowhere, so a workspace that was killed still knows those it issued.
 * They live in wall time: the client counts `expires_in` on its own machine's clock.
 */
export function createTokens({ seed, wall, lifetime }: TokenOptions): Tokens {
  const principals: readonly Principal[] = [
    {
      role: 'reader',
      clientId: '5a1d0000-0000-4000-8000-000000000001',
      clientSecret: simulatedSecret(seed, 'reader'),
    },
    {
      role: 'actor',
      clientId: '5a1d0000-0000-4000-8000-000000000002',
      clientSecret: simulatedSecret(seed, 'actor'),
    },
  ];
  let generation = 0;
  const sign = (text: string): string => simulatedSecret(seed, `token ${generation} ${text}`).slice(0, 32);
  return {
    principals,
    issue: (clientId, clientSecret) => {
      const principal = principals.find((one) => one.clientId === clientId);
      if (principal === undefined || !sameText(principal.clientSecret, clientSecret)) return null;
      const claim = `simulated.${principal.role}.${wall.now() + lifetime * 1000}`;
      return { token: `${claim}.${sign(claim)}`, expiresIn: lifetime };
    },
    verify: (token) => {
      const [label, role, expiry, signature] = token.split('.');
      const claim = `${label}.${role}.${expiry}`;
      if (signature === undefined || !sameText(signature, sign(claim))) return null;
      if (Number(expiry) <= wall.now()) return null;
      return role === 'reader' || role === 'actor' ? role : null;
    },
    revokeAll: () => {
      generation += 1;
    },
  };
}

export function sameText(one: string, other: string): boolean {
  const left = Buffer.from(one);
  const right = Buffer.from(other);
  return left.length === right.length && timingSafeEqual(left, right);
}
