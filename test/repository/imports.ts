import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

/** One import of one file, both as paths below `src/`. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export function sourceFiles(root: string): readonly SourceFile[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

export function importsOf(file: SourceFile): readonly Import[] {
  return [...file.text.matchAll(/(?:from|import)\s+'([^']+)'/g)].map(([, target = '']) => ({
    from: file.path,
    to: target.startsWith('.') ? relative('.', normalize(join(dirname(file.path), target))) : target,
  }));
}

/** The folder of a path, or the file itself at the top. */
export function roomOf(path: string): string {
  return path.includes('/') ? (path.split('/')[0] ?? path) : path;
}

export interface Rule {
  readonly name: string;
  /** Why it is so and what to do instead: the message of a violation. */
  readonly because: string;
  /** Whether this import is a violation. */
  readonly forbids: (found: Import) => boolean;
}

const PURE_ROOMS = ['windows', 'baseline', 'statistics', 'judge'];
const PURE_FILES = [
  'rollback/machine.ts',
  'rollback/gates/gates.ts',
  'rollback/gates/facts.ts',
  'rollback/late.ts',
  'rollback/memory.ts',
  'rollback/scene.ts',
  'rollback/compare.ts',
  'rollback/transitions.ts',
  'rollback/step.ts',
  'exceptions/lifecycle.ts',
  'audit/record.ts',
];
const isPure = (path: string): boolean => PURE_ROOMS.includes(roomOf(path)) || PURE_FILES.includes(path);

const OUTSIDE = ['warehouse', 'registry', 'serving', 'identity', 'tickets', 'store'];
const isAdapter = (path: string): boolean => OUTSIDE.includes(roomOf(path)) && path.split('/').length > 2;

/** Types of these files are words of the domain: pure files may name them. */
const WORDS = [
  'rollback/rollback.ts',
  'rollback/world.ts',
  'rollback/snapshot.ts',
  'exceptions/exception.ts',
  'serving/serving.ts',
  'registry/registry.ts',
  'remote/error.ts',
];

export const RULES: readonly Rule[] = [
  {
    name: 'pure rooms touch nothing',
    because:
      'windows, baseline, statistics, judge, the rollback machine and gates, the life cycle of exceptions and the audit record decide on plain data: read and act elsewhere and hand the data in',
    forbids: ({ from, to }) =>
      isPure(from) && !isPure(to) && !WORDS.includes(to) && to !== 'simple-statistics',
  },
  {
    name: 'measuring is not judging',
    because: 'a statistic returns a measurement and never sees a limit: limits belong to judge/',
    forbids: ({ from, to }) => roomOf(from) === 'statistics' && ['judge', 'config'].includes(roomOf(to)),
  },
  {
    name: 'outside systems do not know each other',
    because:
      'an adapter is reached by the port in its folder; what two of them share is a word of the domain',
    forbids: ({ from, to }) =>
      OUTSIDE.includes(roomOf(from)) && OUTSIDE.includes(roomOf(to)) && roomOf(from) !== roomOf(to),
  },
  {
    name: 'adapters are built in one place',
    because:
      'only the composition root (app.ts, ports.ts) names an implementation; everybody else uses the port',
    forbids: ({ from, to }) =>
      isAdapter(to) && roomOf(from) !== roomOf(to) && !['app.ts', 'ports.ts'].includes(from),
  },
  {
    name: 'the simulator is for the demo alone',
    because: 'nothing but the demo may depend on what is simulated',
    forbids: ({ from, to }) =>
      roomOf(to) === 'simulator' &&
      roomOf(from) !== 'simulator' &&
      !['commands/demo.ts', 'cli/failure.ts'].includes(from),
  },
  {
    name: 'commands are the outermost room',
    because: 'what a command and the HTTP API share lies in requests/ or deeper',
    forbids: ({ from, to }) =>
      ['commands', 'cli'].includes(roomOf(to)) &&
      !['commands', 'cli', 'cli.ts', 'main.ts'].includes(roomOf(from)),
  },
];

/** Every import that breaks a rule, as a sentence that teaches. */
export function violations(files: readonly SourceFile[]): readonly string[] {
  return files
    .flatMap(importsOf)
    .flatMap((found) =>
      RULES.filter((rule) => rule.forbids(found)).map(
        (rule) => `${found.from} imports ${found.to}: ${rule.name}. ${rule.because}.`,
      ),
    );
}
