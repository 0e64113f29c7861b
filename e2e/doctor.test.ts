import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

let repository: ScratchRepository
beforeEach(async () => void (repository = await ScratchRepository.create({ 'shiplock.config.ts': `export default { targets: { local: { port: 18_999 } } }\n` })))
afterEach(() => repository.dispose())

type Line = { readonly topic: string; readonly name: string; readonly state: string; readonly text: string; readonly mend?: string }
const doctor = async (args: readonly string[] = [], env?: Readonly<Record<string, string>>) => {
  const { stdout, stderr, exitCode } = await repository.shiplock(['doctor', '--format', 'json', ...args], env)
  return { exitCode, stderr, lines: stdout === '' ? [] : (JSON.parse(stdout) as Line[]) }
}

test('on a machine that has everything nothing is missing, and what is less than all is told with what mends it', async () => {
  const { exitCode, lines, stderr } = await doctor()
  expect(exitCode).toBe(0)
  expect(stderr).toContain('Nothing is missing.')
  expect(lines.filter(({ state }) => state === 'missing' || state === 'unknown')).toEqual([])
  expect(lines.filter(({ state, mend }) => state !== 'good' && mend === undefined)).toEqual([])
  const { stdout } = await repository.shiplock(['doctor'])
  expect(stdout).toMatch(/^Machine\n {2}✔ platform +linux /)
})

test('a program that is not on PATH is named with the command that brings it, and the exit code says that something is missing', async () => {
  const bin = join(repository.root, '..', `${repository.root.split('/').at(-1)}-bin`)
  mkdirSync(bin)
  symlinkSync('/bin/true', join(bin, 'true'))
  const { exitCode, lines } = await doctor([], { PATH: bin })
  expect(exitCode).toBe(3)
  expect(lines).toContainEqual(expect.objectContaining({ name: 'git', state: 'missing', mend: 'apt-get install git' }))
  expect(lines).toContainEqual(expect.objectContaining({ name: 'bubblewrap', state: 'note', mend: 'apt-get install bubblewrap' }))
})

test('a program of others that the config asks for is asked for here too', async () => {
  repository.write('shiplock.config.ts', 'export default { checks: { trivy: {} } }\n')
  const { exitCode, lines } = await doctor()
  expect(exitCode).toBe(3)
  expect(lines).toContainEqual(expect.objectContaining({ name: 'trivy', state: 'missing' }))
})

test('a config that cannot be used is told among the rest, with its place', async () => {
  repository.write('shiplock.config.ts', "export default { targets: { 'cloud-run': { project: 'My-Project', location: 'europe', repository: 'x' } } }\n")
  const { exitCode, lines } = await doctor(['--target', 'cloud-run'])
  expect(exitCode).toBe(2)
  expect(lines[0]).toMatchObject({ name: 'config', state: 'missing', text: expect.stringContaining('must be the id of a project of Google Cloud') })
  expect(lines.map(({ name }) => name)).toContain('git')
})

test('for the cloud, what the cloud would refuse is missing: a tree that is not committed, advisories that nobody has', async () => {
  repository.write('shiplock.config.ts', "export default { targets: { 'cloud-run': { project: 'project-1', location: 'europe-west1', repository: 'europe-west1-docker.pkg.dev/project-1/team/todo' } } }\n")
  const { exitCode, lines } = await doctor(['--target', 'cloud-run'], { GOOGLE_APPLICATION_CREDENTIALS: join(repository.root, 'none.json'), SHIPLOCK_ADVISORIES: join(repository.root, 'none') })
  expect(exitCode).toBe(3)
  expect(lines.filter(({ state }) => state === 'missing').map(({ name }) => name)).toEqual(['git', 'npm', 'Debian', 'Node.js', 'credentials'])
})
