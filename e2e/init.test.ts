import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

let repository: ScratchRepository
afterEach(() => repository.dispose())

const manifest = (content: object) => JSON.stringify(content)
/** In place of the small service of the rig: these files, and no others. */
const only = async (files: Readonly<Record<string, string>>) => {
  repository = await ScratchRepository.create({}, { withTools: false })
  repository.git('rm', '-rqf', '.')
  for (const [path, content] of Object.entries(files)) repository.write(path, content)
  repository.commit('theirs')
  return repository
}

const flask = {
  'app.py': 'from flask import Flask\napp = Flask(__name__)\n',
  'requirements.txt': 'Flask==2.0.1\n',
  Dockerfile: 'FROM python:3.9\nCOPY . .\nCMD python app.py\n',
  '.github/workflows/ci.yml': 'on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v3\n      - run: bandit -r . && flake8\n',
}

test('of a repository that is not Node it tells what is not covered; the first run is green by the baseline, and the next new problem is red', async () => {
  await only(flask)
  const told = await repository.shiplock(['init', '--yes'])
  expect(told.exitCode).toBe(0)
  expect(told.stdout).toMatch(/Python +1 file: no static analysis, lint, types, tests or image/)
  expect(told.stdout).toMatch(/Bandit +\.github\/workflows\/ci\.yml → /)
  expect(told.stdout).toMatch(/shiplock\.baseline\.json +\d+ that are there today/)
  const first = await repository.shiplock(['run'])
  expect(first.exitCode).toBe(0)
  repository.write('deploy.Dockerfile', 'FROM node\nUSER root\n')
  const second = await repository.shiplock(['run'])
  expect(second.exitCode).toBe(1)
  expect(second.stdout).toContain('deploy.Dockerfile')
})

test('what it wrote is taken back to the last byte, and what somebody changed since is left', async () => {
  await only({ ...flask, '.dockerignore': 'venv/' })
  const before = repository.git('status', '--short', '--ignored')
  await repository.shiplock(['init', '--yes'])
  expect(repository.read('.dockerignore')).toBe('venv/\n.shiplock/\n')
  const undone = await repository.shiplock(['init', '--undo'])
  expect(undone.stderr).toContain('Taken back: ')
  expect(repository.git('status', '--short', '--ignored')).toBe(before)
  await repository.shiplock(['init', '--yes'])
  repository.edit('shiplock.config.ts', (text) => `${text}// mine\n`)
  expect((await repository.shiplock(['init', '--undo'])).stderr).toContain('Left as it is, since changed: shiplock.config.ts.')
  expect(repository.read('shiplock.config.ts')).toContain('// mine')
})

test('where nobody can be asked, nothing is written without --yes, and --dry-run never writes', async () => {
  await only(flask)
  for (const args of [[], ['--dry-run', '--yes']]) {
    const { exitCode, stderr } = await repository.shiplock(['init', ...args])
    expect(exitCode).toBe(0)
    expect(stderr).toContain('Nothing was written')
    expect(repository.git('status', '--short')).toBe('')
  }
})

test('a config that is there stays as it is, and what is missing beside it is written', async () => {
  await only({ ...flask, 'shiplock.config.ts': 'export default { service: null, checks: { tests: false } }\n' })
  const { stdout } = await repository.shiplock(['init', '--yes'])
  expect(stdout).toMatch(/shiplock\.config\.ts +is there and stays as it is/)
  expect(repository.read('shiplock.config.ts')).toBe('export default { service: null, checks: { tests: false } }\n')
  expect(existsSync(join(repository.root, 'shiplock.baseline.json'))).toBe(true)
  expect((await repository.shiplock(['init', '--yes'])).stderr).toContain('Nothing is missing')
})

test('in a monorepo it names the service that is shipped, and the others that could be', async () => {
  const service = (name: string) => ({ [`apps/${name}/package.json`]: manifest({ name, scripts: { start: 'node server.js', test: 'node --test' }, dependencies: { fastify: '5' } }), [`apps/${name}/server.js`]: '' })
  await only({ 'package.json': manifest({ private: true }), 'pnpm-workspace.yaml': 'packages: [apps/*, packages/*]\n', 'pnpm-lock.yaml': "lockfileVersion: '9.0'\n", 'packages/ui/package.json': manifest({ name: 'ui' }), ...service('api'), ...service('web') })
  const { stdout, exitCode } = await repository.shiplock(['init', '--format', 'json', '--dry-run'])
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout).found).toMatchObject({ packageManager: { name: 'pnpm' }, workspaces: ['apps/api', 'apps/web', 'packages/ui'], services: ['apps/api', 'apps/web'] })
  await repository.shiplock(['init', '--yes'])
  expect(repository.read('shiplock.config.ts')).toContain("directory: 'apps/api'")
  expect(repository.read('shiplock.config.ts')).toContain('others that could be shipped: apps/web')
})

