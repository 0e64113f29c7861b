import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync, existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { defineCheck, type Check, type CheckOutcome, type Command, type CommandResult } from '../checks/check.ts'
import { findKnownSecrets } from '../checks/secrets/known-secrets.ts'
import { memoryStore, type Store } from '../engine/cache.ts'
import type { StageContext } from '../engine/stage.ts'
import { confine, findConfinement, nodeProgram, type Confinement } from '../system/confinement.ts'
import { createMask } from '../system/masking.ts'
import { takeSnapshot, type Snapshot } from '../system/snapshot.ts'
import { treeCheckStage } from './check-stage.ts'

let root: string
const confinement = await findConfinement(import.meta.dirname, process.env)
// CI installs bubblewrap: there, what is tested here must not be left out.
const hasWall = confinement.kind === 'bubblewrap' || process.env['CI'] !== undefined

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'check-stage-'))
  write('a.js', 'one')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

function snapshot(): Snapshot {
  const result = takeSnapshot(root, join(root, '.shiplock/index.json'))
  if (!result.ok) throw new Error(result.failure.message)
  return result.value
}

const context: StageContext = { signal: new AbortController().signal, output: () => undefined, result: () => ({ status: 'cancelled' }), progress: () => {} }

interface Rig {
  readonly run: Check['run']
  readonly reads?: readonly string[]
  readonly confinement?: Confinement
  readonly store?: Store
  readonly taken?: Snapshot
  readonly options?: object
  readonly tools?: Readonly<Record<string, string>>
  readonly isUntrusted?: boolean
}

async function stage({ run, reads = ['**'], ...rig }: Rig) {
  const check = defineCheck({
    id: 'example',
    title: 'Example',
    subject: 'tree',
    reads: () => reads,
    executes: true,
    ...(rig.tools && { tools: async () => rig.tools ?? {} }),
    options: z.strictObject({}),
    rules: [{ id: 'example/flaw', title: 'Flaw', severity: 'high', confidence: 'medium', fix: 'Mend it.' }],
    run,
  })
  return treeCheckStage({
    check,
    options: rig.options ?? {},
    workspace: { snapshot: rig.taken ?? snapshot(), confinement: rig.confinement ?? confinement, scratchParent: join(root, '.shiplock/scratch'), programs: [], isUntrusted: rig.isUntrusted ?? false },
    toolVersion: 'test',
    mask: createMask({ API_TOKEN: 'a-secret-of-the-machine' }, findKnownSecrets),
    ...(rig.store && { store: rig.store }),
  })
}

/** What `node -e SCRIPT` printed, run as repository code. */
async function executed(script: string, more: Partial<Command> = {}, rig: Partial<Rig> = {}): Promise<CommandResult> {
  let result: CommandResult | undefined
  const made = await stage({
    ...rig,
    run: async (check): Promise<CheckOutcome> => {
      result = await check.run({ argv: ['node', '-e', script], in: 'scratch', executes: true, ...more })
      return { kind: 'completed', findings: [] }
    },
  })
  const ended = await made.run(context)
  if (!result) throw new Error(JSON.stringify(ended))
  return result
}

const stdoutOf = (result: CommandResult) => (result.stdout ?? '').trim()
const print = (expression: string) => `try { console.log(${expression}) } catch (error) { console.log(error.code) }`

test('a finding gets severity, confidence and fix from its rule, the source line, and a fingerprint', async () => {
  write('b.js', 'first\n  second(user)\nthird\n')
  const made = await stage({ run: async () => ({ kind: 'completed', findings: [{ rule: 'example/flaw', message: 'second is bad', location: { path: 'b.js', startLine: 2 } }] }) })
  const result = await made.run(context)
  expect(result).toMatchObject({
    ok: true,
    value: { outcome: { kind: 'completed', findings: [{ severity: 'high', confidence: 'medium', fix: 'Mend it.', snippet: '  second(user)', fingerprint: expect.stringMatching(/^[0-9a-f]{32}:1$/) }] } },
  })
})

test('a rule that the check does not declare is a bug, not a finding', async () => {
  const made = await stage({ run: async () => ({ kind: 'completed', findings: [{ rule: 'example/other', message: 'x' }] }) })
  await expect(made.run(context)).rejects.toThrow('which it does not declare')
})

test('a secret of the machine is masked in whatever a check says', async () => {
  const made = await stage({ run: async () => ({ kind: 'failed', failure: { reason: 'tool-failed', message: 'said a-secret-of-the-machine' } }) })
  expect(JSON.stringify(await made.run(context))).not.toContain('a-secret-of-the-machine')
})

