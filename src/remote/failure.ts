import { parseJson } from './body.ts';
import type { RemoteReason } from './error.ts';

/** The other side's own words, made fit for a message: one line, short, without secrets and query strings. */
export interface Said {
  readonly code: string | null;
  readonly text: string;
}

const LONGEST_QUOTE = 200;

/** How servers say that an endpoint is in the middle of another update when they do not say 409. */
const UPDATING =
  /(currently|already|still|process of) (being )?updat|being updated|update (is )?(already )?in progress/i;

/** The one place where a status becomes a reason. `said` is needed for 400, which some servers use for a conflict. */
export function reasonOfStatus(status: number, said: string): RemoteReason {
  switch (status) {
    case 401:
      return 'unauthorized';
    case 403:
      return 'forbidden';
    case 404:
      return 'not_found';
    case 400:
      return UPDATING.test(said) ? 'conflict' : 'rejected';
    case 408:
      return 'timeout';
    case 409:
      return 'conflict';
    case 425:
      return 'unavailable';
    case 429:
      return 'rate_limited';
    default:
      if (status >= 500) return 'unavailable';
      return status >= 400 ? 'rejected' : 'bad_answer';
  }
}

/** Reads the error shapes of Databricks and MLflow, of OAuth and of SCIM; a short plain text is taken as it is, HTML is not. */
export function whatWasSaid(text: string, secrets: readonly string[]): Said {
  const parsed = parseJson(text);
  if (typeof parsed !== 'object' || parsed === null) {
    return { code: null, text: /^\s*</.test(text) ? '' : quotable(text, secrets) };
  }
  const fields = parsed as { readonly [name: string]: unknown };
  const code = firstText(fields, ['error_code', 'error', 'scimType']);
  return {
    code: code !== null && /^[\w.-]{1,80}$/.test(code) ? code : null,
    text: quotable(firstText(fields, ['message', 'error_description', 'detail']) ?? '', secrets),
  };
}

function firstText(fields: { readonly [name: string]: unknown }, names: readonly string[]): string | null {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return null;
}

function quotable(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) clean = clean.split(secret).join('[secret]');
  clean = clean
    .replace(/(https?:\/\/[^\s?#"']+)[?#][^\s"']*/g, '$1')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  const letters = Array.from(clean);
  return letters.length > LONGEST_QUOTE ? `${letters.slice(0, LONGEST_QUOTE).join('')}...` : clean;
}

/** `Retry-After` in milliseconds: whole seconds or an HTTP date. Anything else is as if it were not there. */
export function retryAfter(header: string | null, now: number): number | null {
  const value = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(value)) return null;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

const REMEDIES: { readonly [reason in RemoteReason]: string } = {
  unauthorized: 'check that the configured credentials are still valid',
  forbidden: 'give the principal that driftwarden uses the permission for this call',
  not_found: 'check the name and the URL in the configuration',
  conflict: 'wait until the other change has ended; it is tried again',
  rate_limited: 'wait; it is tried again. If this lasts, raise the limit of the other side',
  unavailable: 'wait; it is tried again. If this lasts, look at the state of the other side',
  timeout: 'wait; it is tried again. If this lasts, look at the network and the load of the other side',
  network: 'check the URL, the name resolution and the network between here and there',
  bad_answer:
    'check that the URL leads to the system itself and not to a login page, a proxy or another version',
  rejected: 'read what the other side says and correct the configuration',
};

export function generalRemedy(reason: RemoteReason): string {
  return REMEDIES[reason];
}
