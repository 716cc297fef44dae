import { DEFAULTS, DEFAULTS_BY_RULE, DEFAULTS_WHEN_GIVEN } from './defaults.ts';
import { fillWhenGiven, inheritModel, mergeTrees } from './merge.ts';
import { valueAt } from './names.ts';
import { overlaps, type Path, type Problem } from './problems.ts';
import type { FileInput } from './schema.ts';
import type { ModelInput } from './schema-model.ts';
import { type Complaint, problemIn, type SourceFile } from './source-file.ts';

/** A configuration whose pieces have the right shape, with files and defaults laid over each other, not yet checked as a whole. */
export interface Draft {
  readonly main: SourceFile;
  readonly included: readonly SourceFile[];
  /** The main file without what is malformed, with the defaults of everything but the models. */
  readonly input: FileInput;
  /** What was taken out of the main file. */
  readonly damaged: readonly Path[];
  readonly models: readonly ModelDraft[];
}

export interface ModelDraft {
  readonly name: string;
  readonly file: SourceFile;
  /** The model with what it inherits and all defaults. */
  readonly input: ModelInput;
  /** What was taken out of the model and its defaults, as paths inside the model. */
  readonly damaged: readonly Path[];
}

/** Whether something malformed was taken out at this path, above it or below it. */
export function isDamaged(part: { readonly damaged: readonly Path[] }, path: Path): boolean {
  return part.damaged.some((damage) => overlaps(damage, path));
}

/** Lays the main file over the defaults of everything but the models. */
export function completeFile(input: FileInput): FileInput {
  const { models: _, ...defaults } = DEFAULTS;
  return fillWhenGiven(mergeTrees(defaults, input), { owners: DEFAULTS_WHEN_GIVEN.owners }) as FileInput;
}

/** Lays a model over the file's `defaults`, and both over the built-in ones, of which some depend on the rule. */
export function completeModel(defaults: ModelInput | undefined, own: ModelInput): ModelInput {
  const inherited = inheritModel(defaults, own);
  const rule = inherited.drift?.rule ?? DEFAULTS.models['*'].drift.rule;
  const layered = mergeTrees(DEFAULTS.models['*'], DEFAULTS_BY_RULE[rule], inherited);
  return fillWhenGiven(layered, DEFAULTS_WHEN_GIVEN.models['*']);
}

/** Where a value of a model is written: in the model, else in `defaults`; `written` is false when it is in neither. */
export function origin(
  draft: Pick<Draft, 'main'>,
  model: Pick<ModelDraft, 'name' | 'file'>,
  path: Path,
): { readonly source: SourceFile; readonly path: Path; readonly written: boolean } {
  const own = ['models', model.name, ...path];
  const inherited = ['defaults', ...path];
  if (valueAt(model.file.data, own) !== undefined) return { source: model.file, path: own, written: true };
  if (path.length > 0 && valueAt(draft.main.data, inherited) !== undefined) {
    return { source: draft.main, path: inherited, written: true };
  }
  return { source: model.file, path: own, written: false };
}

/** A complaint about a model, told where the value is written. */
export function modelProblem(draft: Draft, model: ModelDraft, complaint: Complaint): Problem {
  const place = origin(draft, model, complaint.path);
  return problemIn(place.source, { ...complaint, path: place.path });
}