test('a secret of the machine is not in what is remembered of a file', async () => {
  const kept: string[] = []
  const store: Store = { ...memoryStore(), set: (_, value) => void kept.push(value) }
  const made = await stage({ store, run: async ({ files, perFile }) => ({ kind: 'completed', findings: await perFile(files.paths, 'k', async (paths) => new Map(paths.map((path) => [path, [{ rule: 'example/flaw', message: 'said a-secret-of-the-machine', location: { path } }]]))) }) })
  await made.run(context)
  expect(kept).toEqual([expect.stringContaining('said ***')])
})

test('nor is the name of a file that nothing was found in, which may be a token', async () => {
  const kept: string[] = []
  const store: Store = { ...memoryStore(), set: (_, value) => void kept.push(value) }
  write('a-token-as-a-name.js', '1\n')
  const made = await stage({ store, run: async ({ files, perFile }) => ({ kind: 'completed', findings: await perFile(files.paths, 'k', async (paths) => new Map(paths.map((path) => [path, []]))) }) })
  await made.run(context)
  expect([kept.length, kept.join().includes('token')]).toEqual([1, false])
})

test('a finding that quotes a line of a key, or half a token, shows none of it, and its fingerprint is not made of it', async () => {
  const of = async (key: string) => {
    write('b.js', `first\n-----BEGIN PRIVATE KEY-----\n${key.repeat(3)}-----END PRIVATE KEY-----\n`)
    const made = await stage({ run: async () => ({ kind: 'completed', findings: [{ rule: 'example/flaw', message: 'a line', location: { path: 'b.js', startLine: 4, startColumn: 3, endColumn: 9 } }] }) })
    return JSON.stringify(await made.run(context))
  }
  const said = await of('MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ\n')
  expect(said).toContain('"snippet":"***"')
  expect(said).toBe(await of('Aa0Bb1Cc2Dd3Ee4Ff5Gg6Hh7Ii8Jj9Kk0Ll1Mm2Nn3Oo4Pp5Qq\n'))
})

test('a check of a tree with an unreadable file is failed, never completed', async () => {
  const made = await stage({ taken: { ...snapshot(), unreadable: [{ path: 'locked.ts', reason: 'EACCES' }] }, run: async () => ({ kind: 'completed', findings: [] }) })
  expect(await made.run(context)).toMatchObject({ ok: true, value: { outcome: { kind: 'failed', failure: { reason: 'unreadable-file' } } } })
})

test('a file that is edited while the check runs fails it, whether or not the check reads it again', async () => {
  const made = await stage({ run: async () => (write('a.js', 'two'), { kind: 'completed', findings: [] }) })
  expect(await made.run(context)).toMatchObject({ ok: false, failure: { reason: 'tree-changed', message: expect.stringContaining('a.js') } })
  const reading = await stage({ run: async ({ files }) => (write('a.js', 'three'), await files.text('a.js'), { kind: 'completed', findings: [] }) })
  expect(await reading.run(context)).toMatchObject({ ok: false, failure: { reason: 'tree-changed' } })
})

test('a tool that runs in the tree is failed by any edit of the tree meanwhile, also of a file that the check does not read', async () => {
  write('other.js', 'one')
  const result = await executed(`require('fs').writeFileSync('other.js', 'two')`, { in: 'tree', executes: false }, { reads: ['a.js'] })
  expect(result).toMatchObject({ kind: 'failed', failure: { reason: 'tree-changed', message: expect.stringContaining('other.js') } })
})

test('everything that the result depends on is in the fingerprint', async () => {
  const run: Rig['run'] = async () => ({ kind: 'completed', findings: [] })
  const taken = snapshot()
  const file = taken.files.get('a.js')!
  const rigs: Rig[] = [
    { run },
    { run, options: { strict: true } },
    { run, tools: { example: '1.0.0' } },
    { run, tools: { example: '1.0.1' } },
    { run, confinement: { kind: 'unconfined', why: 'a test' } },
    { run, taken: { ...taken, files: new Map([['a.js', { ...file, mode: 'executable' }]]) } },
    { run, taken: { ...taken, files: new Map([['b.js', file]]) } },
    { run, taken: { ...taken, unreadable: [{ path: 'locked.ts', reason: 'EACCES' }] } },
  ]
  const walled: Confinement = { kind: 'bubblewrap', program: '/usr/bin/bwrap' }
  const inputs = await Promise.all(rigs.map(async (rig) => (await stage({ confinement: walled, ...rig })).inputs))
  expect(new Set(inputs).size).toBe(rigs.length)
})

