export { defineConfig } from './config/define-config.ts'
export type { UserConfig } from './config/user-config.ts'
