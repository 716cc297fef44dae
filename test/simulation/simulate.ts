import { verifyStore } from '../../src/audit/verify.ts';
import { countsOf } from './counts.ts';
import { checkEnd, checkEntered } from './end.ts';
import type { Ground, Plant } from './ground.ts';
import { createGuard, type Site } from './guard.ts';
import { createIncidents, type Incidents } from './incidents.ts';
import { createSimulatedDesk } from './ports.ts';
import { createRandom } from './random.ts';
import { CALM, drawScenario, HORIZON, type Scenario, T0 } from './scenario.ts';
import { configFor } from './settings.ts';
import { baselineFor, createJudge, createSite } from './sites.ts';
import { emptyStore } from './store.ts';
import { createStories, type Stories } from './stories.ts';
import { createTimeline, type Timeline } from './timeline.ts';
import type { Violation } from './violation.ts';
import { createWire } from './wire.ts';

/** What came of one run. */
export interface Outcome {
  readonly seed: number;
  readonly violations: readonly Violation[];
  /** Everything that is counted, by name. */
  readonly counts: { readonly [what: string]: number };
}

export interface SimulationOptions {
  /** Instead of the one that is drawn from the seed. */
  readonly scenario?: Scenario;
  readonly plant?: Plant;
  /** Gets a line for everything that happens. */
  readonly trace?: (line: string) => void;
}

/** Runs one seed to its end, one at a time in a process. The same seed and options give the same run. `loadSettings` must have been awaited. */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<Outcome> {
  const scenario = options.scenario ?? drawScenario(seed);
  const timeline = createTimeline(T0);
  const made = emptyStore(timeline);
  const store = options.plant?.disk?.(made) ?? made;
  const incidents = createIncidents(scenario.incidents);
  const { ground, violations } = createGround(scenario, { options, timeline, incidents, store });
  await store.commit({ audit: [], baselines: scenario.models.map(({ name }) => baselineFor(name)) });
  incidents.begin(ground);
  const stopped = await timeline.run(() => isOver(ground, incidents), HORIZON);
  checkEnd(ground, stopped);
  const chain = await verifyStore(store);
  if (!chain.intact) ground.violate('audit', `record ${chain.seq ?? '?'}: ${chain.why}`);
  incidents.daemon().life.die();
  return { seed, violations, counts: countsOf(ground, incidents.happened) };
}

function isOver({ stories }: Ground, incidents: Incidents): boolean {
  if (stories.anyActive() || stories.delivered.size < stories.messages.size) return false;
  const { life, judgedAll } = incidents.daemon();
  return life.isAlive() && judgedAll();
}

interface Parts {
  readonly options: SimulationOptions;
  readonly timeline: Timeline;
  readonly incidents: Incidents;
  readonly store: Ground['store'];
}

function createGround(scenario: Scenario, { options, timeline, incidents, store }: Parts) {
  const violations: Violation[] = [];
  const say: Ground['say'] = (text) =>
    options.trace?.(`${new Date(timeline.now()).toISOString().slice(11, 23)}  ${text()}`);
  const violate: Ground['violate'] = (invariant, why) => {
    violations.push({ invariant, why });
    say(() => `VIOLATION of "${invariant}": ${why}`);
  };
  const stories: Stories = createStories({
    maxRollbacksPerHour: scenario.maxRollbacksPerHour,
    violate,
    entered: (story, life) =>
      checkEntered(story, stories.looks(story, life), { violate, say, now: timeline.now }),
  });
  const updates = createRandom(scenario.seed, 3);
  const active: Parameters<typeof createSite>[1]['active'] = (model, { author, version }) => {
    if (author !== 'human') return;
    stories.changed(model, { at: timeline.now(), side: 'traffic', value: String(version) });
  };
  const sites = scenario.models.map(
    (model): Site => createSite(model, { scenario, timeline, random: updates, say, active }),
  );
  const { killSwitch, isConfigured, approved, interrupt } = incidents;
  const contention = createRandom(scenario.seed, 5);
  const network = createRandom(scenario.seed, 2);
  const ground: Ground = {
    scenario,
    config: configFor(scenario),
    timeline,
    store,
    wire: createWire({ network: scenario.network, timeline, random: network, interrupt, say }),
    sites,
    desk: createSimulatedDesk(),
    stories,
    guard: createGuard({ stories, now: timeline.now, killSwitch, approved, violate, say }),
    killSwitch,
    isConfigured,
    isContended: () => timeline.now() < CALM && contention.chance(scenario.contended),
    interrupt,
    verdicts: createJudge(scenario, sites),
    violate,
    say,
    plant: options.plant ?? {},
  };
  return { ground, violations };
}
