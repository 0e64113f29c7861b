import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fail, ok } from '@shiplock/findings'
import { onTestFinished, expect, test } from 'vitest'
import { z } from 'zod'
import { example } from '../../scripts/config-reference.ts'
import { checks } from '../checks/registry.ts'
import { formatProblem } from './format-diagnostic.ts'
import { readConfig, type ReadConfigOptions } from './read-config.ts'

/** A check whose schema is not strict and has every kind of option. */
const sample = {
  id: 'sample',
  title: 'Sample',
  options: z.object({
    level: z.enum(['quick', 'thorough']).default('quick').describe('How much to look at.'),
    limits: z.record(z.string(), z.int().positive()).default({}).describe('Limits by name.'),
    paths: z.array(z.string()).max(2).default([]).describe('Where to look.'),
    width: z.union([z.literal('auto'), z.number().min(0.5)]).default('auto').describe('How wide.'),
  }),
}

function tree(files: Readonly<Record<string, string | Uint8Array>>, path?: string): ReadConfigOptions {
  const root = mkdtempSync(join(tmpdir(), 'shiplock-config-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  const readFile: ReadConfigOptions['readFile'] = async (name) => {
    try {
      return ok(readFileSync(join(root, name)))
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      return code === 'ENOENT' ? undefined : fail({ message: `cannot be read: ${String(code)}` })
    }
  }
  return { readFile, checks: [sample], ...(path !== undefined && { path }) }
}

async function configOf(options: ReadConfigOptions) {
  const result = await readConfig(options)
  if (!result.ok) throw new Error(formatProblem(result.failure))
  return result.value
}

async function textOf(options: ReadConfigOptions) {
  const result = await readConfig(options)
  return result.ok ? '' : formatProblem(result.failure)
}

test('without a file the defaults serve', async () => {
  expect(await configOf(tree({}))).toEqual({
    config: {
      ci: { branch: 'main', runner: 'ubuntu-24.04', command: 'shiplock', version: '0.1.0', allowedEndpoints: [], google: null, terraform: null, packages: [] },
      shipsService: true,
      service: {
        name: 'service',
        directory: '.',
        port: 8080,
        env: {},
        migrate: null,
        startupProbe: { path: null, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 60 },
      },
      image: { builder: 'assemble', dockerfile: 'Dockerfile', context: '.', build: null, reads: ['**/*'], files: ['dist/**', 'package.json'], dependencies: 'none', entrypoint: ['node', 'dist/server.mjs'], suite: 'trixie', packages: [], compression: 'gzip', user: 65_532 },
      attest: { signer: 'local' },
      checks: { sample: { level: 'quick', limits: {}, paths: [], width: 'auto' } },
      gates: [{ check: 'sample', failOn: 'medium', minConfidence: 'low', newOnly: true, optional: false }],
      targets: { local: { port: 8080, canary: { steps: [5, 20, 50, 100], minWaitSeconds: 0, maxWaitSeconds: 1, minimumRequests: 300, syntheticRequests: 100, paths: ['/'], errorMargin: 0.01, latencyRatio: 1.5, maxErrorRatio: 0.05, maxP99Milliseconds: 5000 }, preview: { env: {}, secrets: {}, expiresDays: 14 } }, 'cloud-run': null },
    },
  })
})

test('the defaults of every registered check pass its own schema', async () => {
  const { config } = await configOf({ ...tree({}), checks })
  expect(Object.keys(config.checks)).toEqual(checks.filter(({ isOptIn }) => !isOptIn).map(({ id }) => id))
  const asked = Object.fromEntries(checks.filter(({ isOptIn }) => isOptIn).map(({ id }) => [id, {}]))
  const { config: more } = await configOf({ ...tree({ 'shiplock.config.ts': `export default ${JSON.stringify({ checks: asked })}` }), checks })
  expect(Object.keys(more.checks)).toEqual(checks.map(({ id }) => id))
  expect(more.gates.map(({ check }) => check)).toEqual(checks.map(({ id }) => id))
})

test("the service's package.json fills in name, build script and entry point", async () => {
  const packageJson = JSON.stringify({ name: '@acme/My_App', main: './lib/main.js', scripts: { build: 'tsc' } })
  const { config, path } = await configOf(tree({ 'shiplock.config.mts': "export default { service: { directory: 'app' } }", 'app/package.json': packageJson }))
  expect(path).toBe('shiplock.config.mts')
  expect(config.service.name).toBe('my-app')
  expect(config.image).toMatchObject({ build: 'build', entrypoint: ['node', './lib/main.js'] })
  expect(config.image.reads).toContain('app/**/*')
})

test("packages enter the image where the service's package.json asks for any, unless the config says otherwise", async () => {
  const image = async (packageJson: object, config = '{}') => (await configOf(tree({ 'package.json': JSON.stringify(packageJson), 'shiplock.config.ts': `export default ${config}` }))).config.image.dependencies
  expect(await image({ dependencies: { fastify: '^5.0.0' } })).toBe('production')
  expect(await image({ optionalDependencies: { fsevents: '*' } })).toBe('production')
  expect(await image({ devDependencies: { vitest: '^5.0.0' }, dependencies: {} })).toBe('none')
  expect(await image({ dependencies: ['fastify'] })).toBe('none')
  expect(await image({ dependencies: { fastify: '^5.0.0' } }, "{ image: { dependencies: 'none' } }")).toBe('none')
})

test('a Dockerfile builds the image where there is one and the config says nothing of the image, or names one', async () => {
  const image = async (config: string, files: Readonly<Record<string, string>> = { 'app/Dockerfile': 'FROM scratch' }) => (await configOf(tree({ ...files, 'shiplock.config.ts': `export default ${config}` }))).config.image
  expect(await image("{ service: { directory: 'app' } }")).toMatchObject({ builder: 'dockerfile', dockerfile: 'app/Dockerfile', context: 'app' })
  expect(await image("{ service: { directory: 'app' } }", {})).toMatchObject({ builder: 'assemble' })
  expect(await image('{}')).toMatchObject({ builder: 'assemble', dockerfile: 'Dockerfile', context: '.' })
  expect(await image("{ service: { directory: 'app' }, image: { user: 1000 } }")).toMatchObject({ builder: 'assemble' })
  expect(await image("{ service: { directory: 'app' }, image: { dockerfile: './docker/Dockerfile', context: './' } }")).toMatchObject({ builder: 'dockerfile', dockerfile: 'docker/Dockerfile', context: '.' })
  expect(await image("{ service: { directory: 'app' }, image: { builder: 'dockerfile' } }", {})).toMatchObject({ builder: 'dockerfile', dockerfile: 'app/Dockerfile' })
})

test("the service's folder is the same however it is written", async () => {
  for (const directory of ['app', './app', 'app/', './/app//']) {
    const { config } = await configOf(tree({ 'shiplock.config.ts': `export default { service: { directory: '${directory}' } }` }))
    expect(config.service.directory).toBe('app')
    expect(config.image.reads).toContain('app/**/*')
  }
})

test('what is written wins over the package.json', async () => {
  const files = { 'shiplock.config.ts': "export default { service: { name: 'todo' }, image: { build: null, entrypoint: ['node', 'x.mjs'] } }" }
  const { config } = await configOf(tree({ ...files, 'package.json': JSON.stringify({ name: 'other', scripts: { build: 'tsc', start: 'node y.mjs' } }) }))
  expect(config).toMatchObject({ service: { name: 'todo' }, image: { build: null, entrypoint: ['node', 'x.mjs'] } })
})

test('the example of the documentation is read', async () => {
  const { config } = await configOf({ ...tree({ 'shiplock.config.ts': example }), checks })
  expect(config.service).toMatchObject({ name: 'todo', directory: 'app', port: 8080, env: { LOG_LEVEL: 'info' } })
  expect(config.gates.find(({ check }) => check === 'lint')?.failOn).toBe('low')
})

test('the example of the documentation compiles in a strict repository that has no package of ours', () => {
  const directory = mkdtempSync(join(tmpdir(), 'shiplock-example-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, 'shiplock.config.ts'), example)
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions: { strict: true, noEmit: true, module: 'nodenext', types: [] } }))
  const tsc = fileURLToPath(new URL('../../../../node_modules/typescript/bin/tsc', import.meta.url))
  expect(spawnSync(process.execPath, [tsc, '-p', directory], { encoding: 'utf8' })).toMatchObject({ status: 0, stdout: '' })
})

