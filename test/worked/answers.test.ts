import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AuditEntry } from '../../src/audit/record.ts';
import { signerFromPem } from '../../src/audit/signer.ts';
import { verifyFile } from '../../src/audit/verify.ts';
import type { ExceptionCase } from '../../src/exceptions/exception.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { createWebhookDesk } from '../../src/tickets/webhook/desk.ts';
import type { ChainRecord } from '../daemon/support/canonical.ts';
import { testDeps } from '../support/remote-deps.ts';
import { exportLines, rollbackStory, type Webhook, windowStory } from './fixture.ts';
import { privateKeyOf, storyClock } from './site.ts';

/** Parts of the program on the very bytes of the stories: what they make of the same input has to be the same to the last digit. */

const { given, expected } = rollbackStory();
const stories = [
  { name: 'window', audit: windowStory().expected.audit, checkpointEvery: 10, signatures: 1 },
  { name: 'rollback', audit: expected.audit, checkpointEvery: 100, signatures: 0 },
];

describe.each(stories)('the audit chain of the $name story', ({ audit, checkpointEvery, signatures }) => {
  test('verifies as an export', async () => {
    const found = await verifyFile(exported(exportLines(audit)));
    const head = audit.at(-1)?.hash;
    expect(found).toMatchObject({ intact: true, records: audit.length, head, signatures });
  });

  test('is broken at the record that was changed', async () => {
    const lines = exportLines(audit).map((line, index) =>
      index === 2 ? line.replace('"credit_pd"', '"credit_pe"') : line,
    );
    expect(await verifyFile(exported(lines))).toMatchObject({ intact: false, seq: 3, line: 3 });
  });

  test('is written by the store in the same bytes', async () => {
    expect(await writtenByTheStore(audit, checkpointEvery)).toEqual(exportLines(audit));
  });
});

function exported(lines: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'driftwarden-worked-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'audit.jsonl');
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

/** Commits each entry at its time; genesis and checkpoint are the store's own to write. */
async function writtenByTheStore(audit: readonly ChainRecord[], records: number): Promise<readonly string[]> {
  const [genesis] = audit;
  const clock = storyClock(genesis?.time ?? '');
  const signer = signerFromPem(privateKeyOf(given.signingSeed), 'the key of the story');
  const store = await openSqliteStore({
    mode: 'write',
    path: ':memory:',
    clock,
    signer: () => signer,
    checkpointEvery: { records },
    genesis: {
      build: String(genesis?.body['build']),
      configHash: String(genesis?.body['configHash']),
    },
  });
  onTestFinished(() => store.close());
  for (const { kind, body, time } of audit) {
    if (kind === 'genesis' || kind === 'checkpoint') continue;
    clock.set(time);
    await store.commit({ audit: [{ kind, body } as AuditEntry] });
  }
  return store.auditLines(1, audit.length + 1);
}

test.each(expected.webhooks)(
  'the desk is told of "$about" in the bytes and with the signature worked out',
  async (webhook) => {
    const sent: { headers: Headers; text: string }[] = [];
    const clock = storyClock(webhook.at);
    const secret = { env: 'HOOK' } as const;
    const desk = createWebhookDesk(
      'ops',
      { kind: 'webhook', url: 'https://hooks.bank.example', secret },
      {
        ...testDeps({ HOOK: given.desk.secret }),
        clock,
        fetch: async (_url, init) => {
          sent.push({
            headers: new Headers(init?.headers),
            text: await new Response(init?.body ?? '').text(),
          });
          return new Response('{}', { status: 200 });
        },
      },
    );
    const { body, headers } = webhook;
    await desk.deliver({ ...body, action: body.action as 'open', exception: caseOf(webhook) });
    expect(sent).toHaveLength(1);
    expect(sent[0]?.text).toBe(JSON.stringify(body));
    for (const [name, value] of Object.entries(headers)) expect(sent[0]?.headers.get(name)).toBe(value);
  },
);

/** The case with what the store alone needs, which is not to be told. */
function caseOf({ body }: Webhook): ExceptionCase {
  return { ...body.exception, rev: 3, quietWindows: 1, desk: 'ops' } as unknown as ExceptionCase;
}
