import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../deploy/forward.mjs', import.meta.url));
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Starts the forwarder in front of a port; answers the port it listens on. */
async function forward(targetPort: number): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = spawn(process.execPath, [SCRIPT], {
    env: { ...process.env, LISTEN_PORT: '0', TARGET_PORT: String(targetPort) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, port: Number(/port (\d+)/.exec(line.toString())?.[1]) };
}

test('requests reach the server behind it with the name they were sent under', async () => {
  const server = createServer((request, response) => response.end(`asked for ${request.headers.host}`));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = await forward((server.address() as AddressInfo).port);
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(await answer.text()).toBe(`asked for 127.0.0.1:${port}`);
  server.closeAllConnections();
  server.close();
});

test('a server that is not there yet costs the connection, not the forwarder', async () => {
  const server = createServer((_, response) => response.end('here now'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const target = (server.address() as AddressInfo).port;
  server.close();
  await once(server, 'close');
  const { port } = await forward(target);
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  server.listen(target, '127.0.0.1');
  await once(server, 'listening');
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('here now');
  server.closeAllConnections();
  server.close();
});

test('SIGTERM ends it at once', async () => {
  const { child } = await forward(1);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});
