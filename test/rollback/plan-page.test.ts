import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { ModelConfig } from '../../src/config/config.ts';
import { askGates } from '../../src/rollback/gates/gates.ts';
import { type GateSources, gatherFacts } from '../../src/rollback/gates/gather.ts';
import { buildPlan } from '../../src/rollback/plan.ts';
import { planStory } from '../../src/rollback/plan-story.ts';
import { withTarget } from '../../src/rollback/view.ts';
import type { WorldView } from '../../src/rollback/world.ts';
import { baselineOf, holdOf } from '../contracts/store-records.ts';
import { createFakeWorld } from './fake-world.ts';
import { aModel, anEndpoint, anEntity, aRegisteredModel, aView, HOUR, seen, T0, unseen } from './support.ts';

const PAGE = resolve(import.meta.dirname, '../../docs/rollback-plan.md');

/** The program's own plan, gates and words, of a store that knows one approved baseline. */
async function told(
  model: ModelConfig,
  view: WorldView,
  store: Partial<GateSources['store']> = {},
): Promise<string> {
  const evidence = {
    windowEnd: T0 - HOUR,
    baseline: { id: 'b1', state: 'approved' },
    targetVerdict: null,
    data: null,
  } as const;
  const question = { trigger: 'automatic', requestedBy: 'driftwarden', rollback: null, now: T0 } as const;
  const facts = await gatherFacts(
    { ...question, model, view, evidence },
    {
      store: {
        rollbacks: async () => [],
        holds: async () => [],
        baselines: async () => [baselineOf('b1', { state: 'approved' })],
        ...store,
      },
      actions: { killSwitch: null, maxRollbacksPerHour: 3, maxShareOfModels: 0.1 },
      breaching: async () => ({ models: 10, inBreach: new Set([model.name]), tables: TABLES }),
      silence: async () => null,
      standing: async () => 'active',
      freezes: [],
      killSwitch: () => false,
    },
  );
  const plan = buildPlan(model, view);
  const lines = planStory({ model: model.name, plan, gates: askGates(facts), config: model.rollback });
  return lines.join('\n');
}

/** Each model reads its own table. */
const TABLES = new Map([
  ['credit_pd', 'main.risk.credit_scores'],
  ['fraud', 'main.risk.fraud_scores'],
]);

const alone = anEndpoint({ entities: [anEntity('7')], routes: { 'pd-7': 100 } });
const asleep = anEndpoint({
  entities: [anEntity('7'), anEntity('6', { warm: false })],
  fallback: true,
});

/** As the program itself makes it of an endpoint that does not answer. */
const UNREAD = await withTarget(createFakeWorld().ports, aModel(), {
  world: { registered: seen(aRegisteredModel()), endpoint: unseen() },
  from: null,
});

const SITUATIONS = [
  {
    title: 'Ready',
    model: aModel(),
    view: aView(),
    held: [],
    said: 'The champion stands by, warm. This is how a model should stand on a quiet day.',
  },
  {
    title: 'A person must approve, the champion is asleep, and the endpoint falls back',
    model: aModel({ mode: 'approve' }),
    view: aView({ endpoint: seen(asleep) }),
    held: [],
    said: 'It would work, but take minutes. The failing version has to leave the endpoint, because fallback would go on sending it requests.',
  },
  {
    title: 'The champion is not on the endpoint',
    model: aModel(),
    view: aView({ endpoint: seen(alone) }),
    held: [],
    said: 'It would work, but the champion is deployed first, and the failing version serves until then. Kept on the endpoint with 0 % of the traffic it would take over in seconds.',
  },
  {
    title: 'The endpoint cannot be read',
    model: aModel(),
    view: UNREAD,
    held: ['no_target', 'champion_not_ready', 'version_unknown'],
    said: 'Nothing is known, which is not the same as nothing being there. All three gates name the same cause: mend the connection.',
  },
  {
    title: 'Left once already',
    model: aModel(),
    view: aView(),
    store: { holds: async () => [holdOf('7', { rollback: 'rb-1' })] },
    held: ['hold'],
    said: 'Somebody has put the version back after a rollback. It is not fought: a person releases the hold, or keeps it.',
  },
] as const;

test('the page shows what the command prints in five situations', async () => {
  const parts = [];
  for (const { title, said, held, model, view, ...more } of SITUATIONS) {
    const text = await told(model, view, 'store' in more ? more.store : {});
    const gates = [...text.matchAll(/^ {2}HELD {2}(\w+)/gm)].map(([, gate]) => gate);
    expect(gates, title).toEqual(held);
    expect(text).toMatch(held.length === 0 ? /^No gate holds/m : /^Next: nothing is changed/m);
    parts.push(`## ${title}\n\n${said}\n\n\`\`\`\n${text}\n\`\`\`\n`);
  }
  const page = `# What rollback plan says, in five situations

What \`driftwarden rollback plan\` prints for one model, and how to read it. A test writes this page from the program, so it is what you will see.

From the top: which version would be left for which, why that one, how fast it takes over, what would be changed. Then the gates, those that hold first.
The last lines say what happens next and how to stop it. The command changes nothing; its exit code is 2 when a gate holds. What each gate is for stands in
[rollback.md](rollback.md#the-gates).

${parts.join('\n')}`;
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, page);
  expect(readFileSync(PAGE, 'utf8'), 'UPDATE_DOCS=1 rewrites it').toBe(page);
});

test('without a plan and a configuration nothing is promised', () => {
  const lines = planStory({ model: 'credit_pd', plan: null, gates: [], config: null });
  expect(lines[0]).toBe('credit_pd: no rollback can be planned now.');
  expect(lines.join(' ')).not.toMatch(/readiness|each read back/);
});
