import { isoTime } from '../clock.ts';
import type { Resource, SeenChange, ToldChanges } from '../warehouse/changes.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * When the audit log is asked who it was, after the change was noticed: it lags minutes up to hours, and each question may wake a
 * warehouse that sleeps. Milliseconds.
 */
export const ASK_AFTER: readonly number[] = [5 * MINUTE, HOUR, 4 * HOUR, 24 * HOUR];

/** So many changes are named in a sentence, the newest. */
const NAMED = 3;

/** What is known of who it was. */
export interface ChangedBy {
  /** How often the log has been asked. */
  readonly asked: number;
  /** Nothing more will be found out. */
  readonly final: boolean;
  readonly sentence: string;
}

/** Whether it is time to ask. `noticed` and `now` are domain time, milliseconds. */
export function isTimeToAsk(known: ChangedBy | null, noticed: number, now: number): boolean {
  if (known?.final === true) return false;
  const after = ASK_AFTER[known?.asked ?? 0];
  return after !== undefined && now - noticed >= after;
}

/** What is known after the log was asked at `now`; times that went by meanwhile, as in a daemon that was down, are not made up for. */
export function afterAsking(told: ToldChanges, noticed: number, now: number): ChangedBy {
  const asked = ASK_AFTER.filter((after) => now - noticed >= after).length;
  const last = asked >= ASK_AFTER.length;
  return { asked, final: last || isFinal(told), sentence: sentenceOf(told, last) };
}

/** A missing grant is a person's to give: asking again without it costs and finds nothing. */
function isFinal(told: ToldChanges): boolean {
  if (told.told) return told.changes.length > 0;
  return told.reason === 'no_log' || told.reason === 'no_grant' || told.reason === 'not_enabled';
}

function sentenceOf(told: ToldChanges, last: boolean): string {
  if (!told.told) return `Who changed it is not told: ${told.why}.`;
  if (told.changes.length === 0)
    return last
      ? 'Who changed it is not told: a day later the audit log of the workspace still has no such change.'
      : 'Who changed it is not told yet: the audit log of the workspace has no such change so far; it lags minutes to hours.';
  const named = told.changes.slice(0, NAMED).map(changeInWords);
  const more = told.changes.length - named.length;
  return `The audit log of the workspace names ${named.join('; ')}${more > 0 ? `; and ${more} earlier ${more === 1 ? 'change' : 'changes'}` : ''}.`;
}

function changeInWords({ at, actor, resource, workspace }: SeenChange): string {
  const where = resource.kind === 'endpoint' && workspace !== null ? `, workspace ${workspace}` : '';
  return `${actor} (${nameOf(resource)}, ${isoTime(at)}${where})`;
}

function nameOf(resource: Resource): string {
  return resource.kind === 'endpoint' ? `endpoint ${resource.name}` : `alias ${resource.alias}`;
}
