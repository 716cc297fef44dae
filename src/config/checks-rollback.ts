import { type Draft, isDamaged, type ModelDraft } from './draft.ts';
import { parseDuration } from './durations.ts';
import type { ModelInput } from './schema-model.ts';
import type { Complaint } from './source-file.ts';

type Rollback = NonNullable<ModelInput['rollback']>;

/** What `rollback` asks of the rest of a model: a rollback that could never happen must not look as if it could. */
export function checkRollback(draft: Draft, model: ModelDraft): readonly Complaint[] {
  const rollback = model.input.rollback;
  if (rollback === undefined) return [];
  return [
    ...breaches(rollback),
    ...aliases(rollback),
    ...bake(rollback),
    ...smoke(rollback, draft, model),
    ...(rollback.mode === 'observe' ? [] : [...triggers(rollback, model), ...moves(rollback, draft, model)]),
  ];
}

/** m and n of `3 of 4`. */
export function parseBreaches(text: string): { readonly m: number; readonly n: number } {
  const [m = 1, n = 1] = text.split(' of ').map(Number);
  return { m, n };
}

function breaches({ breaches }: Rollback): readonly Complaint[] {
  if (breaches === undefined) return [];
  const { m, n } = parseBreaches(breaches);
  if (m <= n) return [];
  return [
    {
      path: ['rollback', 'breaches'],
      message: `asks for ${m} windows among ${n}`,
      remedy: `write "${n} of ${m}" or smaller`,
    },
  ];
}

function aliases({ championAlias, rollbackAlias }: Rollback): readonly Complaint[] {
  if (championAlias !== rollbackAlias) return [];
  return [
    {
      path: ['rollback', 'rollbackAlias'],
      message: 'is the same as championAlias',
      remedy: 'name the alias of the last good version, which stays when the champion moves',
    },
  ];
}

function bake({ bake }: Rollback): readonly Complaint[] {
  const [whole, window] = [bake?.for, bake?.window].map((text) => parseDuration(text ?? '') ?? null);
  if (whole === null || window === null || whole === undefined || window === undefined || window <= whole)
    return [];
  return [
    {
      path: ['rollback', 'bake', 'window'],
      message: `is longer than rollback.bake.for, ${bake?.for ?? ''}`,
      remedy: 'make the window shorter, or watch for longer',
    },
  ];
}

/** A request that could never be sent must not look as if it would be. */
function smoke({ smoke, moves = [] }: Rollback, draft: Draft, model: ModelDraft): readonly Complaint[] {
  if (smoke === undefined || isDamaged(model, ['endpoint']) || isDamaged(model, ['rollback', 'moves']))
    return [];
  const kind = draft.input.serving?.kind;
  const why = [
    kind === 'none' || kind === 'webhook' ? `serving.kind is ${kind}` : null,
    isBatch(model) ? 'the model has no endpoint' : null,
    moves.includes('traffic') ? null : 'rollback.moves leaves out traffic',
  ].find((reason) => reason !== null);
  if (why === undefined) return [];
  return [
    {
      path: ['rollback', 'smoke'],
      message: `asks for a request that is never sent: ${why}`,
      remedy: 'remove rollback.smoke',
    },
  ];
}

function isBatch({ input }: ModelDraft): boolean {
  return (input.endpoint ?? null) === null;
}

function triggers({ on = [], mode = 'observe' }: Rollback, model: ModelDraft): readonly Complaint[] {
  const { input } = model;
  if (on.includes('prediction') && input.prediction === undefined) {
    if (isDamaged(model, ['prediction'])) return [];
    return [
      {
        path: ['prediction'],
        message: `is missing: rollback.mode is ${mode} and rollback.on lists prediction`,
        remedy: 'add prediction with the name of its column, or leave prediction out of rollback.on',
      },
    ];
  }
  const possible = on.some(
    (cause) => cause === 'drift' || (input[cause] !== undefined && !isDamaged(model, [cause])),
  );
  if (possible) return [];
  return [
    {
      path: ['rollback', 'on'],
      message: `lists nothing this model measures, and rollback.mode is ${mode}`,
      remedy: 'list prediction or drift',
    },
  ];
}

function moves({ moves = [] }: Rollback, draft: Draft, model: ModelDraft): readonly Complaint[] {
  const servedBy = draft.input.serving?.kind === 'none' ? 'serving.kind is none' : null;
  const batch = isBatch(model) ? 'the model has no endpoint' : null;
  const why = servedBy ?? batch;
  if (why === null || moves.includes('alias') || isDamaged(model, ['endpoint'])) return [];
  return [
    {
      path: ['rollback', 'moves'],
      message: `moves traffic only, and ${why}`,
      remedy: 'add alias to rollback.moves',
    },
  ];
}
