import { type Daemon, startDaemon } from './daemon.ts';
import type { Ground } from './ground.ts';
import type { Site } from './guard.ts';
import type { Life, Moment } from './life.ts';
import { actInWorkspace, apply, approve, cancel, release } from './people.ts';
import { type Act, CALM, type Incident, type Place, T0, type Trigger } from './scenario.ts';

/** What goes wrong in a run, and what people do in it, at the moments the scenario says. */
export interface Incidents {
  interrupt(moment: Moment): void;
  killSwitch(): boolean;
  /** Whether the configuration names the model at present. */
  isConfigured(model: string): boolean;
  /** Sets the program and the incidents by time going. */
  begin(ground: Ground): void;
  daemon(): Daemon;
  readonly approved: ReadonlySet<string>;
  /** Incidents that came about, by what they were. */
  readonly happened: { readonly [act: string]: number };
}

export function createIncidents(incidents: readonly Incident[]): Incidents {
  const open = new Set(incidents);
  const approved = new Set<string>();
  const happened: { [act: string]: number } = {};
  const writes = new Map<string, number>();
  /** Moments counted when the first write of a kind left. */
  const firstLeft = new Map<string, number>();
  let ground: Ground | null = null;
  let daemon: Daemon | null = null;
  let lives = 0;
  let moments = 0;
  let killUntil = 0;
  const outUntil = new Map<string, number>();

  function current(): { readonly ground: Ground; readonly daemon: Daemon } {
    if (ground === null || daemon === null) throw new Error('the run has not begun');
    return { ground, daemon };
  }

  function start(): void {
    if (ground === null) return;
    lives += 1;
    const number = lives;
    ground.say(() => `life ${number} begins`);
    daemon = startDaemon(ground, number);
  }

  function happen(incident: Incident, life: Life): void {
    open.delete(incident);
    const on = current().ground;
    const site = on.sites[incident.model];
    if (site === undefined || on.timeline.now() >= CALM) return;
    const { act } = incident;
    happened[act.act] = (happened[act.act] ?? 0) + 1;
    if (act.act === 'crash' || act.act === 'pause') strike(on, life, act);
    else if (act.act === 'kill switch') switchOff(on, act.for);
    else if (act.act === 'blind' || act.act === 'forbidden' || act.act === 'desk down') {
      on.say(() => `${act.act} for ${act.for} ms`);
      on.wire.outage(act.act, act.for);
    } else if (act.act === 'unready') unready(on, site, act);
    else if (act.act === 'taken out') takeOut(on, site.name, act.for);
    else if (act.act === 'human') actInWorkspace(on, site, act.does);
    else request(on, site, act);
  }

  function strike(
    on: Ground,
    life: Life,
    { act, for: length }: { readonly act: 'crash' | 'pause'; readonly for: number },
  ): void {
    if (!life.isAlive()) return;
    on.say(() => `life ${life.number}: ${act} for ${length} ms`);
    if (act === 'pause') return life.pause(length);
    life.die();
    on.timeline.after(length, start);
  }

  function switchOff(on: Ground, length: number): void {
    on.say(() => `kill switch on for ${length} ms`);
    killUntil = Math.max(killUntil, on.timeline.now() + length);
  }

  function takeOut(on: Ground, model: string, length: number): void {
    on.say(() => `${model}: taken out of the configuration for ${length} ms`);
    outUntil.set(model, Math.max(outUntil.get(model) ?? 0, on.timeline.now() + length));
  }

  function request(on: Ground, site: Site, act: Act): void {
    const requests = { daemon: () => current().daemon, approved };
    if (act.act === 'approve') approve(on, site, act.by, requests);
    if (act.act === 'apply') apply(on, site, act.by, requests);
    if (act.act === 'cancel') cancel(on, site, requests);
    if (act.act === 'release') release(on, site, requests);
  }

  function matches(trigger: Trigger, moment: Moment, write: number): boolean {
    if (trigger.on === 'moment') return moment.counted && trigger.n === moments;
    if (trigger.on === 'after write')
      return moments - (firstLeft.get(trigger.what) ?? moments) === trigger.moments;
    if (trigger.on === 'commit')
      return moment.what === `commit ${trigger.state}` && moment.phase === trigger.phase;
    return (
      trigger.on === 'write' &&
      trigger.what === moment.what &&
      trigger.phase === moment.phase &&
      trigger.n === write
    );
  }

  return {
    approved,
    happened,
    killSwitch: () => killUntil > current().ground.timeline.now(),
    isConfigured: (model) => ground === null || (outUntil.get(model) ?? 0) <= ground.timeline.now(),
    daemon: () => current().daemon,
    interrupt(moment) {
      if (moment.counted) moments += 1;
      if (moment.phase === 'sent' && !firstLeft.has(moment.what)) firstLeft.set(moment.what, moments);
      if (open.size === 0) return;
      const key = `${moment.what} ${moment.phase}`;
      const write = (writes.get(key) ?? 0) + 1;
      writes.set(key, write);
      for (const incident of open) {
        if (incident.trigger.on !== 'time' && matches(incident.trigger, moment, write))
          happen(incident, moment.life);
      }
    },
    begin(on) {
      ground = on;
      start();
      for (const incident of open) {
        const { trigger } = incident;
        if (trigger.on === 'time')
          on.timeline.after(trigger.at - T0, () => happen(incident, current().daemon.life));
      }
    },
  };
}

function unready(
  on: Ground,
  site: Site,
  { where, for: length }: { readonly where: Place; readonly for: number },
): void {
  on.say(() => `${site.name}: version 6 is not ready (${where}) for ${length} ms`);
  const set = (fit: boolean): void => {
    if (where === 'approval') return site.registry.setApproved('6', fit);
    (where === 'endpoint' ? site.endpoint : site.registry)?.setReady('6', fit);
  };
  set(false);
  on.timeline.after(length, () => set(true));
}
