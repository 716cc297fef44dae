import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpConfig, Role, SecretRef } from '../config/config.ts';
import { StartError } from './error.ts';
import { HttpProblem } from './problem.ts';

/** Who may do what: the one table. Every named token may look; a role beyond `viewer` is needed for what stands here. */
export const ROLES_FOR = {
  look: ['viewer', 'operator', 'approver', 'auditor'],
  audit: ['auditor'],
  reload: ['operator'],
  evaluate: ['operator'],
  freezeBaseline: ['operator'],
  approveBaseline: ['approver'],
  applyRollback: ['operator'],
  approveRollback: ['approver'],
  release: ['approver'],
  silence: ['operator', 'approver'],
  killSwitch: ['operator', 'approver'],
  acknowledge: ['operator', 'approver'],
  acceptRisk: ['approver'],
  resolve: ['operator', 'approver'],
} as const satisfies { readonly [action: string]: readonly Role[] };
export type Action = keyof typeof ROLES_FOR;

/** `open`: anybody who reaches the port. `scrape`: anybody on a loopback address, else a token. Else the action of the table. */
export type Access = 'open' | 'scrape' | Action;

/**
 * Who holds the token of a request. A named token is an identity of its own; the command line's token only proves access to this
 * machine, the person behind it says who they are.
 */
export type Caller =
  | { readonly kind: 'named'; readonly name: string; readonly roles: readonly Role[] }
  | { readonly kind: 'command_line'; readonly roles: readonly Role[] };

/** The caller behind an `Authorization` header, or null when it holds no token that is known here. */
export type Authenticate = (header: string | undefined) => Caller | null;

const SHORTEST_TOKEN = 16;

/**
 * Reads the configured tokens once and keeps only their SHA-256 digests. Throws StartError when a token is too short to be a
 * secret or stands for two names.
 */
export async function createAuthenticate(options: {
  readonly http: HttpConfig;
  readonly cliToken: string;
  readonly readSecret: (ref: SecretRef) => string | Promise<string>;
}): Promise<Authenticate> {
  const known: { readonly digest: Buffer; readonly caller: Caller }[] = [
    {
      digest: digest(options.cliToken),
      caller: { kind: 'command_line', roles: ['operator', 'approver', 'auditor'] },
    },
  ];
  for (const { name, token, roles } of options.http.auth?.tokens ?? []) {
    const secret = await options.readSecret(token);
    if (secret.length < SHORTEST_TOKEN) {
      throw new StartError(
        'weak_token',
        `http.auth.tokens: the token of ${name} has ${secret.length} characters, at least ${SHORTEST_TOKEN} are needed. Make one with: openssl rand -hex 32`,
      );
    }
    const found = known.find((entry) => entry.digest.equals(digest(secret)));
    if (found !== undefined) {
      const other = found.caller.kind === 'named' ? found.caller.name : 'the command line';
      throw new StartError(
        'same_token',
        `http.auth.tokens: ${name} and ${other} have the same token, so nobody could tell them apart. Give each a token of its own.`,
      );
    }
    known.push({ digest: digest(secret), caller: { kind: 'named', name, roles } });
  }
  return (header) => {
    const token = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
    if (token === undefined) return null;
    const asked = digest(token);
    // Every digest is compared, so that the time tells nothing about which one was near.
    let caller: Caller | null = null;
    for (const entry of known) if (timingSafeEqual(entry.digest, asked)) caller = entry.caller;
    return caller;
  };
}

/** Throws 401 without a token that is known and 403 without the role. `openReads`: looking needs no token here. */
export function authorize(
  access: Access,
  caller: Caller | null,
  rules: { readonly loopback: boolean; readonly openReads: boolean },
): void {
  if (access === 'open' || (access === 'scrape' && rules.loopback)) return;
  const action: Action = access === 'scrape' ? 'look' : access;
  if ((action === 'look' || action === 'audit') && rules.openReads) return;
  if (caller === null) {
    throw new HttpProblem(
      401,
      'A token is needed: send the header Authorization: Bearer TOKEN, with a token of http.auth.tokens.',
    );
  }
  const roles: readonly Role[] = ROLES_FOR[action];
  if (!caller.roles.some((role) => roles.includes(role))) {
    throw new HttpProblem(403, `This token may not do that: the role ${roles.join(' or ')} is needed.`);
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
