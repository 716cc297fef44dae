/**
 * Mutation testing: every operator, constant, branch and text of an area is changed, one at a time, and the area's tests must notice.
 *
 *     npm run mutation -- statistics                      a quarter of an hour and more; results in bench/mutation/results/
 *     npm run mutation -- detectors src/judge/evidence/memory.ts     one file, printed and not kept
 *     npm run mutation -- --report                        writes docs/validation/mutation.md from the kept results
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Stryker } from '@stryker-mutator/core';
import { AREAS } from './areas.mjs';
import { page, summary, survivors } from './report.mjs';

const RESULTS = new URL('results/', import.meta.url);
const [name, ...files] = process.argv.slice(2);

if (name === '--report') {
  writeFileSync(new URL('../../docs/validation/mutation.md', import.meta.url), page(kept()));
} else if (AREAS[name] === undefined) {
  console.error(`Give one of ${Object.keys(AREAS).join(', ')}, or --report.`);
  process.exitCode = 2;
} else {
  await mutate(name, files);
}

async function mutate(area, only) {
  process.env.DRIFTWARDEN_MUTATE = area;
  process.env.DRIFTWARDEN_CASES ??= '20';
  const results = await new Stryker({
    mutate: only.length > 0 ? only : AREAS[area].mutate,
    testRunner: 'vitest',
    vitest: { configFile: 'bench/mutation/vitest.config.mjs', related: false },
    coverageAnalysis: 'perTest',
    concurrency: Number(process.env.DRIFTWARDEN_MUTATION_WORKERS ?? 2),
    // Stryker rewrites a tsconfig it finds with the compiler's old interface, which TypeScript 7 does not have.
    tsconfigFile: 'none.json',
    ignorePatterns: ['/dist', '/coverage', '/.cache', '/docs/images', '/bench/peers', '*.log'],
    tempDirName: '.cache/stryker',
    checkers: [],
    reporters: ['clear-text', 'progress-append-only'],
    clearTextReporter: { logTests: false, reportTests: false, reportMutants: false, reportScoreTable: false },
    timeoutMS: 2000,
    timeoutFactor: 2,
    allowEmpty: false,
  }).runMutationTest();
  const found = summary(area, results, made());
  for (const line of survivors(found)) console.log(line);
  console.log(JSON.stringify(found.files.map(({ file, killed, total }) => [file, killed, total])));
  console.log(`${area}: ${found.killed} of ${found.total} mutants killed, ${((100 * found.killed) / found.total).toFixed(1)} %`);
  if (only.length > 0) return;
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(new URL(`${area}.json`, RESULTS), `${JSON.stringify(found, null, 1)}\n`);
}

/** With what and of what a result was made. */
function made() {
  const version = (path) => JSON.parse(readFileSync(new URL(`../../node_modules/${path}/package.json`, import.meta.url))).version;
  const git = (...args) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  return {
    commit: git('rev-parse', '--short', 'HEAD'),
    clean: git('status', '--porcelain', '--', 'src', 'test') === '',
    stryker: version('@stryker-mutator/core'),
    vitest: version('vitest'),
    node: process.versions.node,
  };
}

function kept() {
  return Object.keys(AREAS).flatMap((area) => {
    try {
      return [JSON.parse(readFileSync(new URL(`${area}.json`, RESULTS), 'utf8'))];
    } catch (error) {
      if (error.code === 'ENOENT') return [];
      throw error;
    }
  });
}
