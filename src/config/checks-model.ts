import { unknownName } from './checks-owners.ts';
import { checkRollback } from './checks-rollback.ts';
import type { Limits } from './config.ts';
import { type Draft, isDamaged, type ModelDraft } from './draft.ts';
import { nearest } from './known-keys.ts';
import { featureLimits, ksLimits, psiLimits } from './limits.ts';
import type { Path } from './problems.ts';
import type { ModelInput } from './schema-model.ts';
import { CATEGORICAL_TYPES } from './schema-parts.ts';
import type { Complaint } from './source-file.ts';

/** What the keys of one complete model ask of each other and of the rest. Paths are inside the model. */
export function checkModel(draft: Draft, model: ModelDraft): readonly Complaint[] {
  const { input } = model;
  return [
    ...required(input),
    ...registeredName(draft, input),
    ...unknownName(draft, { path: ['owner'], name: input.owner, among: 'owners' }),
    ...baseline(input),
    ...columns(input),
    ...payload(input),
    ...prediction(input),
    ...limits(model),
    ...checkRollback(draft, model),
  ].filter((complaint) => !isDamaged(model, complaint.path));
}

function required({ registeredModel, source, prediction }: ModelInput): readonly Complaint[] {
  const missing = (path: Path, remedy: string): Complaint => ({ path, message: 'is missing', remedy });
  return [
    ...(registeredModel === undefined
      ? [missing(['registeredModel'], 'name the model in the registry: catalog.schema.model')]
      : []),
    ...(source?.table === undefined ? [missing(['source', 'table'], 'name the inference table')] : []),
    ...(source?.layout === 'columns' && source.timestamp === undefined
      ? [missing(['source', 'timestamp'], 'name the column of the event time')]
      : []),
    ...(prediction !== undefined && prediction.name === undefined
      ? [missing(['prediction', 'name'], 'name the column of the prediction')]
      : []),
  ];
}

function registeredName(draft: Draft, { registeredModel }: ModelInput): readonly Complaint[] {
  if (draft.input.registry?.kind !== 'unity-catalog' || isDamaged(draft, ['registry'])) return [];
  if (registeredModel === undefined) return [];
  if (/^[^.\s]+\.[^.\s]+\.[^.\s]+$/.test(registeredModel)) return [];
  return [
    {
      path: ['registeredModel'],
      message: 'is not a name in Unity Catalog',
      remedy: 'write catalog.schema.model',
    },
  ];
}

function baseline({ baseline }: ModelInput): readonly Complaint[] {
  const path = ['baseline'];
  if (baseline?.table === undefined && baseline?.trailing === undefined) {
    return [{ path, message: 'names no reference', remedy: 'add baseline.table, or baseline.trailing: 28d' }];
  }
  if (baseline.trailing === undefined) return [];
  if (baseline.table !== undefined) {
    return [{ path, message: 'has a table and trailing', remedy: 'keep one of them' }];
  }
  return (['where', 'columns', 'version'] as const)
    .filter((key) => baseline[key] !== undefined)
    .map((key) => ({
      path: ['baseline', key],
      message: 'belongs to a reference table, and the baseline is trailing',
      remedy: 'remove it, or name baseline.table',
    }));
}

/** Columns that only a table with a column per feature has names for. */
const COLUMN_KEYS = ['requestId', 'timestamp', 'version', 'status', 'latency'] as const;

/** A payload table names its own columns, and has none to discover features from. */
function payload({ source, features }: ModelInput): readonly Complaint[] {
  const layout = source?.layout;
  if (source === undefined || layout === undefined || layout === 'columns') return [];
  const given = COLUMN_KEYS.filter((key) => source[key] !== undefined).map((key) => ({
    path: ['source', key],
    message: `names a column, and the columns of layout ${layout} are known`,
    remedy: 'remove it, or set source.layout: columns',
  }));
  if (features !== undefined) return given;
  const message = `is missing: in layout ${layout} features are values in JSON, which are not discovered`;
  return [{ path: ['features'], message, remedy: 'list the features with their types' }, ...given];
}

/** Names that have to be columns the model has; checked only when the features are listed. */
function columns({ features, source, prediction, drift, baseline }: ModelInput): readonly Complaint[] {
  if (features === undefined) return [];
  const names = Object.keys(features);
  const all = [...names, ...[prediction?.name, source?.cluster].filter((name) => name !== undefined)];
  const unknown = (path: Path, name: string, known: readonly string[]): readonly Complaint[] => {
    if (known.includes(name)) return [];
    const near = nearest(name, known);
    const remedy = near === null ? 'add it to features, or remove it here' : `did you mean ${near}?`;
    return [{ path: [...path, name], message: 'is not one of the model’s features', remedy, atKey: true }];
  };
  return [
    ...(prediction?.name !== undefined && names.includes(prediction.name)
      ? [
          {
            path: ['features', prediction.name],
            message: 'is the prediction',
            remedy: 'remove it from features',
            atKey: true,
          },
        ]
      : []),
    ...Object.keys(drift?.features ?? {}).flatMap((name) => unknown(['drift', 'features'], name, names)),
    ...Object.keys(baseline?.columns ?? {}).flatMap((name) => unknown(['baseline', 'columns'], name, all)),
  ];
}

function prediction({ prediction, task }: ModelInput): readonly Complaint[] {
  if (prediction === undefined) return [];
  const categorical = CATEGORICAL_TYPES.some((type) => type === prediction.type);
  if (categorical && task === 'regression') {
    return [
      {
        path: ['prediction', 'type'],
        message: `is ${String(prediction.type)}, and a model whose task is regression predicts a number`,
        remedy: 'correct prediction.type or task',
      },
    ];
  }
  if (task === 'multiclass' && prediction.threshold !== undefined) {
    return [
      {
        path: ['prediction', 'threshold'],
        message: 'divides two decisions, and the task is multiclass',
        remedy: 'remove it, or correct task',
      },
    ];
  }
  if (categorical && prediction.threshold !== undefined) {
    return [
      {
        path: ['prediction', 'threshold'],
        message: `belongs to a number, and the prediction is ${String(prediction.type)}`,
        remedy: 'remove it, or correct prediction.type',
      },
    ];
  }
  if (prediction.favourable !== undefined && prediction.threshold === undefined) {
    return [
      {
        path: ['prediction', 'favourable'],
        message: 'means a side of a threshold',
        remedy: 'add prediction.threshold',
      },
    ];
  }
  return [];
}

/** `warn` below `breach`, with each half where it comes from: the feature, the model, the default. */
function limits(model: ModelDraft): readonly Complaint[] {
  const { drift } = model.input;
  const pairs: { readonly path: Path; readonly pair: Limits | null }[] = [
    { path: ['drift', 'psi'], pair: psiLimits(drift) },
    { path: ['drift', 'ks'], pair: ksLimits(drift) },
  ];
  for (const feature of Object.keys(drift?.features ?? {})) {
    const own = featureLimits(drift, feature);
    for (const method of ['psi', 'ks'] as const) {
      if (isDamaged(model, ['drift', method])) continue;
      pairs.push({ path: ['drift', 'features', feature, method], pair: own[method] });
    }
  }
  return pairs.flatMap(({ path, pair }) => {
    if (pair === null || pair.warn < pair.breach) return [];
    const message = `warns at ${pair.warn}, which is not below the breach limit ${pair.breach}`;
    return [{ path, message, remedy: 'make warn smaller than breach' }];
  });
}
