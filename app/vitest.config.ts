import { defineConfig } from 'vitest/config'

// Every test makes its own application, database and process; a fresh worker for each file would only cost time.
export default defineConfig({ test: { include: ['src/**/*.test.ts'], isolate: false, testTimeout: 30_000, hookTimeout: 30_000 } })
