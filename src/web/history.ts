import type { ModelConfig } from '../config/config.ts';
import { worstVerdict } from '../judge/policy.ts';
import { POLICY_CHECKS, type Verdict } from '../judge/verdict.ts';
import type { Rollback, RollbackState } from '../rollback/rollback.ts';
import type { Store } from '../store/store.ts';
import { windowAt } from '../windows/calendar.ts';
import type { Lane, TimelineData } from './charts/timeline.ts';
import type { Overview } from './overview.ts';

const WINDOWS = 60;
const MOST_LANES = 20;

/** The verdicts of the newest windows of the worst models, from the stored verdicts, which are small. */
export async function verdictHistory(store: Store, models: readonly Overview[]): Promise<TimelineData> {
  const lanes = await Promise.all(models.slice(0, MOST_LANES).map(({ config }) => laneOf(store, config)));
  const starts = lanes.flatMap((lane) => lane.windows.map((window) => window.start));
  const ends = lanes.flatMap((lane) => lane.windows.map((window) => window.end));
  return { lanes, span: [Math.min(...starts), Math.max(...ends)] };
}

async function laneOf(store: Store, config: ModelConfig): Promise<Lane> {
  const model = config.name;
  const served = await store.servedVersions(model);
  const versions = ['all', ...new Set(served.map(({ version }) => version))];
  const asked = POLICY_CHECKS.flatMap((check) => versions.map((version) => ({ check, version })));
  const answers = await Promise.all(
    asked.map((query) => store.verdicts({ model, ...query, limit: WINDOWS })),
  );
  const byEnd = new Map<number, Verdict[]>();
  for (const { windowEnd, verdict } of answers.flat()) {
    byEnd.set(windowEnd, [...(byEnd.get(windowEnd) ?? []), verdict]);
  }
  const windows = [...byEnd]
    .sort(([a], [b]) => a - b)
    .slice(-WINDOWS)
    .map(([end, verdicts]) => ({
      start: windowAt(config.window, end - 1).start,
      end,
      verdict: worstVerdict(verdicts),
    }));
  return { name: model, windows, marks: rollbackMarks(await store.rollbacks({ model })) };
}

const TOLD: readonly RollbackState[] = ['done', 'needs_human', 'superseded'];

/** A rollback stands in a drawing where its first write was; one that never wrote changed nothing and is not drawn. */
export function rollbackMarks(
  rollbacks: readonly Rollback[],
): readonly { readonly at: number; readonly text: string }[] {
  return rollbacks
    .filter((rollback) => rollback.wrote)
    .map((rollback) => {
      const write = rollback.history.find(
        ({ state }) => state === 'shifting_traffic' || state === 'moving_alias',
      );
      const end =
        TOLD.includes(rollback.state) && rollback.state !== 'done'
          ? ` (${rollback.state.replace('_', ' ')})`
          : '';
      return {
        at: Date.parse(write?.at ?? rollback.createdAt),
        text: `rollback v${rollback.from} to v${rollback.to}${end}`,
      };
    });
}
