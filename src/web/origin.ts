import { isIP } from 'node:net';
import type { HttpConfig } from '../config/config.ts';

/** Names under which this server may be addressed, lower case, without port and without brackets. */
export interface OwnNames {
  readonly names: ReadonlySet<string>;
  /** Listening on every address: any address of the machine is its name then. */
  readonly anyAddress: boolean;
  /** Origin of `http.publicUrl`, e.g. `https://driftwarden.bank.example`; null when there is none. */
  readonly publicOrigin: string | null;
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1'];

export function ownNames(http: HttpConfig): OwnNames {
  const publicUrl = http.publicUrl === null ? null : new URL(http.publicUrl);
  const names = new Set([...LOOPBACK_NAMES, http.host.toLowerCase()]);
  if (publicUrl !== null) names.add(unbracketed(publicUrl.hostname));
  return {
    names,
    anyAddress: http.host === '0.0.0.0' || http.host === '::',
    publicOrigin: publicUrl?.origin ?? null,
  };
}

/**
 * Whether a `Host` header names this server. A web page that points its own name at this address (DNS rebinding) sends
 * that name; an address that is written out cannot be such a name.
 */
export function hostIsOurs(header: string | undefined, own: OwnNames): boolean {
  const name = hostName(header);
  if (name === null) return false;
  return own.names.has(name) || (own.anyAddress && isIP(name) !== 0);
}

/**
 * Whether a writing request comes from a page of this server or from no page at all. Browsers send `Origin` and
 * `Sec-Fetch-Site` with every request that a page makes, and pages cannot forge them; programs send neither.
 */
export function originIsOurs(
  headers: {
    readonly host: string | undefined;
    readonly origin: string | undefined;
    readonly site: string | undefined;
  },
  own: OwnNames,
): boolean {
  if (headers.site !== undefined && headers.site !== 'same-origin' && headers.site !== 'none') return false;
  if (headers.origin === undefined) return true;
  const origin = headers.origin.toLowerCase();
  if (own.publicOrigin !== null && origin === own.publicOrigin) return true;
  return headers.host !== undefined && origin === `http://${headers.host.toLowerCase()}`;
}

function hostName(header: string | undefined): string | null {
  if (header === undefined) return null;
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(header);
  return match?.[1] === undefined ? null : unbracketed(match[1].toLowerCase());
}

function unbracketed(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}
