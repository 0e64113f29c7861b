import { defineConfig } from 'vitest/config'

const exclude = ['**/node_modules/**', '**/dist/**', '**/fixtures/**']

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['app/src/**/*.test.ts', 'packages/*/src/**/*.test.ts', 'launch.test.ts'], exclude, testTimeout: 60_000, hookTimeout: 60_000 } },
      // The service with a real MariaDB, processes under load, a real browser: seconds each, and one at a time.
      { test: { name: 'service', include: ['app/tests/**/*.test.ts'], exclude, testTimeout: 180_000, hookTimeout: 180_000, fileParallelism: false } },
      // Stories start whole pipelines, each with processes of its own: one file at a time keeps two cores honest.
      { test: { name: 'e2e', include: ['e2e/**/*.test.ts', 'bench/**/*.test.ts', 'terraform/testing/*.test.ts', 'monitoring/**/*.test.ts'], exclude, testTimeout: 180_000, hookTimeout: 180_000, fileParallelism: false } },
    ],
  },
})
