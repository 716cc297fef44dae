import { dirname, join, relative, resolve } from 'node:path';
import { completeFile, completeModel, type Draft } from './draft.ts';
import { expandInclude } from './include.ts';
import { isTree, valueAt } from './names.ts';
import type { Path, Problem } from './problems.ts';
import { readConfigFile } from './read-file.ts';
import { type FileInput, type IncludedInput, includedFile, mainFile } from './schema.ts';
import type { ModelInput } from './schema-model.ts';
import { type Shaped, shape } from './shape.ts';
import { problemIn, readYaml, type SourceFile } from './source-file.ts';

/** A file in the right shape as far as it goes. `shaped` is null when it cannot be read at all. */
interface Part<Input> {
  readonly file: string;
  readonly content: { readonly source: SourceFile; readonly shaped: Shaped<Input> } | null;
  readonly problems: readonly Problem[];
}

type Models = { readonly models?: { readonly [name: string]: ModelInput } | undefined };

/** Reads the main file and what it includes into one draft. `draft` is null when the main file cannot be read at all. */
export async function readDraft(
  path: string,
): Promise<{ readonly draft: Draft | null; readonly problems: readonly Problem[] }> {
  const main = await readPart(path, path, (source) => shape(mainFile, source.data, { version: 1 }));
  if (main.content === null) return { draft: null, problems: main.problems };
  const { source, shaped } = main.content;
  const { files, problems } = await includes(source, shaped.input);
  const included = await Promise.all(
    files.map((file) =>
      readPart(file, join(dirname(path), relative(resolve(dirname(path)), file)), (inner) =>
        onlyModels(shape(includedFile, inner.data, { models: {} })),
      ),
    ),
  );
  const unreadable = problems.length > 0 || included.some((part) => part.content === null);
  const parts: readonly Part<Models>[] = [main, ...included];
  const draft: Draft = {
    main: source,
    included: included.flatMap((part) => (part.content === null ? [] : [part.content.source])),
    input: completeFile(shaped.input),
    damaged: [...shaped.damaged, ...(unreadable ? [['include']] : []), ...modelDamage(included)],
    models: firstOfEach(parts.flatMap((part) => modelsOf(part, shaped))),
  };
  const all = [...main.problems, ...problems, ...included.flatMap((part) => part.problems), ...twice(parts)];
  return { draft, problems: all };
}

/** Keys of the main file are unknown in an included one, and were not meant to be others. */
function onlyModels(shaped: Shaped<IncludedInput>): Shaped<IncludedInput> {
  const complaints = shaped.complaints.map((complaint) =>
    complaint.path.length === 1 && complaint.path[0] !== 'models'
      ? {
          ...complaint,
          message: 'has no place in an included file',
          remedy: 'an included file holds models; write the rest in the main file',
        }
      : complaint,
  );
  return { ...shaped, complaints };
}

async function readPart<Input>(
  path: string,
  shown: string,
  fit: (source: SourceFile) => Shaped<Input>,
): Promise<Part<Input>> {
  const read = await readConfigFile(path, shown);
  if ('problem' in read) return { file: shown, content: null, problems: [read.problem] };
  const { source, problems, damaged } = readYaml(shown, read.text);
  if (source === null) return { file: shown, content: null, problems };
  const shaped = fit(source);
  const found = shaped.complaints.map((complaint) => problemIn(source, complaint));
  const content = { source, shaped: { ...shaped, damaged: [...damaged, ...shaped.damaged] } };
  return { file: shown, content, problems: [...problems, ...found] };
}

/** Absolute paths of the files to include, each once and never the main file itself. */
async function includes(
  main: SourceFile,
  input: FileInput,
): Promise<{ readonly files: readonly string[]; readonly problems: readonly Problem[] }> {
  const globs = typeof input.include === 'string' ? [input.include] : (input.include ?? []);
  const files = new Set<string>();
  const problems: Problem[] = [];
  for (const [index, glob] of globs.entries()) {
    const expansion = await expandInclude(dirname(main.file), glob);
    if ('files' in expansion) for (const file of expansion.files) files.add(file);
    else {
      const path = typeof input.include === 'string' ? ['include'] : ['include', index];
      problems.push(problemIn(main, { path, ...expansion }));
    }
  }
  files.delete(resolve(main.file));
  return { files: [...files], problems };
}

function modelsOf(part: Part<Models>, main: Shaped<FileInput>): Draft['models'] {
  if (part.content === null) return [];
  const { source, shaped } = part.content;
  const damage = damageByModel(shaped.damaged);
  const inherited = inside(main.damaged, ['defaults']);
  return Object.entries(shaped.input.models ?? {}).map(([name, own]) => ({
    name,
    file: source,
    input: completeModel(main.input.defaults, own),
    damaged: [...damage(name), ...inherited],
  }));
}

function firstOfEach(models: Draft['models']): Draft['models'] {
  const first = new Map<string, Draft['models'][number]>();
  for (const model of models) if (!first.has(model.name)) first.set(model.name, model);
  return [...first.values()];
}

/** What was taken out of each model, as paths inside it; looked up by name, since a file may have thousands of either. */
function damageByModel(damaged: readonly Path[]): (name: string) => readonly Path[] {
  const byName = new Map<string, Path[]>();
  for (const path of damaged) {
    if (path.length < 2 || path[0] !== 'models') continue;
    const inner = byName.get(String(path[1])) ?? [];
    inner.push(path.slice(2));
    byName.set(String(path[1]), inner);
  }
  const everywhere = inside(
    damaged.filter((path) => path.length < 2),
    ['models', ''],
  );
  return (name) => [...(byName.get(name) ?? []), ...everywhere];
}

/** Of some paths those that lead into a place, seen from there; the empty path when the place itself is meant. */
function inside(paths: readonly Path[], place: Path): readonly Path[] {
  return paths
    .filter((path) => place.every((step, index) => index >= path.length || path[index] === step))
    .map((path) => path.slice(place.length));
}

/** Whole models that were taken out of included files: then it is not true that there are none. */
function modelDamage(included: readonly Part<Models>[]): readonly Path[] {
  return included.flatMap((part) =>
    (part.content?.shaped.damaged ?? []).filter(([first]) => first === 'models'),
  );
}

/** Models of the same name in several files. */
function twice(parts: readonly Part<Models>[]): readonly Problem[] {
  const first = new Map<string, SourceFile>();
  const problems: Problem[] = [];
  for (const { content } of parts) {
    const models = content === null ? null : valueAt(content.source.data, ['models']);
    if (content === null || !isTree(models)) continue;
    for (const name of Object.keys(models)) {
      const path = ['models', name];
      const other = first.get(name);
      if (other === undefined) first.set(name, content.source);
      else {
        const line = other.place(path, 'key').line;
        const message = `is given twice, first in ${other.file} line ${line}`;
        problems.push(
          problemIn(content.source, { path, message, remedy: 'keep one of the two', atKey: true }),
        );
      }
    }
  }
  return problems;
}
