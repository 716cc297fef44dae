import { verifyStore } from '../audit/verify.ts';
import type { Rollback } from '../rollback/rollback.ts';
import type { Store, StoredEvaluation } from '../store/store.ts';
import type { World } from './world.ts';

/** How it went, line by line, and whether everything happened that the story promises. */
export interface Story {
  readonly holds: boolean;
  readonly lines: readonly string[];
}

interface Chapter {
  readonly title: string;
  readonly holds: boolean;
  readonly told: readonly string[];
}

/** Holds the daemon's account against what really happened in the simulated world. */
export async function tellStory(world: World, store: Store): Promise<Story> {
  const chapters = [
    wentWrong(world),
    await noticed(world, store),
    await rolledBack(world, store),
    await ticketed(world, store),
    await recovered(world, store),
    await quietTwin(world, store),
    await audited(store),
  ];
  const lines = chapters.flatMap(({ title, holds, told }) => [
    `${holds ? 'yes' : 'NO '}  ${title}`,
    ...told.map((line) => `       ${line}`),
  ]);
  const holds = chapters.every((chapter) => chapter.holds);
  return {
    holds,
    lines: [
      '',
      'What happened (simulated world, real daemon):',
      ...lines,
      '',
      holds ? 'The story holds.' : 'THE STORY DOES NOT HOLD.',
      '',
    ],
  };
}

function time(milliseconds: number | null): string {
  return milliseconds === null ? 'never' : new Date(milliseconds).toISOString().replace(':00.000Z', 'Z');
}

function wentWrong({ scenario, facts }: World): Chapter {
  const { promotedAt, wentWrongAt } = facts();
  return {
    title: `the challenger, version ${scenario.challenger}, was promoted and went wrong`,
    holds: promotedAt !== null && wentWrongAt !== null,
    told: [`promoted ${time(promotedAt)}, went wrong ${time(wentWrongAt)}`],
  };
}

/** Windows of the failing version in breach, oldest first. */
async function breaches({ scenario }: World, store: Store): Promise<readonly StoredEvaluation[]> {
  const evaluations = await store.evaluations({ model: scenario.model, limit: 1000 });
  return evaluations
    .filter(({ record }) =>
      record.policy.some(({ version, verdict }) => version === scenario.challenger && verdict === 'breach'),
    )
    .toReversed();
}

async function noticed(world: World, store: Store): Promise<Chapter> {
  const { scenario } = world;
  const title = 'driftwarden noticed it, and not before it happened';
  const first = (await breaches(world, store))[0]?.record;
  if (first === undefined) return { title, holds: false, told: ['it was never noticed'] };
  const check = first.checks.find(
    ({ version, verdict }) => version === scenario.challenger && verdict === 'breach',
  );
  const early = Date.parse(first.window.end) <= scenario.wrongAt;
  return { title, holds: !early, told: [`window ending ${first.window.end}: ${check?.reason ?? ''}`] };
}

async function rolledBack(world: World, store: Store): Promise<Chapter> {
  const { scenario, facts } = world;
  const rollbacks = await store.rollbacks({ model: scenario.model });
  const { endpoints, models, putBackAt } = facts();
  const puts = endpoints[scenario.endpoint]?.effectivePuts ?? 0;
  const aliases = Object.values(models).find(
    (model) => model.aliases['champion'] !== undefined && model.aliasPuts > 0,
  );
  const done = rollbacks.filter(({ state }) => state === 'done');
  const holds =
    rollbacks.length === 1 &&
    done.length === 1 &&
    puts === 1 &&
    putBackAt !== null &&
    aliases?.aliases['champion'] === scenario.champion;
  return {
    title: `version ${scenario.champion} was put back, by one effective change of traffic and one of the alias`,
    holds,
    told: [
      ...rollbacks.flatMap(states),
      `effective PUTs on the endpoint: ${puts}, alias writes: ${aliases?.aliasPuts ?? 0}, champion took all traffic ${time(putBackAt)}`,
    ],
  };
}

function states({ id, from, to, history }: Rollback): readonly string[] {
  return [`${id}: version ${from} -> ${to}`, ...history.map(({ at, state }) => `${at}  ${state}`)];
}

async function ticketed(world: World, store: Store): Promise<Chapter> {
  const cases = await store.exceptions({ model: world.scenario.model });
  const { tickets } = world.facts();
  const told = tickets.map((ticket) => `ticket ${ticket.key}: ${JSON.stringify(ticket.title)}`);
  return {
    title: 'the owner was told, by one ticket',
    holds: cases.length === 1 && tickets.length === 1 && cases[0]?.ticket?.key === tickets[0]?.key,
    told,
  };
}

async function recovered(world: World, store: Store): Promise<Chapter> {
  const cases = await store.exceptions({ model: world.scenario.model });
  const told = cases.map(
    ({ id, cause, state, history }) => `${id} (${cause}): ${state} ${history.at(-1)?.at ?? ''}`,
  );
  return {
    title: 'the traffic recovered and the exception closed by itself',
    holds: cases.length > 0 && cases.every(({ state }) => state === 'resolved'),
    told,
  };
}

async function quietTwin({ scenario }: World, store: Store): Promise<Chapter> {
  const [cases, evaluations] = await Promise.all([
    store.exceptions({ model: scenario.twin }),
    store.evaluations({ model: scenario.twin, limit: 1000 }),
  ]);
  const loud = evaluations.filter(({ record }) => record.verdict !== 'ok').length;
  return {
    title: `the quiet twin, ${scenario.twin}, raised nothing`,
    holds: cases.length === 0 && loud === 0 && evaluations.length > 0,
    told: [`${evaluations.length} windows, ${loud} of them not ok, ${cases.length} exceptions`],
  };
}

async function audited(store: Store): Promise<Chapter> {
  const result = await verifyStore(store);
  const told = result.intact
    ? [`${result.records} records, ${result.checkpoints} signed checkpoints, head ${result.head}`]
    : [`broken at record ${result.seq ?? 'unknown'}: ${result.why}`];
  return { title: 'the audit chain verifies', holds: result.intact, told };
}
