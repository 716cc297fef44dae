import { z } from 'zod';
import { email, filePath, name, positiveDuration, says, secret, text, url } from './schema-parts.ts';

/** Who is told, and where. */

export const owner = z.strictObject({
  email: email
    .optional()
    .describe(
      'Address of the person or group; goes along to the desk. An owner has an `email`, a `ticketDesk` or both.',
    ),
  ticketDesk: name
    .optional()
    .describe(
      'Desk, a key of `ticketDesks`, that gets this owner’s exceptions. Default: that of `owners.default`.',
    ),
  escalateTo: name
    .optional()
    .describe(
      'Owner whose desk is told when an exception is not acknowledged in time, and of everything after. Default nobody.',
    ),
  escalateAfter: positiveDuration
    .optional()
    .describe('How long an exception may wait; counts only with `escalateTo`.'),
});

const anywhere = url
  .optional()
  .describe('Address of the service, for tests and proxies. Default: its public address.');

const webhook = z.strictObject({
  kind: z.literal('webhook').describe('A POST of JSON, signed, with an idempotency key.'),
  url: url.describe('Required. Where the requests go.'),
  secret: secret
    .optional()
    .describe('Key of the HMAC-SHA-256 signature. Default none: requests are not signed.'),
});

const jira = z.strictObject({
  kind: z.literal('jira').describe('Jira issues.'),
  url: url.describe('Required. Address of the Jira site.'),
  project: z.string().min(1).describe('Required. Project key.'),
  issueType: z.string().min(1).optional().describe('Issue type.'),
  email: email.optional().describe('Account the token belongs to.'),
  token: secret.describe('Required. API token.'),
});

const servicenow = z.strictObject({
  kind: z.literal('servicenow').describe('ServiceNow incidents.'),
  url: url.describe('Required. Address of the instance.'),
  username: z.string().min(1).describe('Required. User name.'),
  password: secret.describe('Required. Password.'),
  table: z.string().min(1).optional().describe('Table of the records.'),
  assignmentGroup: z.string().min(1).optional().describe('Group the records are assigned to.'),
});

const github = z.strictObject({
  kind: z.literal('github').describe('GitHub issues.'),
  url: anywhere,
  repository: text('a repository', /^[\w.-]+\/[\w.-]+$/, 'write owner/name').describe(
    'Required. `owner/name`.',
  ),
  token: secret.describe('Required. Token that may write issues.'),
});

const pagerduty = z.strictObject({
  kind: z.literal('pagerduty').describe('PagerDuty events.'),
  url: anywhere,
  routingKey: secret.describe('Required. Routing key of the integration.'),
});

const slack = z.strictObject({
  kind: z.literal('slack').describe('Slack messages.'),
  url: anywhere,
  channel: z.string().min(1).describe('Required. Channel.'),
  token: secret.describe('Required. Bot token.'),
});

const mail = z.strictObject({
  kind: z.literal('email').describe('E-mail by SMTP.'),
  url: z
    .string()
    .regex(/^smtps?:\/\/[^\s@]+$/, {
      error: says('is not an SMTP address', 'write smtps://host:465, credentials apart'),
    })
    .describe('Required. `smtp://host:port` or `smtps://host:port`.'),
  from: email.describe('Required. Sender.'),
  username: z.string().min(1).optional().describe('User name at the mail server.'),
  password: secret.optional().describe('Password at the mail server.'),
  ca: filePath.optional().describe('PEM file of the authority that signed the mail server’s certificate.'),
});

export const ticketDesk = z.discriminatedUnion('kind', [
  webhook,
  jira,
  servicenow,
  github,
  pagerduty,
  slack,
  mail,
]);
