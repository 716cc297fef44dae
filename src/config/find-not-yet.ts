import type { Draft } from './draft.ts';
import { isTree, valueAt } from './names.ts';
import { NOT_YET, type NotYet } from './not-yet.ts';
import type { Path, Problem } from './problems.ts';
import { problemIn, type SourceFile } from './source-file.ts';

/** Every use of something this version lacks. No default is one. */
export function findNotYet(draft: Draft): readonly Problem[] {
  return NOT_YET.flatMap((row) => [draft.main, ...draft.included].flatMap((source) => written(source, row)));
}

function written(source: SourceFile, row: NotYet): readonly Problem[] {
  const path = row.path.split('.');
  const inherited = path[0] === 'models' ? ['defaults', ...path.slice(2)] : null;
  const places = [
    ...matches(source.data, path),
    ...(inherited === null ? [] : matches(source.data, inherited)),
  ];
  return places
    .filter((place) => row.value === undefined || valueAt(source.data, place) === row.value)
    .map((place) =>
      problemIn(source, {
        path: place,
        message: row.value === undefined ? 'is not in this version' : `${row.value} is not in this version`,
        remedy: row.instead,
        atKey: true,
      }),
    );
}

/** Existing paths that a pattern with `*` fits. */
function matches(data: unknown, pattern: Path): readonly Path[] {
  const [step, ...rest] = pattern;
  if (step === undefined) return data === undefined ? [] : [[]];
  if (!isTree(data)) return [];
  const keys = step === '*' ? Object.keys(data) : Object.hasOwn(data, step) ? [step] : [];
  return keys.flatMap((key) => matches(data[key], rest).map((inner) => [key, ...inner]));
}
