import { nodePath } from '@shiplock/image'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate, type Migration } from './migrate.ts'
import { startTestEmulator, type ReleaseRig, type TestEmulator } from './release-rig.test-data.ts'
import { deployCandidate, promoteCandidate } from './release.ts'

let emulator: TestEmulator

beforeAll(async () => {
  emulator = await startTestEmulator()
}, 120_000)

afterAll(() => emulator[Symbol.asyncDispose]())

async function release(rig: ReleaseRig, env: Record<string, string>): Promise<string> {
  const candidate = await deployCandidate(rig.target(), { ...rig.wanted(env), commit: 'abc' }, rig.options())
  if (!candidate.ok) throw new Error(JSON.stringify(candidate.failure))
  const promoted = await promoteCandidate(rig.target(), candidate.value, rig.options())
  if (!promoted.ok) throw new Error(JSON.stringify(promoted.failure))
  return candidate.value.revision
}


const job = (script: string): Migration => ({ command: [nodePath, '-e', script], timeoutSeconds: 20 })


test('it is asked first, told of the stable revision, and then done', async () => {
  await using rig = emulator.rig()
  const stable = await release(rig, { VERSION: 'one' })
  const script = `const e = process.env; if (e.SHIPLOCK_MIGRATION === 'check' && (e.SHIPLOCK_STABLE_REVISION !== '${stable}' || e.SHIPLOCK_STABLE_COMMIT !== 'abc')) process.exit(9)`
  const steps: string[] = []
  expect(await migrate(rig.target(), rig.wanted({ VERSION: 'two' }), job(script), rig.options({ onStep: (text) => steps.push(text) }))).toMatchObject({ ok: true })
  expect(steps).toEqual([`asking whether ${stable} can live with the migration`, 'migrating'])
})

test('one that the stable revision cannot live with is refused before it is done, in its own words', async () => {
  await using rig = emulator.rig()
  const stable = await release(rig, { VERSION: 'one' })
  const steps: string[] = []
  const script = "if (process.env.SHIPLOCK_MIGRATION === 'check') { console.error('step 2 drops a column that the stable revision reads'); process.exit(1) }"
  const refused = await migrate(rig.target(), rig.wanted({ VERSION: 'two' }), job(script), rig.options({ onStep: (text) => steps.push(text) }))
  expect(refused).toMatchObject({ ok: false, failure: { reason: 'migration-refused', message: expect.stringContaining(stable) } })
  expect(JSON.stringify(refused)).toContain('drops a column that the stable revision reads')
  expect(steps).not.toContain('migrating')
  expect(await rig.traffic()).toEqual([`${stable} 100`])
})

test('one that fails ends the release before there is a candidate', async () => {
  await using rig = emulator.rig()
  const stable = await release(rig, { VERSION: 'one' })
  const script = "if (process.env.SHIPLOCK_MIGRATION === 'apply') process.exit(1)"
  expect(await migrate(rig.target(), rig.wanted({ VERSION: 'two' }), job(script), rig.options())).toMatchObject({ ok: false, failure: { message: expect.stringContaining('the migration failed') } })
  expect(await rig.traffic()).toEqual([`${stable} 100`])
})

test('a stable revision that answers errors since then is told, and nothing is released', async () => {
  await using rig = emulator.rig()
  await release(rig, { BEHAVIOUR: 'serves' })
  const target = rig.target()
  const broken = { ...target, fetch: async () => ({ status: 500, headers: new Headers(), body: 'no such column: title' }) }
  expect(await migrate(broken, rig.wanted({ VERSION: 'two' }), job(''), rig.options({ settleTimeoutMs: 300 }))).toMatchObject({ ok: false, failure: { reason: 'migration-refused', message: expect.stringContaining('answers 500') } })
})

test('at a first release there is nobody to ask about', async () => {
  await using rig = emulator.rig()
  const steps: string[] = []
  expect(await migrate(rig.target(), rig.wanted({}), job(''), rig.options({ onStep: (text) => steps.push(text) }))).toMatchObject({ ok: true })
  expect(steps).toEqual(['migrating'])
})
