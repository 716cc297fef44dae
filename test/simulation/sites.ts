import type { Verdict } from '../../src/judge/verdict.ts';
import { baselineOf } from '../contracts/store-records.ts';
import { createEndpoint, type ServedConfig } from './endpoint.ts';
import type { Ground } from './ground.ts';
import type { Site } from './guard.ts';
import { createRandom, type Random } from './random.ts';
import { createModel } from './registry.ts';
import type { ModelScene, Scenario } from './scenario.ts';
import type { Timeline } from './timeline.ts';
import type { Verdicts } from './windows.ts';

export interface SiteParts {
  readonly scenario: Scenario;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly say: Ground['say'];
  readonly active: (model: string, config: ServedConfig) => void;
}

/** Registry and endpoint of one model as the run finds them: version 7 serves, version 6 is the champion or was. */
export function createSite(scene: ModelScene, { scenario, timeline, random, say, active }: SiteParts): Site {
  const { name, start, target, batch } = scene;
  const served = target === 'absent' ? ['7', '5'] : ['7', '6'];
  const share = start === 'canary' ? 60 : 100;
  const [first = '', second = ''] = served.map((version) => `${name}-${version}`);
  const config = {
    version: 11,
    entities: served.map((version) => ({ name: `${name}-${version}`, version })),
    routes: { [first]: share, [second]: 100 - share },
    author: 'start' as const,
  };
  const unready = target === 'not ready' ? ['6'] : [];
  const endpoint = createEndpoint({
    start: { config, unready, cold: target === 'cold' ? ['6'] : [] },
    timeline,
    random,
    updates: scenario.updates,
    say,
    active: (served) => active(name, served),
  });
  const registry = createModel(
    {
      ...names(scene),
      unready: target === 'not registered as ready' ? ['6'] : [],
      unapproved: target === 'not approved' ? ['6'] : [],
    },
    timeline,
  );
  return { name, endpoint: batch ? null : endpoint, registry, fallback: scene.fallback };
}

function names({ batch, start }: ModelScene) {
  if (!batch && !start.startsWith('promoted')) return { aliases: { champion: '6' }, tags: {} };
  if (start === 'promoted, tag') return { aliases: { champion: '7' }, tags: { rollback_version: '6' } };
  return { aliases: { champion: '7', rollback: '6' }, tags: {} };
}

/** Version 7 is bad, version 6 is where the scenario says so, and the judge sees what has traffic. */
export function createJudge(scenario: Scenario, sites: readonly Site[]): Ground['verdicts'] {
  const random = createRandom(scenario.seed, 4);
  const known = new Map<string, Verdicts>();
  return (model, window) => {
    const key = `${model} ${window}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const index = sites.findIndex(({ name }) => name === model);
    const scene = scenario.models[index];
    const bad = scene?.target === 'in breach too' ? ['7', '6'] : ['7'];
    const verdicts: { [version: string]: Verdict } = {};
    for (const version of servingVersions(sites[index])) {
      verdicts[version] = bad.includes(version) && random.chance(scene?.breaches ?? 1) ? 'breach' : 'ok';
    }
    if (scene?.target === 'in breach too') verdicts['6'] = 'breach';
    known.set(key, verdicts);
    return verdicts;
  };
}

function servingVersions(site: Site | undefined): readonly string[] {
  const config = site?.endpoint?.at(0).config;
  if (config === undefined) return [site?.registry.at(0).aliases['champion'] ?? '7'];
  return config.entities.filter(({ name }) => (config.routes[name] ?? 0) > 0).map(({ version }) => version);
}

/** The approved baseline that every window of the model is compared with. */
export function baselineFor(model: string) {
  const draft = baselineOf(`b-${model}`, { state: 'approved' });
  const { columns } = draft.content;
  const predictions = columns.map((column) => ({ version: 'all', rows: 1000, column }));
  return {
    ...draft,
    hash: model.padEnd(64, '0'),
    content: { ...draft.content, model, predictions },
  };
}
