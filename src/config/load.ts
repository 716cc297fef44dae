import { checkFile } from './checks-file.ts';
import { checkModel } from './checks-model.ts';
import { checkOwners } from './checks-owners.ts';
import type { Config } from './config.ts';
import { type Draft, modelProblem } from './draft.ts';
import { findNotYet } from './find-not-yet.ts';
import { type Problem, tidyProblems } from './problems.ts';
import { readDraft } from './read-draft.ts';
import { resolveConfig } from './resolve.ts';
import { problemIn } from './source-file.ts';

export type LoadResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Loads a configuration with everything it includes. Never throws for what a file holds: every mistake found in any of
 * the files comes back as a problem, in the order of the files and their lines. Secrets are not read.
 */
export async function loadConfig(path: string): Promise<LoadResult> {
  const { draft, problems: shapeProblems } = await readDraft(path);
  const problems = [...shapeProblems, ...(draft === null ? [] : checkDraft(draft))];
  if (draft === null || problems.length > 0) return { ok: false, problems: tidyProblems(problems) };
  return { ok: true, config: resolveConfig(draft) };
}

function checkDraft(draft: Draft): readonly Problem[] {
  return [
    ...findNotYet(draft),
    ...[...checkFile(draft), ...checkOwners(draft)].map((complaint) => problemIn(draft.main, complaint)),
    ...draft.models.flatMap((model) =>
      checkModel(draft, model).map((complaint) => modelProblem(draft, model, complaint)),
    ),
  ];
}
