import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

const repository = join(import.meta.dirname, '..')
const source = join(repository, 'packages/shiplock/src/cli/main.ts')
let bundle: string
let tree: string

beforeAll(() => {
  const cache = join(repository, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  bundle = mkdtempSync(join(cache, 'bundle-test-'))
  execFileSync(process.execPath, [join(repository, 'packages/shiplock/scripts/write-bundle.ts'), bundle])
  tree = mkdtempSync(join(tmpdir(), 'bundle-test-'))
  for (const [path, content] of Object.entries({ 'package.json': '{}', 'a.ts': 'debugger\n', Dockerfile: 'FROM node\n', 'main.tf': 'variable "a" {}\n', '.github/workflows/ci.yml': 'on: push\njobs: {}\n', '.env': 'A=1\n' })) {
    mkdirSync(join(tree, path, '..'), { recursive: true })
    writeFileSync(join(tree, path), content)
  }
})
afterAll(() => {
  for (const path of [bundle, tree]) rmSync(path, { recursive: true, force: true })
})

const run = (program: string, args: readonly string[]) => spawnSync(process.execPath, [program, ...args], { cwd: tree, encoding: 'utf8' })

const checks = ['check', '--skip', 'types,dependencies', '--no-cache', '--quiet']

test.each([[checks], [['check', '--help']], [['explain', 'lint']], [['plan', '--format', 'json']], [['check', '--only', 'lint', '--format', 'sarif', '--quiet']], [['check', '--only', 'nothing']]])('the packed command line answers as its sources do: %j', (args) => {
  const [packed, unpacked] = [run(join(bundle, 'shiplock.mjs'), args), run(source, args)]
  expect(packed).toMatchObject({ status: unpacked.status, stdout: unpacked.stdout })
  expect(packed.stdout + packed.stderr).not.toContain('bug in Shiplock')
}, 60_000)

test('packed it takes a service all the way: build, confined tests, image, local target, probe, and down again', async () => {
  const repository = await ScratchRepository.create()
  const packed = (...args: string[]) => spawnSync(process.execPath, [join(bundle, 'shiplock.mjs'), ...args], { cwd: repository.root, encoding: 'utf8' })
  try {
    const { status, stderr } = packed('run', '--port', String(repository.port))
    expect(status, stderr).toBe(0)
    expect(existsSync(join(repository.root, '.shiplock/report/report.html'))).toBe(true)
    expect(packed('down').status).toBe(0)
  } finally {
    await repository.dispose()
  }
}, 120_000)

test('a bundle of other sources is not run: the sources are', () => {
  const main = readdirSync(bundle).find((name) => /^main-.*\.mjs$/.test(name))!
  const other = mkdtempSync(`${bundle}-other-`)
  try {
    cpSync(bundle, other, { recursive: true })
    writeFileSync(join(other, main), 'console.log("from the bundle")\n')
    expect(run(join(other, 'shiplock.mjs'), ['--version']).stdout).toBe('from the bundle\n')
    writeFileSync(join(other, 'made-from'), `${readFileSync(join(other, 'made-from'), 'utf8')}0`)
    expect(run(join(other, 'shiplock.mjs'), ['--version'])).toMatchObject({ stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' })
  } finally {
    rmSync(other, { recursive: true })
  }
})
