import { defineConfig } from 'shiplock'

export default defineConfig({
  service: { name: 'todo', directory: 'app' },
  checks: { tests: { directory: 'app' } },
  image: { files: ['dist/**'], entrypoint: ['node', 'dist/server.mjs'] },
})
