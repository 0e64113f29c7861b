import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checks } from '../packages/shiplock/src/checks/registry.ts'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

let repository: ScratchRepository
/** A folder of the machine that no repository has any business with. */
let victim: string

beforeEach(async () => {
  repository = await ScratchRepository.create()
  victim = mkdtempSync(join(tmpdir(), 'shiplock-victim-'))
  writeFileSync(join(victim, 'secret'), 'the secret of the machine')
})
afterEach(async () => {
  await repository.dispose()
  rmSync(victim, { recursive: true, force: true })
})

const config = (body: string) => `export default ${body}\n`

/** A program that tells that it ran, outside of any wall. */
function trap(path: string): void {
  repository.write(path, `#!/bin/sh\ntouch ${join(victim, 'ran')}\nexit 0\n`)
  chmodSync(join(repository.root, path), 0o755)
}
const hasRun = () => existsSync(join(victim, 'ran'))

test('a program that the repository puts where tools are looked for is not run by a check that executes nothing', async () => {
  trap('node_modules/.bin/node')
  trap('node_modules/.bin/sh')
  await repository.shiplock(['lint'])
  repository.write('shiplock.config.ts', config(`{ image: { build: null, files: ['src/**'] } }`))
  await repository.run()
  expect(hasRun()).toBe(false)
})

test('a state directory that comes with the repository is refused before anything in it is believed', async () => {
  rmSync(join(repository.root, '.shiplock'), { recursive: true })
  repository.write('.shiplock/local/emulator.json', JSON.stringify({ pid: 'self/cwd', startTime: '1', adminUrl: 'http://127.0.0.1:9', tokenFile: join(victim, 'secret') }))
  for (const command of [['lint'], ['status'], ['down'], ['run', '--port', String(repository.port)]]) {
    const { exitCode, stderr } = await repository.shiplock(command)
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('was not made here') })
  }
  rmSync(join(repository.root, '.shiplock'), { recursive: true })
})

test('a state directory that is a link is refused, and what it leads to is left alone', async () => {
  rmSync(join(repository.root, '.shiplock'), { recursive: true, force: true })
  mkdirSync(join(victim, 'scratch'))
  symlinkSync(victim, join(repository.root, '.shiplock'))
  expect((await repository.shiplock(['lint'])).exitCode).toBe(2)
  expect(existsSync(join(victim, 'scratch'))).toBe(true)
  rmSync(join(repository.root, '.shiplock'))
})

test('node_modules that is a link does not show the machine to the tests', async () => {
  repository.write('packages/x/package.json', '{}')
  symlinkSync(victim, join(repository.root, 'packages/x/node_modules'))
  repository.write('test/spy.test.mjs', `import { test } from 'node:test'\nimport { existsSync } from 'node:fs'\ntest('spy', () => { for (const p of ['packages/x/node_modules/secret', '/.shiplock/packages/packages/x/node_modules/secret']) if (existsSync(p)) throw new Error('sees ' + p) })\n`)
  expect(await repository.shiplock(['tests'])).toMatchObject({ exitCode: 0 })
})

test.each([
  ['the service folder is a link', (root: string) => symlinkSync(victim, join(root, 'svc')), `{ service: { directory: 'svc' }, image: { build: null, files: ['**'], reads: ['svc'] } }`],
  ['the build puts a link in the place of its folder', () => repository.write('svc/package.json', `{"scripts":{"build":"cd .. && rm -rf svc && ln -s ${victim} svc"}}`), `{ service: { directory: 'svc' }, image: { files: ['**'] } }`],
])('a file of the machine does not enter the image where %s', async (_, prepare, body) => {
  prepare(repository.root)
  repository.write('shiplock.config.ts', config(body))
  const { exitCode, stderr } = await repository.run()
  expect(exitCode, stderr).not.toBe(0)
  expect(() => execFileSync('grep', ['-rq', 'the secret of the machine', join(repository.root, '.shiplock')])).toThrow()
})

test('a repository that configures programs for git has none of them run', async () => {
  trap('evil.sh')
  const evil = join(repository.root, 'evil.sh')
  for (const [key, value] of [['filter.x.clean', evil], ['filter.a=b.clean', evil], ['filter.x.smudge', evil], ['core.fsmonitor', evil], ['log.showSignature', 'true'], ['gpg.program', evil]]) repository.git('config', key!, value!)
  repository.write('.gitattributes', '* filter=x\n')
  repository.edit('src/add.ts', (source) => `${source}\n`)
  await repository.shiplock(['lint'])
  expect(hasRun()).toBe(false)
})

test('a file cannot hide from the checks behind its name', async () => {
  repository.write('src/two\nlines.js', 'debugger\n')
  const { exitCode, stderr } = await repository.shiplock(['lint'])
  expect(exitCode).toBe(3)
  expect(stderr).toContain('control characters')
})

test('nothing checked is never allowed', async () => {
  repository.write('shiplock.config.ts', config(`{ checks: { ${checks.filter(({ subject }) => subject === 'tree').map(({ id }) => `'${id}': false`).join(', ')} } }`))
  for (const command of [['check'], ['check', '--all'], ['tests'], ['check', '--only', 'probe'], ['check', '--only', 'lint', '--skip', 'lint']]) {
    expect({ command, exitCode: (await repository.shiplock(command)).exitCode }).toEqual({ command, exitCode: 2 })
  }
  await repository.run()
  expect(repository.record.verdict.reasons.map(({ text }) => text)).toEqual(expect.arrayContaining(['lint is switched off in the config', 'tests is switched off in the config']))
})

test('tests that want the network of the machine are named in the verdict, and refused as untrusted', async () => {
  repository.write('shiplock.config.ts', config(`{ checks: { tests: { network: 'host' } } }`))
  await repository.shiplock(['check', '--all', '--report', '.shiplock/report'])
  expect(repository.record.verdict).toMatchObject({ decision: 'provisional', reasons: [{ kind: 'unconfined', check: 'tests', text: expect.stringContaining('network of this machine') }] })
  const { exitCode, stderr } = await repository.shiplock(['check', '--all', '--untrusted'])
  expect(exitCode).toBe(3)
  expect(stderr).toContain('asks for the network of this machine')
})

test('a changed build script builds again, whatever the config says that the build reads', async () => {
  repository.write('shiplock.config.ts', config(`{ image: { reads: ['src/**'], files: ['dist/**'] } }`))
  await repository.run()
  const image = () => repository.record.subjects.find(({ kind }) => kind === 'image')?.digest
  const first = image()
  repository.edit('package.json', (source) => source.replace('cp src/server.mjs', `echo '// more' > dist/more.mjs && cp src/server.mjs`))
  await repository.run()
  expect(image()).not.toBe(first)
})

test('output without end or line does not freeze the run', async () => {
  repository.edit('package.json', (source) => source.replace('node --test', `node -e \\"process.stderr.write('a:'.repeat(1000000)); process.exitCode = 127\\"`))
  expect((await repository.shiplock(['tests'])).exitCode).not.toBe(0)
})
