import { afterAll, beforeAll, expect, test } from 'vitest'
import { openJournal } from './journal.ts'
import { startTestEmulator, type ReleaseRig, type TestEmulator } from './release-rig.test-data.ts'
import { abandonCandidate, deployCandidate, promoteCandidate, type Candidate } from './release.ts'
import { revisionName } from './template.ts'
import { isWrite, refusal, type Intercept } from './test-place.test-data.ts'

let emulator: TestEmulator

beforeAll(async () => {
  emulator = await startTestEmulator()
}, 120_000)

afterAll(() => emulator[Symbol.asyncDispose]())

async function deploy(rig: ReleaseRig, env: Record<string, string>): Promise<Candidate> {
  const candidate = await deployCandidate(rig.target(), rig.wanted(env), rig.options())
  if (!candidate.ok) throw new Error(`${candidate.failure.failure.reason}: ${candidate.failure.failure.message}`)
  return candidate.value
}

async function release(rig: ReleaseRig, env: Record<string, string>): Promise<string> {
  const candidate = await deploy(rig, env)
  const promoted = await promoteCandidate(rig.target(), candidate, rig.options())
  if (!promoted.ok) throw new Error(`${promoted.failure.failure.reason}: ${promoted.failure.failure.message}`)
  return candidate.revision
}

test('the first release is closed until it is promoted, then anybody gets an answer', async () => {
  await using rig = emulator.rig()
  const candidate = await deploy(rig, { VERSION: 'one' })
  expect(candidate).toMatchObject({
    plan: { kind: 'create' },
    isClosed: true,
    uri: expect.stringContaining(`${rig.place.service}.localhost`),
  })
  expect(await rig.visit()).toMatchObject({ status: 403 })

  const promoted = await promoteCandidate(rig.target(), candidate, rig.options())
  expect(promoted).toMatchObject({ ok: true, value: { result: 'promoted', candidate: candidate.revision, target: 'test' } })
  expect(await rig.visit()).toEqual({ status: 200, body: 'one' })
  expect(await rig.traffic()).toEqual([`${candidate.revision} 100`])
  expect(openJournal(rig.place.journalPath).read()).toBeUndefined()
})

test('a second release is shown to nobody before it is promoted, and the old revision is kept', async () => {
  await using rig = emulator.rig()
  const first = await release(rig, { VERSION: 'one' })
  const candidate = await deploy(rig, { VERSION: 'two' })
  expect(await rig.traffic()).toEqual([`${first} 100`, `${candidate.revision} 0 candidate`])
  expect(await rig.visit()).toEqual({ status: 200, body: 'one' })
  expect(candidate.uri).toContain(`candidate---${rig.place.service}.localhost`)

  const promoted = await promoteCandidate(rig.target(), candidate, rig.options())
  expect(promoted).toMatchObject({ ok: true, value: { result: 'promoted', stable: first, candidate: candidate.revision } })
  expect(await rig.traffic()).toEqual([`${candidate.revision} 100`])
  expect(await rig.visit()).toEqual({ status: 200, body: 'two' })
  // Back again: the old revision is still there, so that nothing is made.
  expect(await deploy(rig, { VERSION: 'one' })).toMatchObject({ revision: first, plan: { kind: 'update' } })
})

test('what serves already is not made again', async () => {
  await using rig = emulator.rig()
  const first = await release(rig, { VERSION: 'one' })
  const writes: string[] = []
  const target = rig.target((request, send) => (isWrite(request) && writes.push(request.path), send()))
  const again = await deployCandidate(target, rig.wanted({ VERSION: 'one' }), rig.options())
  expect(again).toMatchObject({ ok: true, value: { revision: first, plan: { kind: 'unchanged' } } })
  expect(again.ok && (await promoteCandidate(target, again.value, rig.options()))).toMatchObject({
    ok: true,
    value: { result: 'unchanged' },
  })
  expect(writes).toEqual([])
})

