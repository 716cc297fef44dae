import { NotFound, Refused } from '../../src/operations.ts';
import { applyOnRequest, releaseOnRequest } from '../../src/requests/rollbacks.ts';
import { type Daemon, guarded } from './daemon.ts';
import type { ServedConfig } from './endpoint.ts';
import type { Ground } from './ground.ts';
import type { Site } from './guard.ts';
import { type Human, MINUTE, SECOND } from './scenario.ts';

/** How often somebody comes back who found the endpoint busy, the program down, or nothing to approve. */
const PATIENCE = 5;

/** Somebody changes the workspace, past driftwarden. */
export function actInWorkspace(ground: Ground, site: Site, does: Human): void {
  const { timeline } = ground;
  switch (does) {
    case 'keep redeploying':
      for (const times of [0, 1, 2, 3])
        timeline.after(times * 3 * MINUTE, () => put(ground, site, onlyVersion(site, '7')));
      return;
    case 'other routes':
      return put(ground, site, split(site));
    case 'bad version back':
      return put(ground, site, onlyVersion(site, '7'));
    case 'very same routes':
      return put(ground, site, onlyVersion(site, '6'));
    case 'deploy a version':
      return put(ground, site, withVersion(site, '8'));
    case 'busy':
      if (site.endpoint?.busy() === true)
        ground.say(() => `${site.name}: somebody begins an update that will fail`);
      return;
    case 'delete the endpoint':
      if (site.endpoint === null || site.endpoint.at(0).gone) return;
      ground.say(() => `${site.name}: somebody deletes the endpoint`);
      site.endpoint.remove();
      return ground.stories.changed(site.name, { at: timeline.now(), side: 'traffic', value: null });
    case 'alias to another':
      return alias(ground, site, '5');
    case 'alias to the target':
      return alias(ground, site, '6');
    case 'alias to the bad':
      return alias(ground, site, '7');
    case 'delete the alias':
      return alias(ground, site, null);
  }
}

function alias(ground: Ground, site: Site, version: string | null): void {
  const { stories, timeline, say } = ground;
  say(() => `${site.name}: somebody sets the alias to ${version ?? 'nothing'}`);
  if ((site.registry.at(0).aliases['champion'] ?? null) === version) return;
  site.registry.setAlias('champion', version);
  stories.changed(site.name, { at: timeline.now(), side: 'alias', value: version });
}

type Wanted = Omit<ServedConfig, 'version'>;

function put(ground: Ground, site: Site, wanted: (() => Wanted) | null, tries = PATIENCE): void {
  if (site.endpoint === null || wanted === null) return;
  const asked = wanted();
  const outcome = site.endpoint.put(asked);
  if (outcome === 'accepted')
    ground.say(() => `${site.name}: somebody sets the routes ${JSON.stringify(asked.routes)}`);
  else if (outcome === 'conflict' && tries > 1)
    ground.timeline.after(10 * SECOND, () => put(ground, site, wanted, tries - 1));
}

function configOf(site: Site): ServedConfig {
  const state = site.endpoint?.at(0);
  if (state === undefined) throw new Error(`${site.name} has no endpoint`);
  return state.config;
}

function onlyVersion(site: Site, version: string): (() => Wanted) | null {
  if (site.endpoint === null || !configOf(site).entities.some((entity) => entity.version === version))
    return null;
  return () => {
    const { entities } = configOf(site);
    const routes = Object.fromEntries(
      entities.map((entity) => [entity.name, entity.version === version ? 100 : 0]),
    );
    return { entities, routes, author: 'human' };
  };
}

function split(site: Site): (() => Wanted) | null {
  if (site.endpoint === null) return null;
  return () => {
    const { entities } = configOf(site);
    const routes = Object.fromEntries(
      entities.map((entity, index) => [entity.name, index === 0 ? 40 : 60 / (entities.length - 1)]),
    );
    return {
      entities,
      routes: entities.length === 1 ? { [entities[0]?.name ?? '']: 100 } : routes,
      author: 'human',
    };
  };
}

function withVersion(site: Site, version: string): (() => Wanted) | null {
  if (site.endpoint === null) return null;
  return () => {
    const name = `${site.name}-${version}`;
    const others = configOf(site).entities.filter((entity) => entity.name !== name);
    const routes = Object.fromEntries(others.map((entity) => [entity.name, 0]));
    return { entities: [...others, { name, version }], routes: { ...routes, [name]: 100 }, author: 'human' };
  };
}

/** What somebody asks of the program, and the rollbacks that were approved as the rules want it. */
export interface Requests {
  readonly daemon: () => Daemon;
  readonly approved: Set<string>;
}

/** Somebody approves what waits for it; comes back when nothing does. */
export function approve(ground: Ground, site: Site, by: string, requests: Requests, tries = PATIENCE): void {
  const { life, driver } = requests.daemon();
  const story = ground.stories.active(site.name);
  if (story?.rollback.state !== 'awaiting_approval' || !life.isAlive()) {
    if (tries > 1) ground.timeline.after(MINUTE, () => approve(ground, site, by, requests, tries - 1));
    return;
  }
  const { id, requestedBy, approvalExpiresAt } = story.rollback;
  const inTime = ground.timeline.now() < Date.parse(approvalExpiresAt ?? '');
  ground.say(() => `${by} approves ${id}`);
  if (by !== requestedBy && inTime) requests.approved.add(id);
  void asked(ground, () => driver.approve(id, { by, identity: 'verified', reason: null }));
}

export function cancel(ground: Ground, site: Site, { daemon }: Requests): void {
  const story = ground.stories.active(site.name);
  if (story === null || !daemon().life.isAlive()) return;
  ground.say(() => `ann calls ${story.rollback.id} off`);
  void asked(ground, () =>
    daemon().driver.cancel(story.rollback.id, { by: 'ann', identity: 'verified', reason: 'no' }),
  );
}

export function release(ground: Ground, site: Site, { daemon }: Requests): void {
  const { life, deps } = daemon();
  if (!life.isAlive() || !ground.isConfigured(site.name)) return;
  const request = {
    model: site.name,
    version: '7',
    claim: { by: 'ann', identity: 'verified', reason: 'fixed' },
  } as const;
  void asked(ground, () => releaseOnRequest(request, deps));
}

export function apply(ground: Ground, site: Site, by: string, { daemon }: Requests): void {
  const { life, deps, driver, wake } = daemon();
  if (!life.isAlive() || !ground.isConfigured(site.name)) return;
  void asked(ground, async () => {
    const { id } = await applyOnRequest(site.name, { by, identity: 'verified', reason: 'asked' }, deps);
    ground.say(() => `${by} asked for ${id}`);
    wake();
    await driver.advance(id);
  });
}

/** A rule may say no, and nothing may be there to act on: both are answers. */
async function asked(ground: Ground, work: () => Promise<unknown>): Promise<void> {
  await guarded(ground, async () => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Refused || error instanceof NotFound)) throw error;
      ground.say(() => `the answer is no: ${error.message}`);
    }
  });
}
