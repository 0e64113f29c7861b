import type { UserConfig } from './user-config.ts'

/**
 * Types `shiplock.config.ts` for the editor and gives it back unchanged. The file is parsed, never run, so its argument
 * is a literal: no calls, no `process.env`; constants made of literals are fine.
 *
 * ```ts
 * import { defineConfig } from 'shiplock'
 *
 * export default defineConfig({
 *   service: { name: 'todo', directory: 'app' },
 *   gates: { lint: { failOn: 'low' } },
 * })
 * ```
 */
export function defineConfig(config: UserConfig): UserConfig {
  return config
}