test('secrets that are there are named, for the baseline alone does not make them safe', async () => {
  const key = ['-----BEGIN RSA PRIVATE KEY-----', 'MIIEpAIBAAKCAQEA' + 'b3Rk'.repeat(20), '-----END RSA PRIVATE KEY-----'].join('\n')
  await only({ ...flask, 'deploy.pem': `${key}\n` })
  const { stdout } = await repository.shiplock(['init', '--yes'])
  expect(stdout).toMatch(/secrets! +deploy\.pem:1: change them where they are valid/)
  expect(stdout + repository.read('shiplock.baseline.json')).not.toContain('b3Rk')
  expect((await repository.shiplock(['run'])).exitCode).toBe(0)
})

test('what other tools were told to leave alone is carried over for the finding that it meant', async () => {
  await only({ 'package.json': manifest({ name: 'lib', main: 'run.js', scripts: { test: 'node --test' } }), 'run.js': "const { exec } = require('node:child_process')\nexports.run = (name) => {\n  // eslint-disable-next-line security/detect-child-process -- only called by us\n  exec('git log ' + name)\n}\n", '.trivyignore': 'CVE-2020-1\n' })
  const { stdout } = await repository.shiplock(['init', '--yes'])
  expect(stdout).toMatch(/\.trivyignore:1 +CVE-2020-1: nothing that is found now/)
  const waivers = repository.read('shiplock.waivers.yaml')
  expect(waivers).toMatch(/rule: sast\/(?:command-injection|shell-command)/)
  expect(waivers).toContain('security/detect-child-process')
  expect((await repository.shiplock(['check', '--only', 'sast'])).exitCode).toBe(0)
})

test('the hook that was asked for keeps a push back that has a new problem, and a hook that is there stays', async () => {
  await only(flask)
  expect((await repository.shiplock(['init', '--yes', '--hook'])).exitCode).toBe(0)
  repository.commit('adopted')
  const remote = join(repository.root, '.remote')
  repository.git('init', '--quiet', '--bare', remote)
  repository.git('push', '--quiet', remote, 'main')
  repository.write('other.Dockerfile', 'FROM node\nUSER root\n')
  repository.commit('worse')
  expect(() => repository.git('push', '--quiet', remote, 'main')).toThrow()
  expect(repository.git('ls-remote', remote, 'main')).not.toContain(repository.git('rev-parse', 'HEAD').trim())
  await repository.shiplock(['init', '--undo'])
  expect(existsSync(join(repository.root, '.git/hooks/pre-push'))).toBe(false)
  repository.write('.git/hooks/pre-push', '#!/bin/sh\n')
  const again = await repository.shiplock(['init', '--yes', '--hook'])
  expect(again.stdout).toMatch(/pre-push +is there and stays/)
  expect(repository.read('.git/hooks/pre-push')).toBe('#!/bin/sh\n')
})

test.each([
  ['a package.json that is none', { 'package.json': '{ "name": ' }, /package\.json the file is not a package\.json/],
  ['names with control characters', { 'a\u001b[31mb.py': 'x\n', 'package.json': manifest({ name: 'a\u001b]0;owned\u0007' }) }, /Found/],
  ['an empty repository', { 'README.md': '#\n' }, /Found|Would report/],
])('%s is told clearly, and nothing but text reaches the terminal', async (_, files, expected) => {
  await only(files)
  const { stdout, stderr, exitCode } = await repository.shiplock(['init', '--dry-run'])
  expect(stdout + stderr).toMatch(expected)
  for (const control of ['\u001b', '\u0007']) expect(stdout + stderr).not.toContain(control)
  expect([0, 2]).toContain(exitCode)
})

test('a folder of the tree that leads elsewhere is not written through', async () => {
  await only(flask)
  const outside = join(repository.root, '.outside')
  mkdirSync(outside)
  symlinkSync(outside, join(repository.root, '.git/hooks2'))
  repository.git('config', 'core.hooksPath', '.git/hooks2')
  const { exitCode, stderr } = await repository.shiplock(['init', '--yes', '--hook'])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('core.hooksPath')
  expect(readdirSync(outside)).toEqual([])
})

test('a service that has no package of its own is not asked to be built: what needs one says so', async () => {
  await only(flask)
  await repository.shiplock(['init', '--yes'])
  const { exitCode, stderr } = await repository.shiplock(['image', 'build'])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('service: null')
  expect(JSON.parse((await repository.shiplock(['plan', '--format', 'json'])).stdout).target).toBe('none')
})

test('the baseline that was written is read as one', async () => {
  await only(flask)
  await repository.shiplock(['init', '--yes'])
  expect(JSON.parse(readFileSync(join(repository.root, 'shiplock.baseline.json'), 'utf8')).version).toBe(1)
})
