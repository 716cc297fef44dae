import { validate as isCron } from 'node-cron';
import { z } from 'zod';
import { DURATION_PATTERN } from './durations.ts';
import { parseTime, TIME_PATTERN } from './times.ts';

/** The small values a configuration is made of. Nothing is converted here: a schema says what a file may hold, `resolve.ts` reads it. */

/** A problem has a message and a remedy, zod has one slot for text: they travel in it on two lines. */
export function says(message: string, remedy: string): string {
  return `${message}\n${remedy}`;
}

/** Text of a certain form. One answer for a wrong form and for a wrong type: that it is not `what`, and what to write. */
export function text(what: string, pattern: RegExp, remedy: string) {
  const error = says(`is not ${what}`, remedy);
  return z
    .string({ error })
    .regex(pattern, { error, abort: true })
    .meta({ title: what.replace(/^(?:an?|the) /, '') });
}

export const duration = text('a duration', DURATION_PATTERN, 'write 30s, 5m, 1h, 1d or 4w');
export const positiveDuration = duration.refine((value) => Number(value.slice(0, -1)) > 0, {
  error: says('must be longer than nothing', 'write 30s, 5m, 1h, 1d or 4w'),
});
export const windowLength = text(
  'a window length',
  /^(?:[1-9]\d{0,5}[smhdw]|month|quarter)$/,
  'write a duration such as 1h or 1d, or month, or quarter',
);

const TIME_REMEDY = 'write ISO 8601 with an offset, for example 2026-01-31T00:00:00Z';
export const time = text('a time', TIME_PATTERN, TIME_REMEDY).refine((value) => parseTime(value) !== null, {
  error: says('is a time that does not exist', TIME_REMEDY),
});

const CRON_REMEDY = 'write five fields: minute, hour, day of month, month, day of week';
export const cron = text('a cron line', /^\S+(?: +\S+){4}$/, CRON_REMEDY).refine((line) => isCron(line), {
  error: says('is not a cron line', CRON_REMEDY),
});

const ZONE_REMEDY = 'write an IANA name such as America/New_York';
export const timezone = text('a time zone', /^[A-Za-z0-9_+/-]+$/, ZONE_REMEDY).refine(isTimezone, {
  error: says('is not a time zone', ZONE_REMEDY),
});

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Names of models, owners and desks: they stand in URLs, metrics and commands. */
export const name = text(
  'a name',
  /^[A-Za-z0-9_-]{1,63}$/,
  'use 1 to 63 letters, digits, underscores and hyphens',
);

export const tableName = text(
  'a table name',
  /^[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_][A-Za-z0-9_-]*){0,2}$/,
  'write catalog.schema.table without quotes, with letters, digits, underscores and hyphens',
);

export const columnName = text(
  'a column name',
  /^\P{Cc}{1,255}$/u,
  'write the name of a column, up to 255 characters',
);

export const registeredName = text(
  'the name of a registered model',
  /^[^\p{Cc}/:]{1,255}$/u,
  'write catalog.schema.model (Unity Catalog) or the name in MLflow',
);

export const endpointName = text(
  'the name of a serving endpoint',
  /^[A-Za-z0-9_-]{1,63}$/,
  'write the name of the endpoint, not its URL; null for a batch model',
);

export const alias = text(
  'an alias',
  /^[A-Za-z0-9_-]{1,255}$/,
  'use letters, digits, underscores and hyphens',
);

export const filePath = text('a path', /^\P{Cc}+$/u, 'write a path, relative to this file or absolute');

export const email = text('an e-mail address', /^[^\s@]+@[^\s@]+$/, 'write name@host');

const WEB_REMEDY = 'write https://host/path without user, password or fragment';
/** An http or https URL. Credentials in it would end up in logs and in the audit: they are refused. */
export const url = z
  .string({ error: says('is not a URL', WEB_REMEDY) })
  .meta({ title: 'URL' })
  .refine(isWebUrl, { error: says('is not a URL', WEB_REMEDY), abort: true })
  .refine((value) => !hasCredentials(value), {
    error: says('holds credentials', 'take them out of the URL and give them as a secret'),
  });

function isWebUrl(value: string): boolean {
  const parsed = parseUrl(value);
  return parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.hash === '';
}

function hasCredentials(value: string): boolean {
  const parsed = parseUrl(value);
  return parsed !== null && (parsed.username !== '' || parsed.password !== '');
}

function parseUrl(value: string): URL | null {
  return URL.canParse(value) ? new URL(value) : null;
}

const SECRET_REMEDY = 'write { file: PATH } or { env: NAME }';
/** Where a secret is. A literal one is refused, and what stood there is not repeated. */
export const secret = z
  .union(
    [
      z.strictObject({
        file: filePath.describe('File whose content is the secret; one newline at its end is ignored.'),
      }),
      z.strictObject({
        env: z
          .string()
          .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
          .describe('Name of the environment variable that holds the secret.'),
      }),
    ],
    {
      error: (issue) =>
        typeof issue.input === 'object' || issue.input === undefined
          ? says('does not say where the secret is', SECRET_REMEDY)
          : says(
              'is a secret written into the configuration',
              `${SECRET_REMEDY}, and change the secret: it has been in a file`,
            ),
    },
  )
  .meta({ id: 'secret', description: 'Where a secret is: in a file or in an environment variable.' });

export const share = z.number().gt(0).lte(1);
export const scalar = z.union([z.string(), z.number(), z.boolean()], {
  error: says('must be a text, a number, true or false', 'write one value'),
});

/** The types of columns, by the two ways they are measured. */
export const NUMERIC_TYPES = ['double', 'float', 'int', 'bigint', 'long', 'decimal', 'number'] as const;
export const CATEGORICAL_TYPES = ['string', 'boolean', 'categorical'] as const;
export const columnType = z.enum([...NUMERIC_TYPES, ...CATEGORICAL_TYPES]);

/** A list that names something at least once and nothing twice. */
export function listOf<Item extends z.ZodType<string>>(item: Item) {
  return z
    .array(item)
    .min(1)
    .refine((items) => new Set(items).size === items.length, {
      error: says('names the same thing twice', 'remove the repetition'),
    });
}
