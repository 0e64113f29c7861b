import { defineConfig } from 'shiplock'

export default defineConfig({
  service: { name: 'todo', directory: 'app' },
  // What is shipped is the service, so that is what a run looks at; CI looks at everything.
  checks: {
    // Wrong on purpose: what the check's own tests read.
    dockerfile: { ignore: ['packages/shiplock/src/checks/dockerfile/fixtures/**'] },
    lint: { directory: 'app' },
    types: { project: 'app/tsconfig.json', reads: ['app/**', 'bench/result.ts', 'tsconfig.json', 'package.json', 'package-lock.json'] },
    tests: { directory: 'app', reads: ['app/**', 'docs/asvs.md', 'tsconfig.json', 'package.json', 'package-lock.json'] },
  },
  image: { files: ['dist/**'], entrypoint: ['node', 'dist/server.mjs'] },
})
