import type { RollbackState } from '../../src/rollback/rollback.ts';
import { type Incident, LATEST_ARRIVAL, MINUTE, type ModelScene, type Scenario } from './scenario.ts';

/** Parts of scenarios in which nothing goes wrong but what a test puts there. */
export const CLEAN = {
  lostRequest: 0,
  lostResponse: 0,
  limited: 0,
  unavailable: 0,
  stale: 0,
  latency: [20, 400],
  latestArrival: LATEST_ARRIVAL,
} as const;
export const INSTANT = { instant: 1, quick: 0, slow: 0, stuck: 0, fails: 0 };
export const STUCK = { instant: 0, quick: 0, slow: 0, stuck: 1, fails: 0 };

export function sceneOf(name: string, fields: Partial<ModelScene> = {}): ModelScene {
  return {
    name,
    mode: 'auto',
    moves: ['traffic', 'alias'],
    batch: false,
    start: 'promoted',
    target: 'hot',
    breaches: 1,
    fallback: false,
    ...fields,
  };
}

type Varied = 'target' | 'mode' | 'fallback';

/** A run of one model in which nothing goes wrong but what is given. */
export function calm(
  scenario: Scenario,
  { target, mode, fallback, ...fields }: Partial<Scenario> & Partial<Pick<ModelScene, Varied>>,
): Scenario {
  const scene = sceneOf('credit', {
    ...(target === undefined ? {} : { target }),
    ...(mode === undefined ? {} : { mode }),
    ...(fallback === undefined ? {} : { fallback }),
  });
  return {
    ...scenario,
    models: [scene],
    network: CLEAN,
    updates: INSTANT,
    incidents: [],
    windows: 1,
    contended: 0,
    ...fields,
  };
}

export function human(
  does: 'other routes' | 'alias to another',
  when: 'commit' | 'leaves' | 'answered' | 'in the dwell',
): Incident {
  const trigger =
    when === 'commit' || when === 'in the dwell'
      ? ({ on: 'commit', state: when === 'commit' ? 'planned' : 'dwelling', phase: 'after' } as const)
      : ({ on: 'write', what: 'shift', phase: when, n: 1 } as const);
  return { model: 0, trigger, act: { act: 'human', does } };
}

export function backLater(): Incident {
  return {
    model: 0,
    trigger: { on: 'commit', state: 'done', phase: 'after' },
    act: { act: 'human', does: 'bad version back' },
  };
}

export function stopBefore(state: RollbackState, length: number): Incident {
  return {
    model: 0,
    trigger: { on: 'commit', state, phase: 'before' },
    act: { act: 'kill switch', for: length },
  };
}

export function unreadyLater(): Incident {
  return {
    model: 0,
    trigger: { on: 'commit', state: 'planned', phase: 'after' },
    act: { act: 'unready', where: 'endpoint', for: 5 * MINUTE },
  };
}
