import {
  type Changes,
  type ChangesQuestion,
  MOST_CHANGES,
  type Resource,
  type SeenChange,
  type ToldChanges,
} from '../../src/warehouse/changes.ts';
import { type AuditEvent, ITSELF } from '../contracts/changes.ts';

/** SIMULATED: an audit log in memory. `answer` takes the place of the log once it is set; `asked` are the questions that came. */
export interface FakeChanges extends Changes {
  answer: ToldChanges | null;
  readonly asked: ChangesQuestion[];
}

export function fakeChanges(events: readonly AuditEvent[]): FakeChanges {
  const fake: FakeChanges = {
    answer: null,
    asked: [],
    told: async (question) => {
      fake.asked.push(question);
      return fake.answer ?? { told: true, changes: found(events, question) };
    },
  };
  return fake;
}

function found(events: readonly AuditEvent[], { resources, from, to }: ChangesQuestion): SeenChange[] {
  const all = events.flatMap(({ at: time, actor, workspace, ...event }) => {
    const at = Date.parse(time);
    const resource = resources.find((one) => isOf(one, event));
    const ourselves = actor?.toLowerCase() === ITSELF.toLowerCase();
    const counts = at >= from && at < to && actor !== null && !ourselves && event.status < 300;
    return counts && resource !== undefined ? [{ at, actor, resource, workspace }] : [];
  });
  const once = new Map(all.map((change) => [JSON.stringify(change), change]));
  return [...once.values()].sort((a, b) => b.at - a.at).slice(0, MOST_CHANGES);
}

function isOf(
  resource: Resource,
  { service, action, params }: Pick<AuditEvent, 'service' | 'action' | 'params'>,
): boolean {
  const values = Object.values(params);
  if (resource.kind === 'endpoint')
    return (
      service !== 'unityCatalog' &&
      /^(create|update|delete)ServingEndpoint$/.test(action) &&
      values.includes(resource.name)
    );
  const { model, alias } = resource;
  const named = values.includes(model) || model.split('.').every((part) => values.includes(part));
  return (
    service === 'unityCatalog' &&
    /^(set|delete)RegisteredModelAlias$/.test(action) &&
    named &&
    values.includes(alias)
  );
}
