import type { Ground } from './ground.ts';
import { drawScenario, type Scenario } from './scenario.ts';
import { type Outcome, simulate } from './simulate.ts';

/**
 * The scenario of a failing seed with everything left out that the failure does not need: what is left is what a person
 * has to read. Answers null when the seed does not fail.
 */
export async function shrink(seed: number, plant: Ground['plant'] = {}): Promise<Scenario | null> {
  const broken = invariantOf(await simulate(seed, { plant }));
  if (broken === null) return null;
  let smallest = drawScenario(seed);
  for (let tried = simpler(smallest); tried.length > 0; ) {
    const [candidate, ...others] = tried;
    if (candidate === undefined) break;
    tried = others;
    if (invariantOf(await simulate(seed, { plant, scenario: candidate })) !== broken) continue;
    smallest = candidate;
    tried = simpler(smallest);
  }
  return smallest;
}

function invariantOf({ violations }: Outcome): string | null {
  return violations[0]?.invariant ?? null;
}

const CLEAN = { lostRequest: 0, lostResponse: 0, limited: 0, unavailable: 0, stale: 0 };
const INSTANT = { instant: 1, quick: 0, slow: 0, stuck: 0, fails: 0 };

/** The scenario with one thing less, the largest first; none that is the same. */
function simpler(scenario: Scenario): readonly Scenario[] {
  const { network, incidents, models, windows } = scenario;
  const faults = Object.keys(CLEAN) as (keyof typeof CLEAN)[];
  const candidates: readonly Scenario[] = [
    { ...scenario, network: { ...network, ...CLEAN } },
    { ...scenario, updates: INSTANT },
    { ...scenario, contended: 0 },
    { ...scenario, models: models.map((model) => ({ ...model, fallback: false })) },
    { ...scenario, windows: 1 },
    { ...scenario, windows: windows - 1 },
    ...(models.length > 1
      ? [{ ...scenario, models: models.slice(0, 1), incidents: incidents.filter(({ model }) => model === 0) }]
      : []),
    ...incidents.map((left) => ({
      ...scenario,
      incidents: incidents.filter((incident) => incident !== left),
    })),
    ...faults.map((fault) => ({ ...scenario, network: { ...network, [fault]: 0 } })),
    { ...scenario, network: { ...network, latency: [20, 20] as const } },
  ];
  const same = JSON.stringify(scenario);
  return candidates.filter((candidate) => candidate.windows > 0 && JSON.stringify(candidate) !== same);
}