test('an edit of a file that the check does not read leaves its fingerprint alone', async () => {
  const run: Rig['run'] = async () => ({ kind: 'completed', findings: [] })
  const before = (await stage({ run, reads: ['src/**'] })).inputs
  write('README.md', 'x')
  expect((await stage({ run, reads: ['src/**'] })).inputs).toBe(before)
  write('src/a.ts', 'x')
  expect((await stage({ run, reads: ['src/**'] })).inputs).not.toBe(before)
})

test('only files whose content is new are examined, and the answers are those of examining all', async () => {
  const store = memoryStore()
  const examined: string[] = []
  const run: Rig['run'] = async ({ files, perFile }) => ({
    kind: 'completed',
    findings: await perFile(files.paths, 'k', async (paths) => (examined.push(...paths), new Map(paths.map((path) => [path, [{ rule: 'example/flaw', message: path, location: { path } }]])))),
  })
  write('b.js', 'x')
  await (await stage({ run, store })).run(context)
  write('b.js', 'y')
  const second = await (await stage({ run, store })).run(context)
  expect(examined).toEqual(['a.js', 'b.js', 'b.js'])
  expect(second).toMatchObject({ value: { outcome: { findings: [{ message: 'a.js' }, { message: 'b.js' }] } } })
})

test('answers that were given under another key, such as other options, are not used', async () => {
  const store = memoryStore()
  const examined: string[] = []
  const run =
    (key: string): Rig['run'] =>
    async ({ files, perFile }) => ({ kind: 'completed', findings: await perFile(files.paths, key, async (paths) => (examined.push(key), new Map(paths.map((path) => [path, []])))) })
  for (const key of ['k', 'other', 'other']) await (await stage({ run: run(key), store })).run(context)
  expect(examined).toEqual(['k', 'other'])
})

test('a check that gives no answer for a file is a bug, not a clean file', async () => {
  const made = await stage({ store: memoryStore(), run: async ({ files, perFile }) => ({ kind: 'completed', findings: await perFile(files.paths, 'k', async () => new Map()) }) })
  await expect(made.run(context)).rejects.toThrow('gave no answer for a.js')
})

test.runIf(hasWall)('repository code sees no secret, no home, no .git, none of our state and no file that was not declared', async () => {
  write('.git-like/x', 'x')
  write('.shiplock/local/token', 'the-token')
  write('undeclared.txt', 'x')
  const secrets = [join(root, '.shiplock/local/token'), join(root, 'undeclared.txt'), process.env['HOME'] ?? '/root', '/etc/shadow', '/run', `/proc/${process.pid}/environ`]
  const script = `const fs = require('fs'); for (const path of ${JSON.stringify(secrets)}) { try { fs.statSync(path); console.log('sees ' + path) } catch {} } console.log(Object.keys(process.env).sort().join())`
  const result = await executed(script, {}, { reads: ['a.js'] })
  expect(stdoutOf(result)).toBe('CI,HOME,LANG,NO_COLOR,PATH,PWD,TMPDIR,TZ')
})

test.runIf(hasWall)('repository code writes to its copy, and neither to the tree nor to our caches', async () => {
  write('.shiplock/results/ab/entry', 'true result')
  const result = await executed(`const fs = require('fs'); fs.writeFileSync('a.js', 'changed'); fs.mkdirSync('.shiplock/results/ab', { recursive: true }); fs.writeFileSync('.shiplock/results/ab/entry', 'no findings'); ${print("fs.writeFileSync('/usr/x', '')")}`)
  expect(result).toMatchObject({ kind: 'exited', exitCode: 0, stdout: 'EROFS\n' })
  expect([readFileSync(join(root, 'a.js'), 'utf8'), readFileSync(join(root, '.shiplock/results/ab/entry'), 'utf8')]).toEqual(['one', 'true result'])
  expect(existsSync(join(root, '.shiplock/scratch')) ? readdirSync(join(root, '.shiplock/scratch')) : []).toEqual([])
})

