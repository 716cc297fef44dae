import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { NotFound, Refused } from '../../src/operations.ts';
import { createCliToken } from '../../src/web/cli-token.ts';
import { type DaemonClient, findDaemon } from '../../src/web/client.ts';
import type { WebDeps } from '../../src/web/deps.ts';
import { type HttpFake, json, startHttpFake } from '../support/http-fake.ts';
import { type Asked, fakeOperations, start, withHttp } from './fake.ts';

let folder: string;
let closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driftwarden-client-'));
});
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
  await rm(folder, { recursive: true });
});

function configAt(port: number, host = '127.0.0.1'): Pick<Config, 'http' | 'store'> {
  return {
    http: { host, port, publicUrl: null, auth: null },
    store: { kind: 'sqlite', path: join(folder, 'driftwarden.db') },
  };
}

const token = (): Promise<string> =>
  createCliToken({ storePath: join(folder, 'driftwarden.db'), random: randomBytes });

async function daemon(changes: Partial<WebDeps> = {}): Promise<{ client: DaemonClient; asked: Asked[] }> {
  const { server, asked } = await start({ cliToken: await token(), ...changes });
  const { port } = await server.listen();
  closing.push(() => server.close());
  const client = await findDaemon({ config: configAt(port), random: randomBytes });
  if (client === null) throw new Error('the daemon was not found');
  return { client, asked };
}

async function fake(): Promise<HttpFake & { port: number }> {
  const server = await startHttpFake();
  closing.push(() => server.close());
  return { ...server, port: Number(new URL(server.url).port) };
}

describe('finding the daemon', () => {
  test('nobody ever ran here: null, and no call is made', async () => {
    const other = await fake();
    expect(await findDaemon({ config: configAt(other.port), random: randomBytes })).toBeNull();
    expect(other.seen).toEqual([]);
  });

  test('nobody listens: null', async () => {
    await token();
    const { server } = await start();
    const { port } = await server.listen();
    await server.close();
    expect(await findDaemon({ config: configAt(port), random: randomBytes })).toBeNull();
  });

  test('another program listens: null, and it never sees the token', async () => {
    const secret = await token();
    const other = await fake();
    expect(await findDaemon({ config: configAt(other.port), random: randomBytes })).toBeNull();
    expect(other.seen).toHaveLength(1);
    expect(JSON.stringify(other.seen)).not.toContain(secret);
  });

  test('the daemon of another store listens: null', async () => {
    await token();
    const { server } = await start({ cliToken: 'the-token-of-another-store-1234' });
    const { port } = await server.listen();
    closing.push(() => server.close());
    expect(await findDaemon({ config: configAt(port), random: randomBytes })).toBeNull();
  });

  test('a program that takes the call and never answers: null after the short deadline', async () => {
    await token();
    const other = await fake();
    other.always(() => {});
    expect(
      await findDaemon({ config: configAt(other.port), random: randomBytes, findWithin: 30 }),
    ).toBeNull();
  });

  test('a daemon that is not healthy still runs', async () => {
    const { client } = await daemon({ health: () => ({ healthy: false, ready: false, why: 'disk full' }) });
    expect(client.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test('a daemon that listens everywhere is reached on loopback', async () => {
    const auth = { kind: 'bearer', tokens: [] } as const;
    const { server } = await start({ cliToken: await token(), ...withHttp({ host: '0.0.0.0', auth }) });
    const { port } = await server.listen();
    closing.push(() => server.close());
    const client = await findDaemon({ config: configAt(port, '0.0.0.0'), random: randomBytes });
    expect(client?.url).toBe(`http://127.0.0.1:${port}`);
  });
});

describe('asking it', () => {
  test('what is asked arrives as a claim of the person, and the answer is the JSON', async () => {
    const { client, asked } = await daemon();
    const answer = await client.post('/api/v1/exceptions/ex-1/ack', { by: 'ann', reason: 'on it' });
    expect(answer).toMatchObject({ exception: { id: 'ex-1' } });
    expect(asked).toEqual([
      {
        what: 'acknowledge',
        subject: 'ex-1',
        claim: { by: 'ann', identity: 'claimed', reason: 'on it' },
        more: null,
      },
    ]);
  });

  test('reload answers in words', async () => {
    const { client } = await daemon();
    expect(await client.post('/-/reload', { by: 'ann' })).toMatch(/^configuration (ab)+ is in use\n$/);
  });

  test('a refusal is the same error as without a daemon, with its gate', async () => {
    const { client } = await daemon({
      operations: fakeOperations([], {
        applyRollback: async () => {
          throw new Refused('The kill switch is on.', 'kill_switch');
        },
      }),
    });
    const error = await client
      .post('/api/v1/models/m/rollbacks', { by: 'ann', reason: 'r' })
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Refused);
    expect(error).toMatchObject({ message: 'The kill switch is on.', gate: 'kill_switch' });
  });

  test('what does not exist is NotFound', async () => {
    const { client } = await daemon();
    await expect(client.post('/api/v1/models/no-such/evaluate', {})).rejects.toBeInstanceOf(NotFound);
  });

  test('a wrong body names the key', async () => {
    const { client } = await daemon();
    await expect(client.post('/api/v1/rollbacks/r/approve', {})).rejects.toMatchObject({
      name: 'DaemonError',
      reason: 'refused_request',
      message: expect.stringContaining('by: say who'),
    });
  });
});

describe('a daemon that fails', () => {
  async function failing(): Promise<{ client: DaemonClient; other: HttpFake; within: number }> {
    // It answers the first call as the daemon would, because a real one does: the proof is relayed.
    const { server } = await start({ cliToken: await token() });
    closing.push(() => server.close());
    const other = await fake();
    other.next((seen, response) => {
      const { 'driftwarden-nonce': nonce } = seen.headers;
      void server
        .inject({ url: '/-/healthy', headers: { 'driftwarden-nonce': String(nonce) } })
        .then((answer) =>
          response.writeHead(200, { 'driftwarden-proof': String(answer.headers['driftwarden-proof']) }).end(),
        );
    });
    const client = await findDaemon({ config: configAt(other.port), random: randomBytes, answerWithin: 60 });
    if (client === null) throw new Error('not found');
    return { client, other, within: 60 };
  }

  test.each([
    ['closes the connection', (_: unknown, response: { destroy(): void }) => response.destroy(), 'lost'],
    ['never answers', () => {}, 'lost'],
    [
      'answers HTML with 200',
      (_: unknown, response: { end(text: string): void }) => response.end('<html>'),
      'bad_answer',
    ],
    ['answers nothing with 200', (_: unknown, response: { end(): void }) => response.end(), 'bad_answer'],
    ['answers 500', json(500, { error: 'its log has the details', gate: null }), 'failed'],
    ['answers 404 that is not ours', json(404, { detail: 'nginx' }), 'refused_request'],
    ['answers 409 that is not ours', json(409, 'x'), 'refused_request'],
  ])('%s', async (_, behaviour, reason) => {
    const { client, other } = await failing();
    other.always(behaviour);
    await expect(client.post('/api/v1/models/m/evaluate', {})).rejects.toMatchObject({
      name: 'DaemonError',
      reason,
    });
  });

  test('a lost answer says that it may have been carried out', async () => {
    const { client, other } = await failing();
    other.always((_, response) => response.destroy());
    await expect(client.post('/api/v1/models/m/evaluate', {})).rejects.toThrow(/may have carried it out/);
  });
});
