import * as fc from 'fast-check'
import { ok } from '@shiplock/findings'
import { expect, test } from 'vitest'
import { checks } from '../checks/registry.ts'
import { readConfig } from '../config/read-config.ts'
import { detect } from './detect.ts'
import { treeOf } from './detect.test-data.ts'
import { proposeConfig, type Proposal } from './propose-config.ts'
import { renderConfig } from './render-config.ts'

const proposed = (files: Parameters<typeof treeOf>[0]) => {
  const tree = treeOf(files)
  return proposeConfig(tree, detect(tree))
}
const asObject = (proposals: readonly Proposal[]) => Object.fromEntries(proposals.map(({ path, value }) => [path.join('.'), value]))

const readBack = async (text: string, files: Readonly<Record<string, string>> = {}) => {
  const all: Readonly<Record<string, string>> = { ...files, 'shiplock.config.ts': text }
  return readConfig({ checks, readFile: async (path) => (all[path] === undefined ? undefined : ok(new TextEncoder().encode(all[path]))) })
}

test('where the defaults serve nothing is said', () => {
  expect(proposed({ 'package.json': { scripts: { build: 'tsc', start: 'node dist/server.js', test: 'vitest run' }, dependencies: { express: '5' } }, 'tsconfig.json': '{}', 'src/server.ts': '' })).toEqual([])
})

test('a service that runs its sources says which of them enter the image', () => {
  expect(asObject(proposed({ 'package.json': { scripts: { start: 'node server.js', test: 'mocha' }, dependencies: { express: '4' } }, 'server.js': '', 'routes/a.js': '', 'views/a.ejs': '', 'test/a.js': '', 'docs/a.md': '', '.github/x.yml': '' }))).toEqual({ 'image.files': ['*.js', 'routes/**', 'views/**', 'package.json'] })
})

test('a start script that needs a shell is replaced by what its framework is started with', () => {
  expect(asObject(proposed({ 'package.json': { scripts: { build: 'nest build', start: 'nest start', test: 'jest' }, dependencies: { '@nestjs/core': '11', express: '5' } }, 'src/main.ts': '', 'tsconfig.json': '' }))).toEqual({ 'image.entrypoint': ['node', 'dist/main.js'] })
  expect(asObject(proposed({ 'package.json': { scripts: { build: 'next build', start: 'next start', test: 'jest' }, dependencies: { next: '15' } }, 'tsconfig.json': '' }))).toEqual({ 'image.entrypoint': ['node', 'node_modules/next/dist/bin/next', 'start'], 'image.files': ['.next/**', 'public/**', 'next.config.*', 'package.json'] })
})

test('who has a Dockerfile has said there what the image is', () => {
  expect(asObject(proposed({ 'package.json': { workspaces: ['apps/*'] }, 'apps/api/package.json': { scripts: { start: 'ts-node x', test: 'jest' }, dependencies: { koa: '2' } }, 'apps/api/Dockerfile': '', 'apps/api/tsconfig.json': '', 'apps/api/x.ts': '' }))).toEqual({ 'service.directory': 'apps/api', 'checks.tests.directory': 'apps/api', 'checks.types.project': 'apps/api/tsconfig.json' })
})

test('a library, and what is not Node at all, ships no service', () => {
  expect(asObject(proposed({ 'package.json': { main: 'index.js', scripts: { test: 'node --test' } }, 'index.js': '' }))).toEqual({ service: null })
  expect(asObject(proposed({ 'app.py': '', 'requirements.txt': '' }))).toEqual({ service: null, 'checks.tests': false })
})

test('npm’s own placeholder is no test script', () => {
  expect(asObject(proposed({ 'package.json': { main: 'index.js', scripts: { test: 'echo "Error: no test specified" && exit 1' } } }))).toEqual({ service: null, 'checks.tests': false })
})

test('whatever names a repository has, the config that is written is read back as what was proposed', async () => {
  const hostile = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom("'", '\n', '\u2028', '*/', '${1}', '\\', "' + process.exit() + '", '// x'))
  await fc.assert(
    fc.asyncProperty(hostile, hostile, async (value, why) => {
      const read = await readBack(renderConfig([{ path: ['service', 'env', 'NAME'], value, why }, { path: ['checks', 'lint'], value: false, why: 'x' }]))
      if (!read.ok) throw new Error(JSON.stringify(read.failure.diagnostics))
      expect(read.value.config.service.env).toEqual({ NAME: value.toWellFormed() === value ? value : read.value.config.service.env['NAME'] })
      expect(read.value.config.checks['lint']).toBeUndefined()
    }),
    { numRuns: 300 },
  )
})

test('without a service there is none in the config, and the image is not asked for', async () => {
  const read = await readBack(renderConfig([{ path: ['service'], value: null, why: 'a library' }]))
  expect(read.ok && read.value.config.shipsService).toBe(false)
  expect((await readBack('export default {}\n')).ok && (await readBack('export default {}\n'))).toMatchObject({ value: { config: { shipsService: true } } })
})
