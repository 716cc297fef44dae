import { refuse } from '../remote/refuse.ts';

/** Registered versions are whole numbers from 1, written as text. Nothing else can exist. */
export function isVersion(version: string): boolean {
  return /^[1-9]\d{0,9}$/.test(version);
}

/** Refuses to send what no registry could carry out. Throws `rejected`; nothing was sent. */
export function requireVersion(version: string, place: string): void {
  if (isVersion(version)) return;
  throw refuse(place, `"${version}" is not a version`, 'name a registered version, a whole number from 1');
}
