import { defineConfig } from 'vitest/config'

/** Without the database: for work on a single file. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['test/support/seed-properties.ts'],
    testTimeout: 60_000,
    maxWorkers: 1,
  },
})