test.runIf(hasWall)('what repository code is shown besides its copy cannot be written: the tree where it only looks, installed packages, our Node', async () => {
  write('package.json', '{}')
  write('node_modules/plain/index.js', 'the package')
  const attempts = [`fs.writeFileSync(require.resolve('plain'), 'changed')`, `fs.accessSync(require('path').dirname(process.execPath), fs.constants.W_OK)`]
  const script = (expressions: readonly string[]) => `const fs = require('fs'); ${expressions.map(print).join('; ')}`
  expect(stdoutOf(await executed(script(attempts)))).toBe('EROFS\nEROFS')
  expect(stdoutOf(await executed(script([`fs.writeFileSync('a.js', 'changed')`, ...attempts]), { in: 'tree' }))).toBe('EROFS\nEROFS\nEROFS')
  expect([readFileSync(join(root, 'a.js'), 'utf8'), readFileSync(join(root, 'node_modules/plain/index.js'), 'utf8')]).toEqual(['one', 'the package'])
})

test.runIf(hasWall)('repository code is in namespaces and a session of its own, without any capability', async () => {
  const names = ['ipc', 'mnt', 'net', 'pid', 'user', 'uts']
  const script = `const fs = require('fs')
    const names = ${JSON.stringify(names)}
    const status = fs.readFileSync('/proc/self/status', 'utf8')
    const [, session] = /^\\d+ \\(.*\\) \\S+ \\d+ \\d+ (\\d+)/.exec(fs.readFileSync('/proc/self/stat', 'utf8'))
    console.log(JSON.stringify({ namespaces: names.map((name) => fs.readlinkSync('/proc/self/ns/' + name)), capabilities: status.match(/^Cap(?:Prm|Eff|Bnd):.*/gm), session: Number(session) }))`
  const { namespaces, capabilities, session }: { namespaces: string[]; capabilities: string[]; session: number } = JSON.parse(stdoutOf(await executed(script)))
  expect(names.filter((name, i) => namespaces[i] === readlinkSync(`/proc/self/ns/${name}`))).toEqual([])
  expect(capabilities.map((line) => line.split('\t')[1])).toEqual(Array.from({ length: 3 }, () => '0'.repeat(16)))
  // A session that began outside of the namespace has no number in it.
  expect(session).toBeGreaterThan(0)
})

test.runIf(hasWall)('repository code does not outlive us, even where we are killed', async () => {
  const view = { root, shownAs: root, isWritable: false, nodeModules: [], programs: [nodeProgram()], network: 'none' } as const
  const argv = confine(confinement.kind === 'bubblewrap' ? confinement.program : 'bwrap', view, '/', [process.execPath, '-e', 'console.log("up"); setInterval(() => {}, 1e6)'])
  const child = spawn(process.execPath, ['-e', `require('child_process').spawn(process.argv[1], process.argv.slice(2), { stdio: ['ignore', 'inherit', 'inherit'] })`, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  // The pipe ends when the last who holds it is gone.
  await once(child.stdout.resume(), 'end')
})

test('--untrusted: code that cannot be confined is not run', async () => {
  const unconfined: Confinement = { kind: 'unconfined', why: 'a test' }
  const result = await executed(`console.log('ran')`, {}, { confinement: unconfined, isUntrusted: true })
  expect(result).toMatchObject({ kind: 'failed', failure: { reason: 'unconfined', message: expect.stringContaining('a test') } })
  expect(await executed(`console.log('ran')`, { in: 'tree', executes: false }, { confinement: unconfined, isUntrusted: true })).toMatchObject({ kind: 'exited', stdout: 'ran\n' })
})

test('--untrusted: code that asks for the network of this machine is not run; elsewhere it is said', async () => {
  const walled: Confinement = { kind: 'bubblewrap', program: '/nowhere/bwrap' }
  expect(await executed('', { network: 'host' }, { confinement: walled, isUntrusted: true })).toMatchObject({ kind: 'failed', failure: { reason: 'unconfined', message: expect.stringContaining('network') } })
  const made = await stage({ confinement: { kind: 'unconfined', why: 'a test' }, run: async (check) => (await check.run({ argv: ['node', '-e', ''], in: 'scratch', executes: true, network: 'host' }), { kind: 'completed', findings: [] }) })
  expect(await made.run(context)).toMatchObject({ value: { hasHostNetwork: true } })
})

test.runIf(hasWall)('a node_modules that leads out of the tree is not shown: it could be any directory of this machine', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'check-stage-'))
  mkdirSync(join(outside, 'plain'))
  writeFileSync(join(outside, 'plain/index.js'), 'module.exports = "from outside"')
  symlinkSync(outside, join(root, 'node_modules'))
  expect(stdoutOf(await executed(print("require('plain')")))).toBe('MODULE_NOT_FOUND')
  rmSync(outside, { recursive: true })
})