test.for(['exits', 'never-listens'])(
  'a candidate that %s leaves the old revision serving, and its last words are told',
  async (behaviour) => {
    await using rig = emulator.rig()
    const first = await release(rig, { VERSION: 'one' })
    const failed = await deployCandidate(rig.target(), rig.wanted({ BEHAVIOUR: behaviour }), rig.options())
    expect(failed).toMatchObject({
      ok: false,
      failure: { failure: { reason: 'revision-not-ready' }, record: { result: 'kept-stable', stable: first } },
    })
    if (behaviour === 'exits') expect(JSON.stringify(failed)).toContain('no such table: tasks')
    expect(await rig.traffic()).toEqual([`${first} 100`])
    expect(await rig.visit()).toEqual({ status: 200, body: 'one' })

    // The same again is tried under another name, since a name is used once; and a good one still goes through.
    const again = await deployCandidate(rig.target(), rig.wanted({ BEHAVIOUR: behaviour }), rig.options())
    expect(again).toMatchObject({
      ok: false,
      failure: { failure: { reason: 'revision-not-ready' }, record: { candidate: expect.stringMatching(/-2$/) } },
    })
    await release(rig, { VERSION: 'two' })
    expect(await rig.visit()).toEqual({ status: 200, body: 'two' })
  },
)

test('a first release that does not start leaves no service behind', async () => {
  await using rig = emulator.rig()
  const failed = await deployCandidate(rig.target(), rig.wanted({ BEHAVIOUR: 'exits' }), rig.options())
  expect(failed).toMatchObject({ ok: false, failure: { failure: { reason: 'revision-not-ready' }, record: { result: 'removed' } } })
  expect(await rig.traffic()).toBeUndefined()
  await release(rig, { VERSION: 'one' })
  expect(await rig.visit()).toEqual({ status: 200, body: 'one' })
})

test('a candidate that is given up never served, and its tag is gone', async () => {
  await using rig = emulator.rig()
  const first = await release(rig, { VERSION: 'one' })
  const candidate = await deploy(rig, { VERSION: 'two' })
  const abandoned = await abandonCandidate(rig.target(), candidate, 'the probe is red', rig.options())
  expect(abandoned).toMatchObject({ ok: true, value: { result: 'kept-stable', stable: first } })
  expect(await rig.traffic()).toEqual([`${first} 100`])
  expect(await rig.visit()).toEqual({ status: 200, body: 'one' })
  expect(openJournal(rig.place.journalPath).read()).toBeUndefined()
})

test('a first release that is given up is removed', async () => {
  await using rig = emulator.rig()
  const candidate = await deploy(rig, { VERSION: 'one' })
  expect(await abandonCandidate(rig.target(), candidate, 'the probe is red', rig.options())).toMatchObject({
    ok: true,
    value: { result: 'removed' },
  })
  expect(await rig.traffic()).toBeUndefined()
})

test('a revision that answers errors once it has the traffic is taken back', async () => {
  await using rig = emulator.rig()
  const first = await release(rig, { VERSION: 'one' })
  const candidate = await deploy(rig, { BEHAVIOUR: 'fails' })
  const failed = await promoteCandidate(rig.target(), candidate, rig.options({ settleTimeoutMs: 1000 }))
  expect(failed).toMatchObject({
    ok: false,
    failure: { failure: { message: expect.stringContaining('answers 500') }, record: { result: 'kept-stable', stable: first } },
  })
  expect(await rig.traffic()).toEqual([`${first} 100`])
  expect(await rig.visit()).toEqual({ status: 200, body: 'one' })
})

test('a first release that answers errors is removed before anybody can call it', async () => {
  await using rig = emulator.rig()
  const candidate = await deploy(rig, { BEHAVIOUR: 'fails' })
  const failed = await promoteCandidate(rig.target(), candidate, rig.options({ settleTimeoutMs: 1000 }))
  expect(failed).toMatchObject({ ok: false, failure: { record: { result: 'removed' } } })
  expect(await rig.traffic()).toBeUndefined()
})

