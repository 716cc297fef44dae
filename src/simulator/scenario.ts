import { SimulatorError } from './error.ts';
import { type Edit, moveAlias, moveTraffic, together } from './workspace/people.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Fewer days than this do not hold the story: it has to begin, go wrong, be noticed twice, be undone and be quiet twice. */
export const MIN_DAYS = 12;
export const MAX_DAYS = 366;

/** The story that the demo tells, as data. Times are milliseconds of domain time. */
export interface Scenario {
  readonly seed: number;
  readonly days: number;
  /** Midnight UTC, `days` days before the day on which it ends. */
  readonly start: number;
  readonly end: number;
  readonly model: string;
  readonly endpoint: string;
  /** The quiet twin. */
  readonly twin: string;
  readonly champion: string;
  readonly challenger: string;
  /** When a person promotes the challenger. */
  readonly promotionAt: number;
  /** When the challenger goes wrong. */
  readonly wrongAt: number;
  readonly events: readonly ScenarioEvent[];
}

/** Something that a person in the story does once. */
interface ScenarioEvent {
  readonly name: string;
  readonly at: number;
  /** The endpoint it needs free of a running update, else the person waits. */
  readonly endpoint: string;
  readonly edit: Edit;
}

const REGISTERED = 'main.risk.credit_pd';
const PERSON = 'kofi.mensah@bank.example';

/** Throws `bad_option`. The end is `now`; the same now, days and seed make the same story. */
export function createScenario(options: {
  readonly now: number;
  readonly days: number;
  readonly seed: number;
}): Scenario {
  const { now, days, seed } = options;
  if (!Number.isInteger(days) || days < MIN_DAYS || days > MAX_DAYS) {
    throw new SimulatorError(
      'bad_option',
      `--days: a whole number from ${MIN_DAYS} to ${MAX_DAYS}, not ${days}.`,
    );
  }
  const start = Math.floor(now / DAY) * DAY - days * DAY;
  const promotionAt = start + Math.floor(days * 0.2) * DAY + 10 * HOUR;
  const endpoint = 'credit-pd';
  return {
    seed,
    days,
    start,
    end: now,
    model: 'credit_pd',
    endpoint,
    twin: 'mortgage_pd',
    champion: '6',
    challenger: '7',
    promotionAt,
    wrongAt: start + Math.floor(days * 0.6) * DAY + 9 * HOUR,
    events: [
      {
        name: 'promotion',
        at: promotionAt,
        endpoint,
        // A promotion as teams do it: all traffic and the champion alias go to the new version, and the alias `rollback`
        // remembers the old one. Whoever puts the champion back has to move both.
        edit: together(
          moveTraffic({ endpoint, shares: { 6: 0, 7: 100 }, by: PERSON }),
          moveAlias({ model: REGISTERED, alias: 'champion', version: 7 }),
          moveAlias({ model: REGISTERED, alias: 'rollback', version: 6 }),
          moveAlias({ model: REGISTERED, alias: 'challenger', version: null }),
        ),
      },
    ],
  };
}
