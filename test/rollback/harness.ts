import { onTestFinished } from 'vitest';
import { ephemeralSigner } from '../../src/audit/signer.ts';
import type { ModelConfig } from '../../src/config/config.ts';
import { silentLogger } from '../../src/log.ts';
import { createDriver, type Driver } from '../../src/rollback/driver.ts';
import { evidenceOf } from '../../src/rollback/gates/evidence.ts';
import { askGates } from '../../src/rollback/gates/gates.ts';
import { gatherFacts } from '../../src/rollback/gates/gather.ts';
import { rollbackEntry } from '../../src/rollback/record.ts';
import type { Rollback } from '../../src/rollback/rollback.ts';
import type { StepperOptions } from '../../src/rollback/stepper.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import type { Store } from '../../src/store/store.ts';
import { baselineOf, evaluationOf } from '../contracts/store-records.ts';
import { createFakeWorld, type FakeWorld } from './fake-world.ts';
import { aModel, aRollback, HOUR, iso, MINUTE, SECOND, T0 } from './support.ts';

const signer = ephemeralSigner();

export interface Harness {
  readonly world: FakeWorld;
  readonly store: Store;
  /** The driver of the present process. */
  driver(): Driver;
  /** A new process on the same store and world. */
  restart(): void;
  now(): number;
  pass(milliseconds: number): void;
  killSwitch: boolean;
  model: ModelConfig | null;
  rollback(): Promise<Rollback>;
  /** States on the history of the rollback. */
  states(): Promise<readonly string[]>;
  /** Advances and lets time pass in between, until the rollback has ended. */
  finish(step?: number): Promise<Rollback>;
  readonly id: string;
  /** For tests that make many; the end of a test closes what is left open. */
  close(): Promise<void>;
}

export interface Setting {
  readonly model?: ModelConfig;
  readonly rollback?: Partial<Rollback>;
  readonly options?: Partial<StepperOptions>;
}

/** A committed rollback from 7 to 6 with everything around it real, but for the workspace and the clock. */
export async function aHarness(setting: Setting = {}): Promise<Harness> {
  const world = createFakeWorld();
  const clock = { position: T0 };
  const domain = { now: () => clock.position };
  const store = await openSqliteStore({
    mode: 'write',
    path: ':memory:',
    clock: domain,
    signer: () => signer,
    checkpointEvery: { records: 1000 },
    genesis: { build: 'test', configHash: 'a'.repeat(64) },
  });
  let open = true;
  const close = async (): Promise<void> => {
    if (open) await store.close();
    open = false;
  };
  onTestFinished(close);
  const model = setting.model ?? aModel();
  const rollback = aRollback(setting.rollback, model);
  await seed(store, rollback);

  const options = (): StepperOptions => ({
    store,
    ports: world.ports,
    clocks: { domain, wall: domain },
    logger: silentLogger(),
    killSwitch: () => harness.killSwitch,
    model: () => harness.model,
    gates: async ({ rollback: asked, model: configured, view, now }) => {
      const { trigger, requestedBy } = asked;
      const evidence = await evidenceOf(asked, store);
      const sources = {
        store,
        actions: { killSwitch: null, maxRollbacksPerHour: 3, maxShareOfModels: 0.1 },
        freezes: [],
        killSwitch: () => harness.killSwitch,
        breaching: async () => ({
          models: 10,
          inBreach: new Set<string>(),
          tables: new Map<string, string>(),
        }),
        silence: async () => null,
        standing: async () => 'active' as const,
      };
      const question = { model: configured, trigger, view, evidence, requestedBy, rollback: asked, now };
      return askGates(await gatherFacts(question, sources));
    },
    onTransition: async () => ({}),
    ...setting.options,
  });
  let driver = createDriver(options());
  const load = async (): Promise<Rollback> => {
    const found = await store.rollback(rollback.id);
    if (found === null) throw new Error('the rollback is gone');
    return found;
  };
  const harness: Harness = {
    world,
    store,
    driver: () => driver,
    restart: () => {
      driver = createDriver(options());
    },
    now: () => clock.position,
    pass: (milliseconds) => {
      clock.position += milliseconds;
    },
    killSwitch: false,
    model,
    id: rollback.id,
    close,
    rollback: load,
    states: async () => (await load()).history.map(({ state }) => state),
    async finish(step = 20 * SECOND) {
      for (let turns = 0; turns < 2000; turns += 1) {
        const reached = await driver.advance(rollback.id);
        if (reached.endedAt !== null) return reached;
        // A dwell in small ticks would only repeat itself.
        clock.position += reached.state === 'dwelling' ? Math.max(step, 10 * MINUTE) : step;
      }
      throw new Error('the rollback does not end');
    },
  };
  return harness;
}

async function seed(store: Store, rollback: Rollback): Promise<void> {
  const approved = baselineOf('b1', { state: 'approved' });
  const predictions = approved.content.columns.map((column) => ({ version: '7', rows: 1000, column }));
  const baseline = { ...approved, content: { ...approved.content, predictions } };
  const record = evaluationOf(rollback.model, T0 - HOUR, { id: 'ev-1', verdict: 'breach' });
  await store.commit({
    audit: [rollbackEntry(rollback)],
    baselines: [baseline],
    evaluation: { record, hash: 'b'.repeat(64), endedAt: iso(T0) },
    rollbacks: [rollback],
  });
}