test('an abort while the candidate starts leaves the old revision serving', async () => {
  await using rig = emulator.rig()
  const first = await release(rig, { VERSION: 'one' })
  const controller = new AbortController()
  // Aborted by the first look at the operation: the candidate is being started then.
  const target = rig.target((request, send) => {
    if (request.path.includes('/operations/')) controller.abort(new Error('interrupted'))
    return send()
  })
  const aborted = await deployCandidate(target, rig.wanted({ BEHAVIOUR: 'never-listens' }), rig.options({ signal: controller.signal }))
  expect(aborted).toMatchObject({
    ok: false,
    failure: { failure: { message: expect.stringContaining('interrupted') }, record: { result: 'kept-stable' } },
  })
  expect(await rig.traffic()).toEqual([`${first} 100`])
})

test('an abort right after the traffic was moved gives it back', async () => {
  await using rig = emulator.rig()
  const first = await release(rig, { VERSION: 'one' })
  const candidate = await deploy(rig, { VERSION: 'two' })
  const controller = new AbortController()
  const target = rig.target(async (request, send) => {
    const answer = await send()
    if (isWrite(request)) controller.abort(new Error('interrupted'))
    return answer
  })
  const aborted = await promoteCandidate(target, candidate, rig.options({ signal: controller.signal }))
  expect(aborted).toMatchObject({ ok: false, failure: { record: { result: 'kept-stable', stable: first } } })
  expect(await rig.traffic()).toEqual([`${first} 100`])
  expect(await rig.visit()).toEqual({ status: 200, body: 'one' })
})

test('of two deploys at once the one that was overtaken is refused by name, and the other goes through', async () => {
  await using rig = emulator.rig()
  await release(rig, { VERSION: 'one' })
  const slow = await deploy(rig, { VERSION: 'slow' })
  const quick = await deployCandidate(
    rig.target(),
    rig.wanted({ VERSION: 'quick' }),
    rig.options({ journalPath: `${rig.place.journalPath}.other` }),
  )
  const refused = await promoteCandidate(rig.target(), slow, rig.options())
  expect(refused).toMatchObject({ ok: false, failure: { failure: { reason: 'deploy-in-progress' }, record: { result: 'kept-stable' } } })
  expect(await rig.visit()).toEqual({ status: 200, body: 'one' })
  // It took away its own candidate and nothing else, so that the other is not disturbed.
  expect(quick.ok && (await promoteCandidate(rig.target(), quick.value, rig.options()))).toMatchObject({
    ok: true,
    value: { result: 'promoted' },
  })
  expect(await rig.visit()).toEqual({ status: 200, body: 'quick' })
})

test('a deploy that is overtaken by one of the same revision leaves it serving', async () => {
  await using rig = emulator.rig()
  await release(rig, { VERSION: 'one' })
  const slow = await deploy(rig, { VERSION: 'two' })
  const quick = await deployCandidate(
    rig.target(),
    rig.wanted({ VERSION: 'two' }),
    rig.options({ journalPath: `${rig.place.journalPath}.other` }),
  )
  expect(
    quick.ok && (await promoteCandidate(rig.target(), quick.value, rig.options({ journalPath: `${rig.place.journalPath}.other` }))),
  ).toMatchObject({ ok: true })
  const refused = await promoteCandidate(rig.target(), slow, rig.options())
  expect(refused).toMatchObject({ ok: false, failure: { failure: { reason: 'deploy-in-progress' } } })
  expect(await rig.visit()).toEqual({ status: 200, body: 'two' })
})

test('a service that changes between reading and writing is a conflict', async () => {
  await using rig = emulator.rig()
  const first = await release(rig, { VERSION: 'one' })
  let isOvertaken = false
  const target = rig.target(async (request, send) => {
    if (isWrite(request) && !isOvertaken) {
      isOvertaken = true
      await deploy(rig, { VERSION: 'other' })
    }
    return send()
  })
  const failed = await deployCandidate(
    target,
    rig.wanted({ VERSION: 'mine' }),
    rig.options({ journalPath: `${rig.place.journalPath}.mine` }),
  )
  expect(failed).toMatchObject({ ok: false, failure: { failure: { reason: 'deploy-in-progress' }, record: { result: 'kept-stable' } } })
  expect((await rig.traffic())?.[0]).toBe(`${first} 100`)
})