test('a check that is switched off has neither options nor a gate', async () => {
  const { config } = await configOf(tree({ 'shiplock.config.ts': 'export default { checks: { sample: false }, gates: { sample: { optional: true } } }' }))
  expect(config).toMatchObject({ checks: {}, gates: [] })
  expect(config.checks).not.toHaveProperty('sample')
})

test('undefined leaves the default', async () => {
  const { config } = await configOf(tree({ 'shiplock.config.ts': 'export default { service: { port: undefined }, image: undefined }' }))
  expect(config).toMatchObject({ service: { port: 8080 }, image: { user: 65_532 } })
})

test('unknown keys name the nearest known one, at every level and for checks too', async () => {
  const source = `export default {
  servce: {},
  service: { startupProbe: { periodsSeconds: 2 } },
  checks: { sample: { levle: 'quick' }, smaple: {} },
  gates: { semple: {} },
  targets: { cloud: {} },
}
`
  expect(await textOf(tree({ 'shiplock.config.ts': source }))).toBe(`shiplock.config.ts:2:3 unknown key \`servce\` in the config
  2 |   servce: {},
    |   ^^^^^^
  hint: did you mean \`service\`?

shiplock.config.ts:3:30 unknown key \`periodsSeconds\` in \`service.startupProbe\`
  3 |   service: { startupProbe: { periodsSeconds: 2 } },
    |                              ^^^^^^^^^^^^^^
  hint: did you mean \`periodSeconds\`?

shiplock.config.ts:4:23 unknown key \`levle\` in \`checks.sample\`
  4 |   checks: { sample: { levle: 'quick' }, smaple: {} },
    |                       ^^^^^
  hint: did you mean \`level\`?

shiplock.config.ts:4:41 unknown key \`smaple\` in \`checks\`
  4 |   checks: { sample: { levle: 'quick' }, smaple: {} },
    |                                         ^^^^^^
  hint: did you mean \`sample\`?

shiplock.config.ts:5:12 unknown key \`semple\` in \`gates\`
  5 |   gates: { semple: {} },
    |            ^^^^^^
  hint: did you mean \`sample\`?

shiplock.config.ts:6:14 unknown key \`cloud\` in \`targets\`
  6 |   targets: { cloud: {} },
    |              ^^^^^
  hint: known keys: local, cloud-run`)
})

