import { readFile, stat } from 'node:fs/promises';
import type { Problem } from './problems.ts';

/** More than any configuration; a bigger file is something else that was named by mistake. */
const MAX_BYTES = 1_048_576;

/** The text of a configuration file, or why there is none. */
export async function readConfigFile(
  path: string,
  shown: string,
): Promise<{ readonly text: string } | { readonly problem: Problem }> {
  const refuse = (message: string, remedy: string) => ({
    problem: { file: shown, line: null, column: null, path: '', message, remedy },
  });
  let bytes: Buffer;
  try {
    // Asked before opening: opening a pipe that nobody writes to would wait for ever.
    const stats = await stat(path);
    if (stats.isDirectory()) return refuse('is a directory', 'name a file in it');
    if (!stats.isFile()) return refuse('is not a regular file', 'copy it to a file first');
    if (stats.size > MAX_BYTES)
      return refuse('is larger than 1 MiB', 'check the name, or split it with include');
    bytes = await readFile(path);
  } catch (error) {
    return refuse(...unreadable((error as NodeJS.ErrnoException).code));
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return refuse('is not UTF-8 text', 'save it as UTF-8');
  }
}

function unreadable(code: string | undefined): [message: string, remedy: string] {
  if (code === 'ENOENT' || code === 'ENOTDIR') return ['does not exist', 'check the name'];
  if (code === 'EACCES' || code === 'EPERM')
    return ['may not be read', 'give this user the right to read it'];
  return [`cannot be read (${code ?? 'unknown error'})`, 'check the file and the disk'];
}
