import { z } from 'zod';
import { parseCron } from '../windows/cron.ts';
import { ROLES } from './config.ts';
import { parseDuration } from './durations.ts';
import {
  cron,
  filePath,
  listOf,
  name,
  positiveDuration,
  says,
  secret,
  share,
  text,
  timezone,
  url,
} from './schema-parts.ts';

/** How the daemon itself behaves: its HTTP side, its audit, the brakes all models share, its metrics. */

const LISTEN = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/;

const listen = text(
  'an address to listen on',
  LISTEN,
  'write host:port, for example 127.0.0.1:9469 or "[::1]:9469"',
).refine((value) => Number(value.slice(value.lastIndexOf(':') + 1)) <= 65_535, {
  error: says('has a port above 65535', 'choose a port from 1 to 65535, or 0 for any free one'),
});

const roles = listOf(z.enum(ROLES)).describe(
  'Required. What its bearer may do: viewer reads, operator acts, approver approves, auditor exports.',
);

const auth = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('bearer').describe('Bearer tokens of named users.'),
    tokens: z
      .array(
        z.strictObject({
          name: name.describe('Required. Who it is; stands in the audit as a verified identity.'),
          token: secret.describe('Required. The token.'),
          roles,
        }),
      )
      .min(1)
      .describe('Required. The tokens.'),
  }),
  z.strictObject({
    kind: z.literal('basic').describe('User name and password.'),
    users: z
      .array(
        z.strictObject({
          name: name.describe('Required. User name; stands in the audit as a verified identity.'),
          password: secret.describe('Required. The password.'),
          roles,
        }),
      )
      .min(1)
      .describe('Required. The users.'),
  }),
]);

export const http = z.strictObject({
  listen: listen
    .optional()
    .describe('Address and port of pages, API and metrics. An address that is not loopback needs `auth`.'),
  publicUrl: url
    .optional()
    .describe(
      'Address people reach the pages at, for links in tickets. Default none: tickets carry no links.',
    ),
  auth: auth
    .optional()
    .describe('Who may read and act over HTTP. Default none: only commands on this machine act.'),
  tls: z
    .strictObject({
      cert: filePath.describe('Required. PEM file of the certificate chain.'),
      key: filePath.describe('Required. PEM file of the key.'),
      clientCa: filePath
        .optional()
        .describe('PEM file of the authority whose client certificates are asked for.'),
    })
    .optional()
    .describe('TLS.'),
});

export const audit = z.strictObject({
  signingKey: z
    .strictObject({ file: filePath.describe('PEM file of the Ed25519 key.') })
    .optional()
    .describe('The key that signs checkpoints; made on first start when the file is absent.'),
  checkpointEvery: z
    .union([z.int().min(1), positiveDuration], {
      error: says('is neither a number of records nor a duration', 'write 100 or 10m'),
    })
    .optional()
    .describe('Records, or time, after which a signed checkpoint is appended.'),
});

export const actions = z.strictObject({
  killSwitch: filePath
    .nullable()
    .optional()
    .describe('While this file exists nothing outside is changed. `null`: no kill switch.'),
  maxRollbacksPerHour: z
    .int()
    .min(0)
    .optional()
    .describe('Automatic rollbacks within an hour, over all models.'),
  maxShareOfModels: share
    .optional()
    .describe(
      'No rollback when at least 3 models and more than this share of all breach at once: then the feed is suspect.',
    ),
});

const freezeStart = cron.refine((line) => parseCron(line) !== null, {
  error: says(
    'is a cron line with signs that a freeze cannot have',
    'use numbers, *, ranges, steps, lists, jan, sun',
  ),
});

const LONGEST_FREEZE = 366 * 86_400_000;
const freezeLength = positiveDuration.refine((value) => (parseDuration(value) ?? 0) <= LONGEST_FREEZE, {
  error: says('is longer than a year', 'write 366d or less; rollback.mode: observe holds a model for ever'),
});

export const calendar = z.strictObject({
  freezes: z
    .array(
      z.strictObject({
        cron: freezeStart.describe(
          'Required. When the freeze begins. Where both kinds of day are limited, one of them suffices.',
        ),
        duration: freezeLength.describe('Required. How long it lasts, up to 366d.'),
        timezone: timezone.optional().describe('Time zone of the cron line. Default UTC.'),
        reason: z.string().min(1).optional().describe('Told wherever the freeze holds something.'),
      }),
    )
    .describe('Change freezes.'),
});

export const metrics = z.strictObject({
  topFeatures: z
    .int()
    .min(0)
    .max(1000)
    .optional()
    .describe('Features of a model that have series of their own: those nearest to breach.'),
  maxSeries: z
    .int()
    .min(100)
    .optional()
    .describe('Cap on model series of a scrape; a metric says when it was reached.'),
});
