import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, 'node_modules/.cache/driftwarden-test-build');
const OLD = 3_600_000;

/**
 * The program as JavaScript, for tests that need it in a process of its own (Node 20 runs no TypeScript). Compiled once per state
 * of `src/`: the directory is named after it, so that parallel test files and repeated runs share one build. Answers the
 * directory that corresponds to `src/`.
 */
export function builtProgram(): string {
  const target = join(CACHE, fingerprint(join(ROOT, 'src')));
  // The program asks the package above it for its version, as it does in `dist/`.
  mkdirSync(CACHE, { recursive: true });
  if (existsSync(target)) return target;
  copyWhole(join(ROOT, 'package.json'), join(CACHE, 'package.json'));
  removeOldBuilds();
  const draft = `${target}.${process.pid}`;
  compile(draft);
  // Below node_modules no package.json is inherited, and without one these files would be CommonJS.
  writeFileSync(join(draft, 'package.json'), '{ "type": "module" }\n');
  try {
    renameSync(draft, target);
  } catch (error) {
    // Another test file was faster; its build is as good.
    rmSync(draft, { recursive: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

/** A program that starts just now reads the old file or the new one, never half of it. */
function copyWhole(from: string, to: string): void {
  const draft = `${to}.${process.pid}`;
  copyFileSync(from, draft);
  renameSync(draft, to);
}

/** Type errors do not keep the compiler from emitting, and finding them is not this helper's task. */
function compile(outDir: string): void {
  mkdirSync(outDir, { recursive: true });
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  try {
    execFileSync(
      process.execPath,
      [tsc, '-p', 'tsconfig.build.json', '--outDir', outDir, '--noEmitOnError', 'false'],
      { cwd: ROOT, stdio: 'pipe' },
    );
  } catch (error) {
    if (readdirSync(outDir).length === 0) throw error;
  }
}

function fingerprint(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const { mtimeMs, size } = statSync(join(folder, name));
    if (name.endsWith('.ts')) hash.update(`${name}\n${mtimeMs}\n${size}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

function removeOldBuilds(): void {
  if (!existsSync(CACHE)) return;
  for (const name of readdirSync(CACHE)) {
    const build = join(CACHE, name);
    const age = Date.now() - statSync(build).mtimeMs;
    if (age > OLD) rmSync(build, { recursive: true, force: true });
  }
}
