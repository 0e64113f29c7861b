import { afterAll, beforeAll, expect, test } from 'vitest'
import { fail, ok } from '@shiplock/findings'
import { startTestEmulator, type ReleaseRig, type TestEmulator } from './release-rig.test-data.ts'
import { deployCandidate, promoteCandidate } from './release.ts'
import { rollBack, type Admit } from './rollback.ts'
import { isWrite, refusal } from './test-place.test-data.ts'

let emulator: TestEmulator

beforeAll(async () => {
  emulator = await startTestEmulator()
}, 120_000)

afterAll(() => emulator[Symbol.asyncDispose]())

const admitted: Admit = async () => ok(undefined)

async function release(rig: ReleaseRig, env: Record<string, string>): Promise<string> {
  const candidate = await deployCandidate(rig.target(), rig.wanted(env), rig.options())
  if (!candidate.ok) throw new Error(JSON.stringify(candidate.failure))
  const promoted = await promoteCandidate(rig.target(), candidate.value, rig.options())
  if (!promoted.ok) throw new Error(JSON.stringify(promoted.failure))
  return candidate.value.revision
}

const back = (rig: ReleaseRig, revision?: string, admit = admitted) => rollBack(rig.target(), rig.place.service, revision, admit, rig.options())

test('without a name it goes back to what served before, and again to what served before that', async () => {
  await using rig = emulator.rig()
  const [first, second, third] = [await release(rig, { VERSION: 'one' }), await release(rig, { VERSION: 'two' }), await release(rig, { VERSION: 'three' })]
  const began = performance.now()
  expect(await back(rig)).toMatchObject({ ok: true, value: { from: [{ revision: third, percent: 100 }], to: second } })
  expect(performance.now() - began).toBeLessThan(2000)
  expect(await rig.visit()).toEqual({ status: 200, body: 'two' })
  expect(await back(rig, first)).toMatchObject({ ok: true, value: { to: first } })
  expect(await rig.traffic()).toEqual([`${first} 100`])
})

test('a candidate that was given up is nothing to go back to', async () => {
  await using rig = emulator.rig()
  const first = await release(rig, { VERSION: 'one' })
  const candidate = await deployCandidate(rig.target(), rig.wanted({ BEHAVIOUR: 'fails' }), rig.options())
  expect(candidate.ok && (await promoteCandidate(rig.target(), candidate.value, rig.options({ settleTimeoutMs: 500 })))).toMatchObject({ ok: false })
  expect(await back(rig, 'no-such-revision')).toMatchObject({ failure: { hint: `these served before: ${first}` } })
  await release(rig, { VERSION: 'two' })
  expect(await back(rig)).toMatchObject({ ok: true, value: { to: first } })
})

test('after the first release there is nothing to go back to, and nothing is touched', async () => {
  await using rig = emulator.rig()
  const first = await release(rig, { VERSION: 'one' })
  expect(await back(rig)).toMatchObject({ ok: false, failure: { reason: 'no-stable-revision' } })
  expect(await back(rig, 'no-such-revision')).toMatchObject({ ok: false, failure: { message: expect.stringContaining('no revision no-such-revision'), hint: expect.stringContaining(first) } })
  expect(await rig.traffic()).toEqual([`${first} 100`])
})

test('in the middle of a canary it goes back to what was good last', async () => {
  await using rig = emulator.rig()
  await release(rig, { VERSION: 'one' })
  const stable = await release(rig, { VERSION: 'two' })
  const candidate = await deployCandidate(rig.target(), rig.wanted({ VERSION: 'three' }), rig.options())
  const revision = candidate.ok ? candidate.value.revision : ''
  await rig.patch({ traffic: [[stable, 80], [revision, 20]].map(([name, percent]) => ({ type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: name, percent })) })
  expect(await back(rig)).toMatchObject({ ok: true, value: { to: stable } })
  expect(await rig.visit()).toEqual({ status: 200, body: 'two' })
})

test('an image that is not admitted does not serve again', async () => {
  await using rig = emulator.rig()
  const [, second] = [await release(rig, { VERSION: 'one' }), await release(rig, { VERSION: 'two' })]
  const revoked: Admit = async () => fail({ reason: 'signature-invalid', message: 'the image was revoked' })
  expect(await back(rig, undefined, revoked)).toMatchObject({ ok: false, failure: { reason: 'signature-invalid' } })
  expect(await rig.traffic()).toEqual([`${second} 100`])
})

test('a deploy that writes at the same moment does not stop it', async () => {
  await using rig = emulator.rig()
  const [first] = [await release(rig, { VERSION: 'one' }), await release(rig, { VERSION: 'two' })]
  let isOvertaken = false
  const target = rig.target(async (request, send) => {
    if (isWrite(request) && !isOvertaken) {
      isOvertaken = true
      await rig.patch({ annotations: { 'example.com/other': 'deploy' } })
    }
    return send()
  })
  expect(await rollBack(target, rig.place.service, first, admitted, rig.options())).toMatchObject({ ok: true, value: { to: first } })
  expect(isOvertaken).toBe(true)
})

test('where it cannot be proven that it serves, that is said', async () => {
  await using rig = emulator.rig()
  const [first] = [await release(rig, { VERSION: 'one' }), await release(rig, { VERSION: 'two' })]
  const target = rig.target(async (request, send) => (isWrite(request) ? refusal(403, 'PERMISSION_DENIED', 'The caller lost run.services.update.') : send()))
  expect(await rollBack(target, rig.place.service, first, admitted, rig.options({ settleTimeoutMs: 500 }))).toMatchObject({ ok: false, failure: { reason: 'rollback-failed' } })
})
