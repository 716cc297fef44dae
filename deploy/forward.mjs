// Lets a published port of a container reach a server that listens on the container's loopback address only.
// driftwarden refuses other addresses without authentication; docker-compose.yml publishes this one on the loopback
// address of the host, so that the demo is reachable from this machine and from nowhere else.
import { connect, createServer } from 'node:net';

const listenPort = Number(process.env.LISTEN_PORT ?? '9470');
const targetPort = Number(process.env.TARGET_PORT ?? '9469');

const server = createServer((client) => {
  const target = connect(targetPort, '127.0.0.1');
  client.pipe(target);
  target.pipe(client);
  // Either end may vanish at any time; then the other end is of no use.
  for (const [end, other] of [
    [client, target],
    [target, client],
  ]) {
    end.on('error', () => other.destroy());
    end.on('close', () => other.destroy());
  }
});
server.listen(listenPort, '0.0.0.0', () => {
  const { port } = server.address();
  process.stdout.write(`forwarding port ${port} to 127.0.0.1:${targetPort}\n`);
});
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
