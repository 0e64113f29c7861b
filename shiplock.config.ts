import { defineConfig } from 'shiplock'

export default defineConfig({
  service: { name: 'todo', directory: 'app' },
  // What is shipped is the service, so that is what a run looks at; CI looks at everything.
  checks: {
    // protobufjs, below the connector of Cloud SQL, has a script that only compares version schemes; it is never run here
    // (ignore-scripts in .npmrc).
    dependencies: { allowScripts: ['protobufjs'] },
    lint: { directory: 'app' },
    // Every form of the service has a token, and its health is what its database says too.
    probe: { requireToken: true, healthPath: '/health' },
    types: { project: 'app/tsconfig.json', reads: ['app/**', 'bench/result.ts', 'tsconfig.json', 'package.json', 'package-lock.json'] },
    // What is wrong on purpose: the fixtures of the checks themselves.
    dockerfile: { exclude: ['packages/shiplock/src/checks/*/fixtures/**'] },
    repository: { exclude: ['packages/shiplock/src/checks/*/fixtures/**'] },
    sast: { exclude: ['packages/**', 'e2e/**', 'bench/**', '*.ts', '*.mjs'] },
    secrets: { exclude: ['packages/shiplock/src/checks/*/fixtures/**', 'bench/results/**'] },
    terraform: { exclude: ['packages/shiplock/src/checks/*/fixtures/**'] },
    workflows: { exclude: ['packages/shiplock/src/checks/*/fixtures/**'] },
    tests: { directory: 'app', reads: ['app/**', 'docs/asvs.md', 'tsconfig.json', 'package.json', 'package-lock.json'] },
  },
  image: { builder: 'assemble', dependencies: 'none', files: ['dist/**'], entrypoint: ['node', 'dist/server.mjs'] },
  // This checkout is Shiplock itself: its launcher installs what it needs.
  ci: { command: 'node launch.mjs shiplock' },
})
