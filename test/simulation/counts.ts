import { FINAL_STATES } from '../../src/rollback/rollback.ts';
import type { Ground } from './ground.ts';
import type { Story } from './stories.ts';

/** Everything of a run that is worth counting, by name. */
export function countsOf(
  { stories, guard, wire, desk, scenario }: Ground,
  happened: { readonly [act: string]: number },
): { readonly [what: string]: number } {
  const counts: { [what: string]: number } = { models: scenario.models.length };
  const add = (what: string, number = 1): void => {
    counts[what] = (counts[what] ?? 0) + number;
  };
  for (const [what, number] of Object.entries(guard.seen)) add(what, number);
  for (const [fault, number] of Object.entries(wire.faults)) add(`fault: ${fault}`, number);
  for (const [act, number] of Object.entries(happened)) add(`incident: ${act}`, number);
  for (const story of stories.all.values()) countStory(story, add);
  add('tickets', stories.delivered.size);
  add('tickets sent twice under one key', desk.repeated());
  return counts;
}

function countStory(story: Story, add: (what: string, number?: number) => void): void {
  const { accepted, overwritten, asked, aliasSet, changes } = story;
  const { state } = story.rollback;
  add('rollbacks');
  add(`ended: ${state}`);
  add('traffic writes accepted', accepted);
  add('alias writes carried out', aliasSet);
  add('writes asked for', asked);
  if (changes.length > 0)
    add(`changed by somebody else, ended: ${state}${state === 'done' ? `, ${whyDone(story)}` : ''}`);
  if (overwritten.length > 0 && FINAL_STATES.includes(state))
    add(`traffic: written over a change, ended: ${state}`);
}

/** Why a rollback could be done although somebody changed something. */
function whyDone({ rollback, changes, lookedAt, aliasSet }: Story): string {
  const { plan } = rollback;
  const seen = changes.filter(({ at }) => at <= lookedAt);
  if (seen.length === 0) return 'the change came after the last look';
  if (seen.every(({ side }) => side === 'traffic'))
    return 'the change was exactly what was meant to be written';
  const values = seen.filter(({ side }) => side === 'alias').map(({ value }) => value);
  if (values.every((value) => value === plan.alias?.after)) return 'the alias was set to where it was wanted';
  if (aliasSet > 1) return 'the alias was put back and set again';
  return aliasSet === 1 && values.at(-1) !== plan.alias?.before
    ? 'the alias was set between last look and write'
    : 'the alias was put back before anybody looked';
}