test.each([
  ['[]', 'the config must be an object, not a list'],
  ["{ service: { port: '80' } }", '`service.port` must be a whole number, not a string'],
  ['{ service: { port: 80.5 } }', '`service.port` must be a whole number, not 80.5'],
  ['{ service: { port: 0 } }', '`service.port` must be at least 1, not 0'],
  ['{ service: { port: 70000 } }', '`service.port` must be at most 65535, not 70000'],
  ['{ service: 1 }', '`service` must be an object or null, not a number'],
  ["{ service: { name: 'My app' } }", '`service.name` must be 1 to 49 of `a-z`'],
  [`{ service: { name: '${'a'.repeat(50)}' } }`, '`service.name` must be 1 to 49 of `a-z`'],
  ["{ service: { directory: '../app' } }", '`service.directory` must be a path inside the repository'],
  ["{ service: { directory: '/app' } }", '`service.directory` must be a path inside the repository'],
  ["{ service: { directory: 'a/../../b' } }", '`service.directory` must be a path inside the repository'],
  ["{ service: { directory: 'a\\\\b' } }", '`service.directory` must be a path inside the repository'],
  ["{ service: { directory: 'a\\0b' } }", '`service.directory` must be a path inside the repository'],
  ["{ service: { env: { PORT: '1' } } }", 'the name `PORT` must be a name of letters'],
  ["{ service: { env: { 'A=B': '1' } } }", 'the name `A=B` must be a name of letters'],
  ['{ service: { env: { A: 1 } } }', '`service.env.A` must be a string, not a number'],
  ["{ service: { startupProbe: { path: 'ready' } } }", '`service.startupProbe.path` must start with `/`'],
  ['{ service: { startupProbe: { path: 1 } } }', '`service.startupProbe.path` must be a string or null, not a number'],
  ['{ service: { startupProbe: { timeoutSeconds: 9 } } }', '`service.startupProbe.timeoutSeconds` must be at most `periodSeconds`, which is 1'],
  ['{ service: { startupProbe: { periodSeconds: 10 } } }', '`service.startupProbe.failureThreshold` must be at most 24'],
  ['{ image: { user: 0 } }', '`image.user` must be at least 1, not 0'],
  ['{ image: { files: [] } }', '`image.files` must have at least 1 entry'],
  ["{ image: { files: ['a', '../b'] } }", '`image.files[1]` must be a path inside the repository'],
  ["{ image: { entrypoint: [''] } }", '`image.entrypoint[0]` must not be empty'],
  ["{ image: { build: 'build' } }", 'there is no package.json that could have a script `build`'],
  ['{ checks: { sample: true } }', '`checks.sample` must be false or an object, not true'],
  ["{ checks: { sample: { level: 'throrough' } } }", '`checks.sample.level` must be "quick" or "thorough"'],
  ["{ checks: { sample: { limits: { 'a b': -1 } } } }", '`checks.sample.limits["a b"]` must be more than 0, not -1'],
  ["{ checks: { sample: { paths: ['a', 'b', 'c'] } } }", '`checks.sample.paths` must have at most 2 entries'],
  ['{ checks: { sample: { width: 0.1 } } }', '`checks.sample.width` must be at least 0.5, not 0.1'],
  ['{ checks: { sample: { width: true } } }', '`checks.sample.width` must be "auto" or a number, not true'],
  ["{ gates: { sample: { failOn: 'hgih' } } }", 'hint: did you mean "high"?'],
  ['{ gates: { sample: { optional: 1 } } }', '`gates.sample.optional` must be true or false, not a number'],
])('%s', async (literal, message) => {
  const text = await textOf(tree({ 'shiplock.config.ts': `export default ${literal}` }))
  expect(text).toContain(message)
  expect(text).toMatch(/^shiplock\.config\.ts:1:\d+ /)
})

