/** One Python environment per package, outside the checkout, from the pins beside this file. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const PINS = new URL('./pins/', import.meta.url);

export function cacheFolder() {
  return join(process.env.DRIFTWARDEN_CACHE ?? join(homedir(), '.cache', 'driftwarden'), 'peers');
}

/** No package may call home while it is measured. */
export const QUIET_ENVIRONMENT = {
  NML_DISABLE_USAGE_LOGGING: '1',
  WHYLOGS_NO_ANALYTICS: 'True',
  DO_NOT_TRACK: '1',
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  PYTHONDONTWRITEBYTECODE: '1',
};

/** The interpreter of a package's environment and what is in it; or why there is none. */
export function environmentOf(name) {
  const folder = join(cacheFolder(), name);
  const python = join(folder, 'bin', 'python');
  const pins = readFileSync(new URL(`${name}.txt`, PINS), 'utf8');
  const marker = join(folder, 'pins.txt');
  try {
    if (!existsSync(marker) || readFileSync(marker, 'utf8') !== pins) {
      mkdirSync(cacheFolder(), { recursive: true });
      execFileSync(process.env.PYTHON ?? 'python3.11', ['-m', 'venv', '--clear', folder], { stdio: 'ignore' });
      execFileSync('nice', ['-n', '15', python, '-m', 'pip', 'install', '--quiet', '-r', new URL(`${name}.txt`, PINS).pathname]);
      writeFileSync(marker, pins);
    }
    return { name, python, ...versionsOf(python, pins), error: null };
  } catch (error) {
    return { name, python: null, pinned: [], interpreter: '', error: lastLine(error) };
  }
}

function versionsOf(python, pins) {
  const list = JSON.parse(execFileSync(python, ['-m', 'pip', 'list', '--format', 'json', '--disable-pip-version-check'], { encoding: 'utf8' }));
  const names = pins.split('\n').flatMap((line) => /^[A-Za-z0-9_-]+/.exec(line) ?? []);
  const also = ['scipy', 'scikit-learn'].filter((name) => !names.includes(name));
  const plain = (name) => name.toLowerCase().replaceAll('_', '-');
  const pinned = [...names, ...also].flatMap((name) => {
    const found = list.find((entry) => plain(entry.name) === plain(name));
    return found === undefined ? [] : [`${plain(name)} ${found.version}`];
  });
  const interpreter = execFileSync(python, ['--version'], { encoding: 'utf8' }).trim();
  return { pinned, interpreter };
}

function lastLine(error) {
  const text = String(error.stderr ?? error.message).trim();
  return text.split('\n').at(-1)?.slice(0, 200) ?? 'unknown';
}
