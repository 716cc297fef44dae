import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { isoTime } from './clock.ts';
import { type Claim, Refused } from './operations.ts';

/** Begins every file that the API made, so that it removes no other. */
const MADE_HERE = 'driftwarden kill switch';

/** The one truth is the file: whoever can reach the disk can stop everything, and nothing can hide that it is stopped. */
export function killSwitchIsOn(path: string | null): boolean {
  return path !== null && existsSync(path);
}

/** Makes the file. One that is there already stays as it is. Refused when there is no kill switch or it cannot be written. */
export async function turnOn(path: string | null, claim: Claim, now: number): Promise<string> {
  const file = configured(path);
  const { by, identity, reason } = claim;
  const text = `${MADE_HERE}, through the API by ${by} (${identity}) at ${isoTime(now)}: ${reason ?? 'no reason given'}\n`;
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return file;
    throw new Refused(
      `The kill switch ${file} cannot be made (${codeOf(error)}): make it by hand, or let the daemon's user write there.`,
    );
  }
  return file;
}

/** Why the file may not be removed through the API; null when it may. Made by hand, it is removed by hand: deny wins. */
export async function whyStuck(path: string | null): Promise<string | null> {
  const file = configured(path);
  try {
    const text = await readFile(file, 'utf8');
    return text.startsWith(MADE_HERE)
      ? null
      : `The kill switch ${file} was made by hand on the daemon's machine: remove it there.`;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    return `The kill switch ${file} cannot be read (${codeOf(error)}): remove it on the daemon's machine.`;
  }
}

/** Removes the file, if it is there. */
export async function turnOff(path: string | null): Promise<string> {
  const file = configured(path);
  await rm(file, { force: true });
  return file;
}

function configured(path: string | null): string {
  if (path === null) throw new Refused('There is no kill switch: actions.killSwitch is null.');
  return path;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
