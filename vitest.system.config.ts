import { defineConfig } from 'vitest/config';

/** Tests against real servers. They install what is missing and fail rather than skip. */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/system/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 1_200_000,
    hookTimeout: 900_000,
  },
});
