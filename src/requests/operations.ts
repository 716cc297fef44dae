import type { Burst } from '../burst.ts';
import { isoTime } from '../clock.ts';
import type { ModelConfig } from '../config/config.ts';
import type { CycleDeps } from '../evaluation/task.ts';
import type { ExceptionCase } from '../exceptions/exception.ts';
import type { TellDeps } from '../exceptions/tell-rollback.ts';
import type { Evaluation } from '../judge/verdict.ts';
import type { Operations } from '../operations.ts';
import { Refused } from '../operations.ts';
import type { Driver } from '../rollback/driver.ts';
import { windowAt } from '../windows/calendar.ts';
import { newestClosed } from '../windows/due.ts';
import type { Window } from '../windows/window.ts';
import { approveOnRequest, freezeOnRequest } from './baselines.ts';
import { killSwitchOnRequest, silenceOnRequest } from './brakes.ts';
import { acceptRiskOnRequest, acknowledgeOnRequest, resolveOnRequest } from './exceptions.ts';
import { configuredModel } from './model.ts';
import { applyOnRequest, planOnRequest, releaseOnRequest } from './rollbacks.ts';

export interface OperationsDeps {
  /** As they are now: a reload replaces them. */
  readonly cycle: () => CycleDeps;
  readonly tell: TellDeps;
  readonly burst: Burst;
  readonly driver: Driver;
  /** Sends what waits in the outbox and is due. */
  readonly deliver: () => Promise<number>;
  /** After a commit: the models whose metrics have changed. */
  readonly committed: (models: readonly string[]) => void;
}

/** What a person can ask for, done by this process: the holder of the store. */
export function createOperations(deps: OperationsDeps): Operations {
  const { cycle, driver } = deps;

  async function after<T>(model: string | null, work: Promise<T>): Promise<T> {
    const done = await work;
    deps.committed(model === null ? [] : [model]);
    return done;
  }

  async function told(work: Promise<ExceptionCase>): Promise<ExceptionCase> {
    const exception = await work;
    await deps.deliver();
    deps.committed([exception.model]);
    return exception;
  }

  return {
    evaluate: (name, windowEnd) => evaluate(name, windowEnd, deps),
    freezeBaseline: (model, claim) => after(model, freezeOnRequest(model, claim, cycle())),
    approveBaseline: (id, claim) => after(null, approveOnRequest(id, claim, cycle())),
    planRollback: async (model) => {
      const { plan, gates } = await planOnRequest(model, { trigger: 'manual', by: 'a person' }, cycle());
      return { plan, gates };
    },
    async applyRollback(model, claim) {
      const { id } = await applyOnRequest(model, claim, { ...cycle(), tell: deps.tell });
      const rollback = await after(model, driver.advance(id));
      await deps.deliver();
      return rollback;
    },
    async approveRollback(id, claim) {
      const rollback = await driver.approve(id, claim);
      deps.committed([rollback.model]);
      await deps.deliver();
      return rollback;
    },
    release: (request) => after(request.model, releaseOnRequest(request, cycle())),
    silence: (request) => after(request.model, silenceOnRequest(request, cycle())),
    setKillSwitch: (on, claim) => after(null, killSwitchOnRequest(on, claim, cycle())),
    acknowledge: (id, claim) => told(acknowledgeOnRequest(id, claim, cycle())),
    acceptRisk: (request) => told(acceptRiskOnRequest(request, cycle())),
    resolve: (id, claim) => told(resolveOnRequest(id, claim, cycle())),
  };
}

/** The daemon's cycle, asked for: everything due, the window itself, then the steps that need no waiting. */
async function evaluate(name: string, windowEnd: number | null, deps: OperationsDeps): Promise<Evaluation> {
  const cycle = deps.cycle();
  const model = configuredModel(cycle.config, name);
  const now = cycle.clocks.domain.now();
  const newest = newestClosed({ length: model.window, lateness: model.lateness, now });
  const window = windowEnd === null ? newest : requestedWindow(model, windowEnd, newest);
  const evaluation = await deps.burst.window({ model, window, newest: window.end === newest.end }, cycle);
  for (const { id } of await cycle.store.rollbacks({ model: name, active: true }))
    await deps.driver.advance(id);
  await deps.deliver();
  deps.committed([name]);
  return evaluation;
}

/** The closed window of the model that ends at this instant. Refused when there is none. */
export function requestedWindow(model: ModelConfig, end: number, newest: Window): Window {
  const window = windowAt(model.window, end - 1);
  if (window.end !== end) {
    throw new Refused(
      `No window of ${model.name} ends at ${isoTime(end)}: the nearest ends are ${isoTime(window.start)} and ${isoTime(window.end)}.`,
    );
  }
  if (end > newest.end) {
    throw new Refused(
      `The window of ${model.name} that ends at ${isoTime(end)} has not closed yet: the newest closed one ends at ${isoTime(newest.end)}.`,
    );
  }
  return window;
}
