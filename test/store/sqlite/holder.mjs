// A process of its own around a store, for tests of locks and kills. Usage: holder.mjs BUILD TASK PATH
// `commit` commits for ever and prints the seq of each acknowledged record; `hold` opens and waits; `unprivileged` drops root's
// rights (which no directory refuses), tries to open, and prints the reason.
import { pathToFileURL } from 'node:url';

const [build, task, path] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(`${build}/${file}`).href);
const { openSqliteStore } = await load('store/sqlite/open.js');
const { signingKeyFile, ephemeralSigner } = await load('audit/signer.js');

const options = {
  mode: 'write',
  path,
  clock: { now: () => Date.now() },
  signer: signingKeyFile(`${path}.pem`),
  checkpointEvery: { records: 10 },
  genesis: { build: 'test', configHash: 'none' },
};

if (task === 'unprivileged') {
  // Loads the native library while it can be read.
  await (await openSqliteStore({ ...options, path: ':memory:', signer: ephemeralSigner })).close();
  if (process.getuid() === 0) process.setuid(65_534);
  try {
    await openSqliteStore(options);
    process.stdout.write('opened\n');
  } catch (error) {
    process.stdout.write(`${error.reason}\n${error.message}\n${error.remedy}\n`);
  }
} else {
  const store = await openSqliteStore(options);
  process.stdout.write('open\n');
  if (task === 'hold') setInterval(() => undefined, 60_000);
  else for (let count = 0; ; count += 1) {
    const audit = [{ kind: 'override', body: { count, text: 'x'.repeat(count % 3000) } }];
    const records = await store.commit({ audit, facts: { last: String(count) } });
    process.stdout.write(`${records[0].seq} ${count}\n`);
    // Lets the pipe drain: what the parent has read is what was acknowledged.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