test('a first release of somebody else is not touched', async () => {
  await using rig = emulator.rig()
  const other = await deploy(rig, { VERSION: 'other' })
  const refused = await deployCandidate(
    rig.target(),
    rig.wanted({ VERSION: 'mine' }),
    rig.options({ journalPath: `${rig.place.journalPath}.mine` }),
  )
  expect(refused).toMatchObject({
    ok: false,
    failure: { failure: { reason: 'deploy-in-progress', message: expect.stringContaining('first release') } },
  })
  expect(await rig.traffic()).toEqual([`${other.revision} 100`])
})

test('a service whose traffic is split is not touched', async () => {
  await using rig = emulator.rig()
  const first = await release(rig, { VERSION: 'one' })
  const second = await release(rig, { VERSION: 'two' })
  const split = [first, second].map((revision) => ({ type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision, percent: 50 }))
  await rig.patch({ traffic: split })
  const refused = await deployCandidate(rig.target(), rig.wanted({ VERSION: 'three' }), rig.options())
  expect(refused).toMatchObject({
    ok: false,
    failure: { failure: { reason: 'no-stable-revision', message: expect.stringContaining('50%') } },
  })
  expect((await rig.traffic())?.toSorted()).toEqual([`${first} 50`, `${second} 50`].toSorted())
})

test('tags that others gave are kept, and traffic that followed the latest revision is pinned', async () => {
  await using rig = emulator.rig()
  const first = await release(rig, { VERSION: 'one' })
  await rig.patch({
    traffic: [
      { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST', percent: 100 },
      { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: first, tag: 'blue' },
    ],
  })
  const candidate = await deploy(rig, { VERSION: 'two' })
  expect(await rig.visit()).toEqual({ status: 200, body: 'one' })
  await promoteCandidate(rig.target(), candidate, rig.options())
  expect(await rig.traffic()).toEqual([`${candidate.revision} 100`, `${first} 0 blue`])
})

test('an answer that got lost is looked up: the write had been done', async () => {
  await using rig = emulator.rig()
  await release(rig, { VERSION: 'one' })
  const lost: Intercept = async (request, send) => {
    const answer = await send()
    return request.method === 'PATCH' ? { reason: 'target-unreachable', message: 'socket hang up' } : answer
  }
  const candidate = await deployCandidate(rig.target(lost), rig.wanted({ VERSION: 'two' }), rig.options())
  expect(candidate).toMatchObject({ ok: true })
  expect(candidate.ok && (await promoteCandidate(rig.target(lost), candidate.value, rig.options()))).toMatchObject({
    ok: true,
    value: { result: 'promoted' },
  })
  expect(await rig.visit()).toEqual({ status: 200, body: 'two' })
})

test('where the traffic cannot be given back, that is said, and the next run does it', async () => {
  await using rig = emulator.rig()
  const first = await release(rig, { VERSION: 'one' })
  const candidate = await deploy(rig, { BEHAVIOUR: 'fails' })
  let writes = 0
  const target = rig.target(async (request, send) =>
    isWrite(request) && writes++ > 0 ? refusal(403, 'PERMISSION_DENIED', 'The caller lost run.services.update.') : send(),
  )
  const failed = await promoteCandidate(target, candidate, rig.options({ settleTimeoutMs: 500 }))
  expect(failed).toMatchObject({
    ok: false,
    failure: { failure: { reason: 'rollback-failed', hint: expect.stringContaining(first) }, record: { result: 'rollback-failed' } },
  })
  expect(await rig.traffic()).toEqual([`${candidate.revision} 100`])

  const next = await deployCandidate(rig.target(), rig.wanted({ VERSION: 'one' }), rig.options({ settleTimeoutMs: 1000 }))
  expect(next).toMatchObject({ ok: true, value: { plan: { kind: 'unchanged', stable: first } } })
  expect(await rig.visit()).toEqual({ status: 200, body: 'one' })
})

test('the name of a candidate depends on what it is, and on nothing else', async () => {
  await using rig = emulator.rig()
  const candidate = await deploy(rig, { VERSION: 'one' })
  expect(candidate.revision).toBe(revisionName(rig.wanted({ VERSION: 'one' })))
  expect(revisionName({ ...rig.wanted({ VERSION: 'one' }), commit: 'abc' })).toBe(candidate.revision)
})
