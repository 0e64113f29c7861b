import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createCheckRig } from '../../testing/check-fixtures.ts'
import types from './index.ts'

/** A tree whose compiler is a shell script. */
async function rigWithCompiler(script: string) {
  const rig = await createCheckRig(undefined, { packages: false })
  writeFileSync(join(rig.root, 'tsconfig.json'), '{}')
  mkdirSync(join(rig.root, 'node_modules/.bin'), { recursive: true })
  mkdirSync(join(rig.root, 'node_modules/typescript'), { recursive: true })
  writeFileSync(join(rig.root, 'node_modules/typescript/package.json'), '{ "version": "7.0.0" }')
  writeFileSync(join(rig.root, 'node_modules/.bin/tsc'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(rig.root, 'node_modules/.bin/tsc'), 0o755)
  return rig
}

test('a tsconfig without TypeScript has failed and says what to install', async ({ signal }) => {
  await using rig = await createCheckRig(undefined, { packages: false })
  writeFileSync(join(rig.root, 'tsconfig.json'), '{}')
  const { text } = await rig.run(types, { signal })
  expect(text).toBe(`failed: tool-missing
  the tree has tsconfig.json, but TypeScript is not installed
  hint: install the packages of the repository (npm ci); where typescript is not among them: npm install --save-dev typescript
`)
})

test('a compiler that crashes has failed: it is never a pass', async ({ signal }) => {
  await using rig = await rigWithCompiler('echo "panic: runtime error" >&2; exit 2')
  const { outcome } = await rig.run(types, { signal })
  expect(outcome).toMatchObject({
    kind: 'failed',
    failure: { reason: 'tool-failed', message: 'tsc exited with 2 and reported nothing', detail: 'panic: runtime error' },
  })
})

test('a compiler that is killed has failed', async ({ signal }) => {
  await using rig = await rigWithCompiler('kill -9 $$')
  const { outcome } = await rig.run(types, { signal })
  expect(outcome).toMatchObject({ kind: 'failed', failure: { reason: 'tool-failed' } })
})

test('a compiler that hangs has failed when its time is over', async ({ signal }) => {
  await using rig = await rigWithCompiler('sleep 1000')
  const { outcome } = await rig.run(types, { signal, options: { timeoutSeconds: 1 } })
  expect(outcome).toMatchObject({ kind: 'failed', failure: { reason: 'timed-out' } })
})

test('the compiler cannot write the tree', async ({ signal }) => {
  await using rig = await rigWithCompiler('echo hacked > "$PWD/hacked.txt"; echo hacked >> tsconfig.json; exit 0')
  const { wroteInTree, outcome } = await rig.run(types, { signal })
  expect(wroteInTree).toBe(false)
  expect(outcome.kind).toBe('completed')
})

test('a project that the config names and the tree has not has failed', async ({ signal }) => {
  await using rig = await createCheckRig(undefined)
  const { outcome } = await rig.run(types, { signal, options: { project: 'app/tsconfig.json' } })
  expect(outcome).toMatchObject({
    kind: 'failed',
    failure: { reason: 'unreadable-file', message: 'app/tsconfig.json is not part of the tree' },
  })
})

test('TypeScript without a tsconfig.json is skipped, not passed; without TypeScript there is nothing to check', async ({ signal }) => {
  await using rig = await createCheckRig(undefined, { packages: false })
  writeFileSync(join(rig.root, 'index.js'), '')
  writeFileSync(join(rig.root, 'index.d.ts'), '')
  expect((await rig.run(types, { signal })).outcome).toMatchObject({ kind: 'completed', findings: [] })
  writeFileSync(join(rig.root, 'server.mts'), '')
  expect((await rig.run(types, { signal })).text).toBe('skipped: the tree has TypeScript (server.mts) and no tsconfig.json; checks.types.project names one that is elsewhere\n')
})
