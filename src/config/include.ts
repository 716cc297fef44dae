import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** The files a glob names, or why it can name none. */
export type Expansion =
  | { readonly files: readonly string[] }
  | { readonly message: string; readonly remedy: string };

/**
 * Expands `models.d/*.yaml` below a folder, sorted. Wildcards are `*` and `?`, in the file name only, and do not match a
 * leading dot, so that an editor's swap file is no configuration. A glob may match nothing yet, its folder must exist.
 */
export async function expandInclude(folder: string, glob: string): Promise<Expansion> {
  const place = resolve(folder, dirname(glob));
  const pattern = basename(glob);
  if (/[*?]/.test(dirname(glob)) || pattern.includes('**')) {
    return {
      message: 'has a wildcard before the file name',
      remedy: 'write one glob per folder, for example models.d/*.yaml',
    };
  }
  if (!/[*?]/.test(pattern)) return { files: [join(place, pattern)] };
  const matches = toRegExp(pattern);
  try {
    const names = await readdir(place);
    const found = names.filter((name) => !name.startsWith('.') && matches.test(name)).sort();
    return { files: found.map((name) => join(place, name)) };
  } catch {
    return {
      message: `names a folder that cannot be read: ${dirname(glob)}`,
      remedy: 'make the folder, or correct the glob',
    };
  }
}

function toRegExp(pattern: string): RegExp {
  const body = pattern
    .split('')
    .map((letter) =>
      letter === '*' ? '.*' : letter === '?' ? '.' : letter.replace(/[\\^$.|+()[\]{}]/, '\\$&'),
    )
    .join('');
  return new RegExp(`^${body}$`, 'u');
}