test('a file below a link is refused: its copy would be written through the link', async () => {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root })
  const outside = mkdtempSync(join(tmpdir(), 'check-stage-'))
  git('init', '--quiet')
  write('folder/file.txt', 'inside')
  git('add', '--all')
  rmSync(join(root, 'folder'), { recursive: true })
  writeFileSync(join(outside, 'file.txt'), 'outside')
  symlinkSync(outside, join(root, 'folder'))
  expect(await executed('')).toMatchObject({ kind: 'failed', failure: { reason: 'unreadable-file', message: 'folder/file.txt is below a symbolic link' } })
  expect(readFileSync(join(outside, 'file.txt'), 'utf8')).toBe('outside')
  rmSync(outside, { recursive: true })
})

test.runIf(hasWall)('repository code has a loopback of its own: it cannot reach what listens on this machine', async () => {
  const server = createServer((_, response) => response.end('reached'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const ask = `fetch('http://127.0.0.1:${port}/').then((r) => r.text()).then(console.log, (e) => console.log(e.cause.code))`
  expect(stdoutOf(await executed(ask))).toBe('ECONNREFUSED')
  expect(stdoutOf(await executed(ask, { network: 'host' }))).toBe('reached')
  server.close()
})

test.runIf(hasWall)('repository code does not see other processes', async () => {
  expect(Number(stdoutOf(await executed(print("require('fs').readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).length"))))).toBeLessThan(5)
})

test.runIf(hasWall)('what is collected is read from where it ran, and a link out of there is not followed', async () => {
  const result = await executed(`const fs = require('fs'); fs.writeFileSync('out.txt', 'yes'); fs.symlinkSync('/etc/passwd', 'link.txt'); fs.mkdirSync('d'); fs.symlinkSync('/etc', 'd/etc')`, { collect: ['out.txt', 'link.txt', 'd/etc/passwd', 'd', 'none.txt'] })
  expect(result.collected).toEqual(new Map([['out.txt', 'yes']]))
})

test('without a wall, repository code still runs in a copy with a scrubbed environment, and says that it is unconfined', async () => {
  const unconfined: Confinement = { kind: 'unconfined', why: 'a test' }
  const result = await executed(`require('fs').writeFileSync('a.js', 'changed'); console.log(Object.keys(process.env).sort().join())`, {}, { confinement: unconfined })
  expect(stdoutOf(result)).toBe('CI,HOME,LANG,NO_COLOR,PATH,TMPDIR,TZ')
  expect(readFileSync(join(root, 'a.js'), 'utf8')).toBe('one')
  const made = await stage({ confinement: unconfined, run: async () => ({ kind: 'completed', findings: [] }) })
  expect(await made.run(context)).toMatchObject({ value: { confinement: 'unconfined' } })
})

test('packages are found from the copy, workspaces lead to the copy, and tools may keep files beside them', async () => {
  write('package.json', '{"workspaces":["lib"]}')
  write('lib/package.json', '{"name":"lib","main":"index.js"}')
  write('lib/index.js', 'module.exports = "from the tree"')
  write('node_modules/plain/package.json', '{"main":"i.js"}')
  write('node_modules/plain/i.js', 'module.exports = require("needed")')
  write('node_modules/needed/index.js', 'module.exports = "found"')
  write('node_modules/.vite/results.json', 'left by code that ran before')
  symlinkSync('../lib', join(root, 'node_modules/lib'))
  const script = `const fs = require('fs'); fs.writeFileSync('lib/index.js', 'module.exports = "from the copy"'); fs.mkdirSync('node_modules/.vite-temp'); console.log(require('plain'), require('lib'), fs.existsSync('node_modules/.vite'))`
  for (const it of [confinement, { kind: 'unconfined', why: 'a test' } as const]) {
    expect(stdoutOf(await executed(script, {}, { confinement: it }))).toBe('found from the copy false')
  }
})

test.each([
  ['a program that is not installed', 'no-such-linter', false],
  ['a program of the repository that is not installed', 'no-such-linter', true],
  ['a program that is not where it should be', '/nowhere/no-such-linter', false],
])('%s is a failure with a hint, not a pass', async (_, program, executes) => {
  const made = await stage({
    run: async (check) => {
      const result = await check.run({ argv: [program], in: 'tree', executes })
      return result.kind === 'failed' ? { kind: 'failed', failure: result.failure } : { kind: 'completed', findings: [] }
    },
  })
  expect(await made.run(context)).toMatchObject({ value: { outcome: { kind: 'failed', failure: { reason: 'tool-missing', hint: expect.stringContaining('install no-such-linter') } } } })
})
