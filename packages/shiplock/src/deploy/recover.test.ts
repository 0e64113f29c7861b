import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openJournal } from './journal.ts'
import { startTestEmulator, type ReleaseRig, type TestEmulator } from './release-rig.test-data.ts'
import { deployCandidate, promoteCandidate } from './release.ts'
import { isWrite } from './test-place.test-data.ts'

let emulator: TestEmulator

beforeAll(async () => {
  emulator = await startTestEmulator()
}, 120_000)

afterAll(() => emulator[Symbol.asyncDispose]())

const program = join(import.meta.dirname, 'killed-deployer.test-data.ts')

/** Runs a deployer in a process of its own, killed at its nth write. */
async function deployer(rig: ReleaseRig, env: Record<string, string>, n: number, when: 'before' | 'after') {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify({ place: rig.place, env, n, when })])
    return stdout
  } catch (error) {
    if (error instanceof Error && 'signal' in error && error.signal === 'SIGKILL') return 'killed'
    throw error
  }
}

async function release(rig: ReleaseRig, env: Record<string, string>): Promise<string> {
  const candidate = await deployCandidate(rig.target(), rig.wanted(env), rig.options())
  if (!candidate.ok) throw new Error(JSON.stringify(candidate.failure))
  const promoted = await promoteCandidate(rig.target(), candidate.value, rig.options())
  if (!promoted.ok) throw new Error(JSON.stringify(promoted.failure))
  return candidate.value.revision
}

/** Nothing of the killed deploy is left: one revision, pinned, no tag, no open journal. */
async function expectClean(rig: ReleaseRig, serving: string, body: string) {
  expect(await rig.traffic()).toEqual([`${serving} 100`])
  expect(await rig.visit()).toEqual({ status: 200, body })
  expect(openJournal(rig.place.journalPath).read()).toBeUndefined()
}

const first = ['create the service', 'open the service', 'remove the mark']
const second = ['create the candidate', 'shift the traffic']

describe.for(['before', 'after'] as const)('a deployer killed %s its write to', (when) => {
  test.for(first.map((name, index) => [name, index + 1] as const))('%s, at a first release: the same again ends well', async ([, n]) => {
    await using rig = emulator.rig()
    expect(await deployer(rig, { VERSION: 'one' }, n, when)).toBe('killed')
    await expectClean(rig, await release(rig, { VERSION: 'one' }), 'one')
  })

  test.for(second.map((name, index) => [name, index + 1] as const))('%s: users are served, and the same again ends well', async ([, n]) => {
    await using rig = emulator.rig()
    await release(rig, { VERSION: 'one' })
    expect(await deployer(rig, { VERSION: 'two' }, n, when)).toBe('killed')
    expect(await rig.visit()).toMatchObject({ status: 200 })
    await expectClean(rig, await release(rig, { VERSION: 'two' }), 'two')
  })

  test.for(second.map((name, index) => [name, index + 1] as const))(
    '%s: users are served, and another release ends well',
    async ([, n]) => {
      await using rig = emulator.rig()
      await release(rig, { VERSION: 'one' })
      expect(await deployer(rig, { VERSION: 'two' }, n, when)).toBe('killed')
      await expectClean(rig, await release(rig, { VERSION: 'three' }), 'three')
    },
  )
})

test('a deployer that is not killed makes just those writes', async () => {
  await using rig = emulator.rig()
  expect(JSON.parse(await deployer(rig, { VERSION: 'one' }, 99, 'after'))).toEqual({ writes: first.length, result: 'promoted' })
  expect(JSON.parse(await deployer(rig, { VERSION: 'two' }, 99, 'after'))).toEqual({ writes: second.length, result: 'promoted' })
})

test('a promotion that was cut short and answers errors is taken back', async () => {
  await using rig = emulator.rig()
  const stable = await release(rig, { VERSION: 'one' })
  expect(await deployer(rig, { BEHAVIOUR: 'fails' }, 2, 'after')).toBe('killed')
  const next = await deployCandidate(rig.target(), rig.wanted({ VERSION: 'one' }), rig.options({ settleTimeoutMs: 1000 }))
  expect(next).toMatchObject({ ok: true, value: { plan: { kind: 'unchanged', stable } } })
  await expectClean(rig, stable, 'one')
})

test('a journal that is damaged, or of another service, is not followed', async () => {
  await using rig = emulator.rig()
  const stable = await release(rig, { VERSION: 'one' })
  openJournal(rig.place.journalPath).write({
    version: 1,
    releaseId: 'x',
    service: 'projects/test/locations/here/services/other',
    kind: 'update',
    phase: 'promoting',
    candidate: 'other-2',
    stable: 'other-1',
  })
  await expectServed(rig, stable)
  openJournal(rig.place.journalPath).write({
    version: 1,
    releaseId: 'x',
    service: `projects/test/locations/here/services/${rig.place.service}`,
    kind: 'create',
    phase: 'creating',
    candidate: stable,
  })
  await expectServed(rig, stable)
})

async function expectServed(rig: ReleaseRig, stable: string) {
  const writes: string[] = []
  const target = rig.target((request, send) => (isWrite(request) && writes.push(`${request.method} ${request.path}`), send()))
  expect(await deployCandidate(target, rig.wanted({ VERSION: 'one' }), rig.options())).toMatchObject({
    ok: true,
    value: { plan: { kind: 'unchanged' } },
  })
  expect(writes).toEqual([])
  expect(await rig.traffic()).toEqual([`${stable} 100`])
}
