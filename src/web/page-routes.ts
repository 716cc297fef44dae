import { NotFound } from '../operations.ts';
import type { WebDeps } from './deps.ts';
import { verdictHistory } from './history.ts';
import { modelPage } from './model-data.ts';
import { overviews } from './overview.ts';
import { evaluationPage } from './pages/evaluation.ts';
import { exceptionPage } from './pages/exception.ts';
import { modelDocument } from './pages/model.ts';
import { rollbackPage } from './pages/rollback.ts';
import { statusPage } from './pages/status.ts';
import type { Now } from './pages/words.ts';
import { getRoute, type PageContent, type Route } from './route.ts';

type Read = (parameter: string, now: Now) => Promise<PageContent>;

/** The pages that people look at. They only read, and only what is committed. */
export function pageRoutes(deps: WebDeps): readonly Route[] {
  const { store, config } = deps;
  const page = (path: string, summary: string, read: Read): Route =>
    getRoute({
      path,
      summary,
      access: 'look',
      answer: { kind: 'page' },
      handle: async ({ params }) => ({
        kind: 'page',
        page: await read(Object.values(params)[0] ?? '', {
          domain: deps.clocks.domain.now(),
          wall: deps.clocks.wall.now(),
        }),
      }),
    });
  return [
    page('/', 'Status page: all models, the worst first', async (_, now) => {
      const models = await overviews(store, config());
      return statusPage(models, await verdictHistory(store, models), now);
    }),
    page('/models/{model}', 'One model', async (name, now) =>
      modelDocument(await modelPage(store, config(), name), now),
    ),
    page('/evaluations/{id}', 'One evaluation', (id, now) => evaluation(deps, id, now)),
    page('/exceptions/{id}', 'One exception', (id, now) => exception(deps, id, now)),
    page('/rollbacks/{id}', 'One rollback', (id, now) => rollback(deps, id, now)),
  ];
}

async function evaluation({ store }: WebDeps, id: string, now: Now): Promise<PageContent> {
  const evaluation = await store.evaluation(id);
  if (evaluation === null) throw new NotFound(`There is no evaluation ${id}.`);
  const { model, window, bake } = evaluation.record;
  const [revisions, exceptions, rollbacks] = await Promise.all([
    // A window after a release is judged once; the model's own window may end with it.
    bake === undefined ? store.revisions(model, Date.parse(window.end)) : [evaluation],
    store.exceptions({ model }),
    store.rollbacks({ model }),
  ]);
  return evaluationPage(
    {
      evaluation,
      revisions,
      exceptions: exceptions.filter((one) => one.evaluation === id),
      rollbacks: rollbacks.filter((one) => one.evaluation === id),
    },
    now,
  );
}

async function exception({ store }: WebDeps, id: string, now: Now): Promise<PageContent> {
  const exception = await store.exception(id);
  if (exception === null) throw new NotFound(`There is no exception ${id}.`);
  const [rollbacks, messages] = await Promise.all([
    Promise.all(exception.rollbacks.map((one) => store.rollback(one))),
    store.messages(id),
  ]);
  return exceptionPage({ exception, rollbacks: rollbacks.filter((one) => one !== null), messages }, now);
}

async function rollback({ store }: WebDeps, id: string, now: Now): Promise<PageContent> {
  const rollback = await store.rollback(id);
  if (rollback === null) throw new NotFound(`There is no rollback ${id}.`);
  return rollbackPage({ rollback, holds: await store.holds(rollback.model) }, now);
}
