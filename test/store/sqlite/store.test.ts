import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import type { Store } from '../../../src/store/store.ts';
import { describeStore, type StoreSetting, type StoreUnderTest } from '../../contracts/store.ts';
import { writeOptions } from './support.ts';

async function make(path: string, setting: StoreSetting): Promise<StoreUnderTest> {
  let now = setting.now;
  const options = writeOptions(path, { clock: { now: () => now }, checkpointEvery: setting.checkpointEvery });
  const opened: Store[] = [await openSqliteStore(options)];
  const [store] = opened as [Store];
  return {
    store,
    setTime: (time) => {
      now = time;
    },
    reopen:
      path === ':memory:'
        ? null
        : async () => {
            await store.close();
            const again = await openSqliteStore(options);
            opened.push(again);
            return again;
          },
    dispose: async () => {
      for (const each of opened) await each.close();
    },
  };
}

describeStore({ name: 'SQLite in memory', persistent: false }, (setting) => make(':memory:', setting));

describeStore({ name: 'SQLite in a file', persistent: true }, async (setting) => {
  const folder = mkdtempSync(join(tmpdir(), 'driftwarden-'));
  const subject = await make(join(folder, 'state', 'driftwarden.db'), setting);
  return {
    ...subject,
    dispose: async () => {
      await subject.dispose();
      rmSync(folder, { recursive: true });
    },
  };
});