test('a mistake in a constant is shown where the constant is written', async () => {
  const source = "const port = '80'\nexport default { service: { port } }"
  expect(await textOf(tree({ 'shiplock.config.ts': source }))).toMatch(/^shiplock\.config\.ts:1:14 `service\.port` must be a whole number/)
})

test('a build script that the package does not have is refused, with the nearest', async () => {
  const files = { 'shiplock.config.ts': "export default { service: { directory: 'app' }, image: { build: 'biuld' } }", 'app/package.json': '{"scripts":{"build":"tsc"}}' }
  const text = await textOf(tree(files))
  expect(text).toContain('shiplock.config.ts:1:65 app/package.json has no script `biuld`')
  expect(text).toContain('hint: did you mean `build`?')
})

test('a syntax error has its place', async () => {
  expect(await textOf(tree({ 'shiplock.config.ts': 'export default {\n  a: 1,,\n}' }))).toBe('shiplock.config.ts:2:8 Unexpected token\n  2 |   a: 1,,\n    |        ^')
})

test('two configs are an error that names both', async () => {
  const text = await textOf(tree({ 'shiplock.config.ts': 'export default {}', 'shiplock.config.js': 'export default {}' }))
  expect(text).toBe('shiplock.config.ts there is more than one config: shiplock.config.ts, shiplock.config.js\n  hint: keep one of them, or name one with --config')
})

test('--config names the file, and nothing else is looked at', async () => {
  const files = { 'shiplock.config.ts': 'f()', 'ci/other.ts': "export default { service: { name: 'other' } }" }
  expect(await configOf(tree(files, 'ci/other.ts'))).toMatchObject({ path: 'ci/other.ts', config: { service: { name: 'other' } } })
  expect(await textOf(tree(files, 'ci/none.ts'))).toMatch(/^ci\/none\.ts there is no such file/)
})

test.each<[string, string | Uint8Array, string]>([
  ['a file larger than 1 MB', `// ${'x'.repeat(1024 * 1024)}\nexport default {}`, 'larger than 1 MB'],
  ['a file that is not UTF-8', new Uint8Array([0x65, 0xff, 0xfe]), 'not UTF-8'],
  ['a binary file', new Uint8Array(512), 'Invalid Character'],
])('%s is refused', async (_name, content, message) => {
  expect(await textOf(tree({ 'shiplock.config.ts': content }))).toContain(message)
})

test('a config that cannot be read says why', async () => {
  expect(await textOf(tree({ 'shiplock.config.ts/inside': '' }))).toBe('shiplock.config.ts cannot be read: EISDIR')
})

test('a package.json that is none is named', async () => {
  expect(await textOf(tree({ 'package.json': '{' }))).toMatch(/^package\.json the file is not a package\.json: /)
  expect(await textOf(tree({ 'package.json': '[]' }))).toMatch(/^package\.json the file is not a package\.json: it is not an object/)
})

test('a glob of files that would take long to match is refused', async () => {
  const reading = await readConfig(tree({ 'shiplock.config.ts': `export default { image: { files: ['${'*a'.repeat(6)}'] } }` }))
  expect(reading).toMatchObject({ ok: false })
  expect(JSON.stringify(reading)).toContain('at most 5 runs of stars')
})
