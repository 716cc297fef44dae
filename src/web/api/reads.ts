import { NotFound } from '../../operations.ts';
import type { WebDeps } from '../deps.ts';
import { modelPage } from '../model-data.ts';
import { overviews } from '../overview.ts';
import { getRoute, json, type Route } from '../route.ts';
import { AUDIT_QUERY, EVALUATIONS_QUERY, EXCEPTIONS_QUERY, MODEL_QUERY, ROLLBACKS_QUERY } from './bodies.ts';
import {
  baselineLine,
  baselineView,
  evaluationLine,
  exceptionLine,
  exceptionView,
  modelLine,
  modelView,
  rollbackLine,
  rollbackView,
} from './views.ts';

/** Everything that can be read as JSON. */
export function readRoutes(deps: WebDeps): readonly Route[] {
  return [
    ...modelRoutes(deps),
    ...evaluationRoutes(deps),
    ...exceptionRoutes(deps),
    ...rollbackRoutes(deps),
    ...baselineRoutes(deps),
    auditRoute(deps),
  ];
}

function modelRoutes({ store, config }: WebDeps): readonly Route[] {
  const simulated = async (): Promise<boolean> => (await store.fact('simulated')) === '1';
  return [
    getRoute({
      path: '/api/v1/models',
      summary: 'All models, the worst first',
      access: 'look',
      answer: { kind: 'json', schema: 'ModelLine', key: 'models', list: true },
      handle: async () =>
        json({ models: (await overviews(store, config())).map(modelLine), simulated: await simulated() }),
    }),
    getRoute({
      path: '/api/v1/models/{model}',
      summary: 'One model: verdicts, versions, gates, cases, rollbacks',
      access: 'look',
      answer: { kind: 'json', schema: 'Model', key: 'model', list: false },
      handle: async ({ params }) =>
        json({
          model: modelView(await modelPage(store, config(), params['model'] ?? '')),
          simulated: await simulated(),
        }),
    }),
  ];
}

function evaluationRoutes({ store, config }: WebDeps): readonly Route[] {
  return [
    getRoute({
      path: '/api/v1/evaluations',
      summary: 'The newest revision of each window of a model, newest window first',
      access: 'look',
      query: EVALUATIONS_QUERY,
      answer: { kind: 'json', schema: 'EvaluationLine', key: 'evaluations', list: true },
      handle: async ({ query: { model, limit, before } }) => {
        if (!Object.hasOwn(config().models, model)) throw new NotFound(`No model ${model} is configured.`);
        const found = await store.evaluations({ model, limit, ...(before === undefined ? {} : { before }) });
        return json({ evaluations: found.map(evaluationLine) });
      },
    }),
    getRoute({
      path: '/api/v1/evaluations/{id}',
      summary: 'One evaluation with all its checks and cells; the ETag is its hash',
      access: 'look',
      answer: { kind: 'json', schema: 'Evaluation', key: null, list: false },
      handle: async ({ params }) => {
        const id = params['id'] ?? '';
        const { record, hash } = orMissing(await store.evaluation(id), 'evaluation', id);
        return json(record, { etag: `"${hash}"` });
      },
    }),
  ];
}

function exceptionRoutes({ store }: WebDeps): readonly Route[] {
  return [
    getRoute({
      path: '/api/v1/exceptions',
      summary: 'Exceptions, also the resolved ones unless open=true',
      access: 'look',
      query: EXCEPTIONS_QUERY,
      answer: { kind: 'json', schema: 'ExceptionLine', key: 'exceptions', list: true },
      handle: async ({ query: { model, open } }) => {
        const found = await store.exceptions({
          ...(model === undefined ? {} : { model }),
          ...(open === 'true' ? { open: true } : {}),
        });
        return json({ exceptions: found.map(exceptionLine) });
      },
    }),
    getRoute({
      path: '/api/v1/exceptions/{id}',
      summary: 'One exception with its history',
      access: 'look',
      answer: { kind: 'json', schema: 'Exception', key: 'exception', list: false },
      handle: async ({ params }) => {
        const id = params['id'] ?? '';
        return json({ exception: exceptionView(orMissing(await store.exception(id), 'exception', id)) });
      },
    }),
  ];
}

function rollbackRoutes({ store }: WebDeps): readonly Route[] {
  return [
    getRoute({
      path: '/api/v1/rollbacks',
      summary: 'Rollbacks, also those that have ended unless active=true',
      access: 'look',
      query: ROLLBACKS_QUERY,
      answer: { kind: 'json', schema: 'RollbackLine', key: 'rollbacks', list: true },
      handle: async ({ query: { model, active } }) => {
        const found = await store.rollbacks({
          ...(model === undefined ? {} : { model }),
          ...(active === 'true' ? { active: true } : {}),
        });
        return json({ rollbacks: found.map(rollbackLine) });
      },
    }),
    getRoute({
      path: '/api/v1/rollbacks/{id}',
      summary: 'One rollback with its plan, gates and history',
      access: 'look',
      answer: { kind: 'json', schema: 'Rollback', key: 'rollback', list: false },
      handle: async ({ params }) => {
        const id = params['id'] ?? '';
        return json({ rollback: rollbackView(orMissing(await store.rollback(id), 'rollback', id)) });
      },
    }),
  ];
}

function baselineRoutes({ store, config }: WebDeps): readonly Route[] {
  return [
    getRoute({
      path: '/api/v1/baselines',
      summary: 'Baselines of one model, or of every configured model',
      access: 'look',
      query: MODEL_QUERY,
      answer: { kind: 'json', schema: 'BaselineLine', key: 'baselines', list: true },
      handle: async ({ query: { model } }) => {
        const models = model === undefined ? Object.keys(config().models) : [model];
        const found = await Promise.all(models.map((name) => store.baselines(name)));
        return json({ baselines: found.flat().map(baselineLine) });
      },
    }),
    getRoute({
      path: '/api/v1/baselines/{id}',
      summary: 'One baseline with its bins and counts',
      access: 'look',
      answer: { kind: 'json', schema: 'Baseline', key: 'baseline', list: false },
      handle: async ({ params }) => {
        const id = params['id'] ?? '';
        return json({ baseline: baselineView(orMissing(await store.baseline(id), 'baseline', id)) });
      },
    }),
  ];
}

function auditRoute({ store }: WebDeps): Route {
  return getRoute({
    path: '/api/v1/audit',
    summary: 'Records of the audit chain in order, from a sequence number on',
    access: 'audit',
    query: AUDIT_QUERY,
    answer: { kind: 'json', schema: 'AuditRecord', key: 'records', list: true },
    handle: async ({ query: { from, limit } }) => {
      const records = await store.auditFrom(from, limit);
      const last = records.at(-1);
      const head = await store.auditHead();
      const more = last !== undefined && head !== null && head.seq > last.seq;
      return json({ records, next: more ? last.seq + 1 : null });
    },
  });
}

function orMissing<Thing>(thing: Thing | null, kind: string, id: string): Thing {
  if (thing === null) throw new NotFound(`There is no ${kind} ${id}.`);
  return thing;
}
