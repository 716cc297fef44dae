import { defineConfig } from 'vitest/config';
import { AREAS } from './areas.mjs';

const area = AREAS[process.env.DRIFTWARDEN_MUTATE ?? ''];
if (area === undefined) throw new Error('this configuration is for bench/mutation/run.mjs, which names an area');

/** The tests of one area. Stryker runs them file by file in one process, so only what does not need its own is here. */
export default defineConfig({
  test: {
    environment: 'node',
    setupFiles: ['bench/mutation/setup.mjs'],
    include: area.tests,
    exclude: area.without ?? [],
    restoreMocks: true,
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
