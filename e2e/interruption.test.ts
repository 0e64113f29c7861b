import { setTimeout as sleep } from 'node:timers/promises'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ScratchRepository, type RunningCommand } from '../packages/shiplock/src/testing/scratch-repository.ts'

let repository: ScratchRepository
let version = 1

beforeAll(async () => {
  repository = await ScratchRepository.create()
  expect((await repository.run()).exitCode).toBe(0)
})
afterAll(() => repository.dispose())

/** Edits the service and starts the run that would ship the edit. */
function startRunOfNextVersion(): RunningCommand {
  version++
  repository.edit('src/server.mjs', (source) => source.replace(/version \d+/, `version ${version}`))
  return repository.start(['run', '--verbose', '--port', String(repository.port)])
}

/** Resolves when the command has said this on its standard error, or has ended. */
async function said(running: RunningCommand, text: RegExp): Promise<void> {
  let output = ''
  await Promise.race([running.ended, new Promise<void>((resolve) => running.child.stderr!.on('data', (chunk: Buffer) => text.test((output += chunk.toString())) && resolve()))])
}

/** Nothing is lost: what served goes on serving until the next run ships, and that run works and leaves no half state. */
async function expectRecovery(served: string): Promise<void> {
  expect(await repository.page()).toMatch(new RegExp(`^(?:${served}|version ${version})$`))
  const next = await repository.run()
  expect(`${next.exitCode} ${next.stderr}`).toMatch(/^0 /)
  expect(await repository.page()).toBe(`version ${version}`)
  const record = repository.record
  expect(['promoted', 'unchanged']).toContain(record.release?.result)
  expect(repository.read('.shiplock/release.json'), 'no release is left unfinished').toBe('null\n')
  expect(existsSync(join(repository.root, '.shiplock/run.lock.json'))).toBe(false)
  expect(readdirSync(join(repository.root, '.shiplock/scratch'))).toEqual([])
  expect(readdirSync(join(repository.root, '.shiplock')).filter((name) => name.endsWith('.tmp'))).toEqual([])
}

test.each([/Lint started/, /Build of the service started/, /Deploy at 0% started/, /Probe started/])('Ctrl-C when %s has been said stops in order with exit code 130', async (moment) => {
  const served = (await repository.page())!
  const running = startRunOfNextVersion()
  await said(running, moment)
  running.child.kill('SIGINT')
  const { exitCode, stderr } = await running.ended
  expect(`${exitCode} ${stderr}`).toMatch(/^130 /)
  expect(existsSync(join(repository.root, '.shiplock/run.lock.json'))).toBe(false)
  expect(repository.read('.shiplock/release.json'), 'what was begun is given up before it ends').toBe('null\n')
  expect(await repository.page()).toBe(served)
  await expectRecovery(served)
})

test.each([/Lint started/, /Build of the service started/, /Image started/, /Deploy at 0% started/, /Probe started/, /Canary and promote started/])('kill -9 when %s has been said loses nothing', async (moment) => {
  const served = (await repository.page())!
  const running = startRunOfNextVersion()
  await said(running, moment)
  running.child.kill('SIGKILL')
  await running.ended
  await expectRecovery(served)
})

test('kill -9 at moments that nobody chose loses nothing', async () => {
  for (const ms of [150, 400, 700, 1000, 1400, 1800]) {
    const served = (await repository.page())!
    const running = startRunOfNextVersion()
    await Promise.race([running.ended, sleep(ms)])
    running.child.kill('SIGKILL')
    await running.ended
    await expectRecovery(served)
  }
})

test('kill -9 of the local target: the next run starts it again, with the service as it was', async () => {
  const { pid }: { pid: number } = JSON.parse(repository.read('.shiplock/local/emulator.json'))
  process.kill(pid, 'SIGKILL')
  expect(await repository.shiplock(['status'])).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('the local target is not running') })
  const next = await repository.run()
  expect(`${next.exitCode} ${next.stderr}`).toMatch(/^0 /)
  expect(await repository.page()).toBe(`version ${version}`)
})

// In CI nothing is remembered, and what is not written cannot be full.
const { CI: _, ...onLaptop } = process.env
// A small disk is made by bubblewrap; CI installs it, and must not leave this out.
const hasBubblewrap = process.env['CI'] !== undefined || spawnSync('bwrap', ['--version']).status === 0

test.runIf(hasBubblewrap).each(['results', 'blobs', 'layout', 'scratch', 'report'])('a disk that is full for .shiplock/%s is said, with what to do, and the run works once there is room (needs bubblewrap)', async (folder) => {
  version++
  repository.edit('src/server.mjs', (source) => source.replace(/version \d+/, `version ${version}`))
  mkdirSync(join(repository.root, '.shiplock', folder), { recursive: true })
  const program = ['--dev-bind', '/', '/', '--size', '4096', '--tmpfs', join(repository.root, '.shiplock', folder)]
  const { status, stderr } = spawnSync('bwrap', [...program, process.execPath, join(import.meta.dirname, '../packages/shiplock/src/cli/main.ts'), 'run', '--port', String(repository.port)], { cwd: repository.root, encoding: 'utf8', env: onLaptop })
  expect(`${status} ${stderr}`).toMatch(/^3 /)
  expect(stderr).toContain('the disk is full')
  expect(stderr).toContain('make room')
  await expectRecovery(`version ${version - 1}`)
})
