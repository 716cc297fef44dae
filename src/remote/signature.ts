import { createHmac } from 'node:crypto';
import type { SecretRef } from '../config/config.ts';
import { fetchSecret } from './credentials.ts';
import type { RemoteDeps } from './workspace.ts';

/**
 * Headers of a signed webhook: seconds since 1970 and, where a secret is shared, `sha256=` and the HMAC of timestamp, dot
 * and the exact bytes of the body. Throws RemoteError `unauthorized` when the secret is not there.
 */
export async function signatureHeaders(
  who: { readonly place: string; readonly secret: SecretRef | null },
  body: string,
  deps: Pick<RemoteDeps, 'clock' | 'readSecret'>,
): Promise<{ readonly [header: string]: string }> {
  const timestamp = String(Math.floor(deps.clock.now() / 1000));
  if (who.secret === null) return { 'x-driftwarden-timestamp': timestamp };
  const secret = await fetchSecret({ place: who.place, ref: who.secret, readSecret: deps.readSecret });
  const mac = createHmac('sha256', secret).update(`${timestamp}.${body}`, 'utf8').digest('hex');
  return { 'x-driftwarden-timestamp': timestamp, 'x-driftwarden-signature': `sha256=${mac}` };
}
