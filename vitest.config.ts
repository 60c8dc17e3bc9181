import { defineConfig } from 'vitest/config'

const COMMON = {
  setupFiles: ['test/support/seed-properties.ts'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  teardownTimeout: 20_000,
}

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      // Pure functions and small parts: the files share what they import, which halves the processor time.
      { test: { ...COMMON, name: 'parts', include: ['src/**/*.test.ts'], isolate: false } },
      {
        test: {
          ...COMMON,
          name: 'whole',
          include: ['test/**/*.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
    ],
  },
})
