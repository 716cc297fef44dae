import { schedule as cronSchedule, type ScheduledTask } from 'node-cron';
import type { Config, ModelConfig } from '../config/config.ts';
import type { Logger } from '../log.ts';

/** Models without a line of their own are asked for due windows each minute: an arithmetic question, no query. */
const EVERY_MINUTE = '* * * * *';

export interface Schedules {
  /** Replaces all wake-ups by those of this configuration. */
  set(config: Config): void;
  end(): void;
}

/**
 * Wakes models by cron lines, in UTC. The lines only wake: which windows are due is computed from the store, so that a
 * missed, doubled or late wake-up changes nothing.
 */
export function createSchedules(
  wake: (models: readonly ModelConfig[]) => Promise<unknown>,
  logger: Logger,
): Schedules {
  let tasks: ScheduledTask[] = [];

  function schedule(line: string, models: readonly ModelConfig[]): ScheduledTask {
    const names = models.map(({ name }) => name);
    return cronSchedule(
      line,
      () => {
        wake(models).catch((error: unknown) =>
          logger.error({ models: names, err: error }, 'wake-up failed; the next one tries again'),
        );
      },
      { timezone: 'UTC', logger: quiet(logger) },
    );
  }

  function end(): void {
    for (const task of tasks) void task.destroy();
    tasks = [];
  }

  return {
    set(config) {
      end();
      const byLine = new Map<string, ModelConfig[]>();
      for (const model of Object.values(config.models)) {
        const line = model.schedule ?? EVERY_MINUTE;
        byLine.set(line, [...(byLine.get(line) ?? []), model]);
      }
      tasks = [...byLine].map(([line, models]) => schedule(line, models));
    },
    end,
  };
}

/** node-cron reports missed executions as warnings; here a late wake-up is nothing to worry about. */
function quiet(logger: Logger) {
  const tell = (message: string | Error): void =>
    logger.debug({ from: 'node-cron' }, message instanceof Error ? message.message : message);
  return { info: tell, warn: tell, debug: tell, error: tell };
}
