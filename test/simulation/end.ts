import { FINAL_STATES, type Rollback } from '../../src/rollback/rollback.ts';
import { sameRoutes } from '../../src/rollback/snapshot.ts';
import type { Ground } from './ground.ts';
import { type Looks, type Story, shownTo } from './stories.ts';
import type { Stop } from './timeline.ts';

type Reporting = Pick<Ground, 'violate' | 'say'> & { readonly now: () => number };

/** Ends that say nothing of anybody else. */
const SILENT: readonly string[] = ['blocked', 'cancelled', 'expired'];

/** When a state is committed: whether it may be said, by what its life has read. */
export function checkEntered(story: Story, looks: Looks, { violate, say, now }: Reporting): void {
  const { rollback } = story;
  const { id, state, history, gates } = rollback;
  say(() => `${id} is ${state}: ${history.at(-1)?.why ?? ''}`);
  if (state === 'done') {
    const why = whyUnproven(rollback, looks) ?? whyEarly(rollback, now());
    if (why !== null) violate('done without proof', `${id}: ${why}`);
  }
  const forgotten = state === 'done' ? shownTo(story, looks) : SILENT.includes(state) ? looks.shown : null;
  if (forgotten !== null) violate('change forgotten', `${id} is ${state} after it was shown: ${forgotten}`);
  if (state === 'superseded' && story.changes.length === 0)
    violate('nobody accused', `${id}: ${history.at(-1)?.why ?? ''}`);
  const held = gates.find((gate) => gate.held);
  const firstIntent = state === 'shifting_traffic' || (state === 'moving_alias' && story.asked === 0);
  if (firstIntent && held !== undefined)
    violate('no intent', `${id} enters ${state} with gate ${held.gate} held`);
}

function whyUnproven({ plan }: Rollback, { endpoint, alias }: Looks): string | null {
  if (plan.routesAfter !== null) {
    if (endpoint === null) return 'the endpoint was not read';
    const before = plan.servingBefore;
    const moves = plan.removes !== undefined || !sameRoutes(before?.routes ?? {}, plan.routesAfter);
    const writes = before !== null && moves;
    const expected = (before?.configVersion ?? 0) + (writes ? 1 : 0);
    if (endpoint.config.version !== expected)
      return `configuration ${endpoint.config.version} was read, not ${expected}`;
    if (!sameRoutes(endpoint.config.routes, plan.routesAfter)) return 'other routes were read';
  }
  if (plan.alias !== null && alias !== plan.alias.after) return `the alias was read as ${alias ?? 'nothing'}`;
  return null;
}

function whyEarly({ dwellUntil }: Rollback, now: number): string | null {
  return now < Date.parse(dwellUntil ?? '') ? `it was to be watched until ${dwellUntil ?? ''}` : null;
}

/** When a run is over: what was begun has ended, is on the record, and was told. */
export function checkEnd(ground: Ground, stopped: Stop): void {
  const { stories, violate } = ground;
  for (const story of stories.all.values()) checkStory(story, ground);
  const waits = stories.anyActive() || stories.delivered.size < stories.messages.size;
  if (stopped === 'too much happens' || (stopped === 'time is up' && !waits)) {
    violate('never ends', `the run does not come to rest: ${stopped}`);
  }
  checkTickets(ground);
}

function checkStory({ rollback, overwritten, recorded }: Story, { violate }: Ground): void {
  const { id, state, history } = rollback;
  if (!FINAL_STATES.includes(state))
    violate('never ends', `${id} is still ${state}: ${history.at(-1)?.why ?? ''}`);
  if (overwritten.length > 0 && state !== 'superseded' && state !== 'needs_human') {
    violate('override not found', `${id} is ${state} and had written over ${overwritten.join(', ')}`);
  }
  const missing = history.find((entry) => !recorded.has(entry.state));
  if (missing !== undefined)
    violate('audit', `${id} has ${missing.state} on its history and no record of it`);
}

/** The states that the owner of a case is told about, and a person who is needed. */
const TOLD: readonly string[] = [
  'shifting_traffic',
  'done',
  'superseded',
  'blocked',
  'needs_human',
  'cancelled',
  'expired',
];

function checkTickets({ stories, desk, violate }: Ground): void {
  const arrived = new Set([...desk.cases.values()].flat());
  for (const message of stories.messages.values()) {
    if (!arrived.has(message.key)) violate('lost ticket', `${message.key} never reached the desk`);
  }
  for (const key of desk.mixed) violate('lost ticket', `${key} came twice with different contents`);
  for (const [exception, keys] of desk.cases) {
    const queued = [...stories.messages.values()].filter((message) => message.exception === exception);
    const expected = queued.map(({ key }) => key).filter((key) => keys.includes(key));
    if (keys.some((key, index) => key !== expected[index]))
      violate('lost ticket', `${exception} was told out of order`);
  }
  const texts = [...stories.messages.values()].map(({ text }) => text);
  for (const { rollback } of stories.all.values()) {
    for (const { state } of rollback.history.filter((entry) => TOLD.includes(entry.state))) {
      const told = texts.some(
        (text) =>
          text.startsWith(`Rollback ${rollback.id},`) && text.includes(`: ${state.replaceAll('_', ' ')}. `),
      );
      if (!told) violate('lost ticket', `nobody was told that ${rollback.id} is ${state}`);
    }
  }
}
