import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ok } from '@shiplock/findings'
import type { CanaryLimits } from './canary/analyse.ts'
import { cloudMonitoringSource } from './canary/cloud-monitoring.ts'
import { localCloudMonitoring } from './canary/cloud-monitoring.test-data.ts'
import { scrapeSource } from './canary/prometheus.ts'
import type { MetricsSource } from './canary/source.ts'
import type { Canary, CanaryProfile } from './canary/watch.ts'
import { startTestEmulator, type ReleaseRig, type TestEmulator } from './release-rig.test-data.ts'
import { deployCandidate, promoteCandidate, type Candidate } from './release.ts'
import { isWrite } from './test-place.test-data.ts'

let emulator: TestEmulator

beforeAll(async () => {
  emulator = await startTestEmulator()
}, 120_000)

afterAll(() => emulator[Symbol.asyncDispose]())

const limits: CanaryLimits = { minimumRequests: 60, errorMargin: 0.06, latencyRatio: 1.5, latencyFloorMs: 40, maxErrorRatio: 0.05, maxP99Ms: 2000, falseAlarm: 0.01 }
const profile: CanaryProfile = { steps: [30, 60, 100], minWaitMs: 0, maxWaitMs: 4000, lookEveryMs: 200, limits, syntheticRequests: 60 }

const sourceOf = ({ place }: ReleaseRig): MetricsSource => scrapeSource('the emulator', { url: `${place.adminUrl}/metrics`, token: async () => ok(place.token) })
const canaryOf = (rig: ReleaseRig, more: Partial<CanaryProfile> = {}, source = sourceOf(rig)): Canary => ({ profile: { ...profile, ...more }, source, paths: ['/'] })

async function candidateOf(rig: ReleaseRig, env: Record<string, string>): Promise<Candidate> {
  const candidate = await deployCandidate(rig.target(), rig.wanted(env), rig.options())
  if (!candidate.ok) throw new Error(JSON.stringify(candidate.failure))
  return candidate.value
}

async function released(rig: ReleaseRig, env: Record<string, string>): Promise<string> {
  const candidate = await candidateOf(rig, env)
  const promoted = await promoteCandidate(rig.target(), candidate, rig.options())
  if (!promoted.ok) throw new Error(JSON.stringify(promoted.failure))
  return candidate.revision
}

/** Users that ask for as long as the scope lasts, some at once; counts what they got. */
function users(rig: ReleaseRig, atOnce = 12): AsyncDisposable & { readonly statuses: Map<number | undefined, number>; readonly stop: () => Promise<void> } {
  const statuses = new Map<number | undefined, number>()
  let isOver = false
  const working = Array.from({ length: atOnce }, async () => {
    while (!isOver) {
      const answer = await rig.visit()
      statuses.set(answer?.status, (statuses.get(answer?.status) ?? 0) + 1)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })
  const stop = async () => {
    isOver = true
    await Promise.all(working)
  }
  return { statuses, stop, [Symbol.asyncDispose]: stop }
}

describe('with users', () => {
  test('a candidate that is as good climbs step by step, no request fails, and the record has the numbers', async () => {
    await using rig = emulator.rig()
    const first = await released(rig, { VERSION: 'one' })
    const candidate = await candidateOf(rig, { VERSION: 'two' })
    await using load = users(rig)
    const looked: number[] = []
    const result = await promoteCandidate(rig.target(), candidate, rig.options({ onLook: (percent) => looked.push(percent) }), canaryOf(rig))
    await load.stop()
    expect(result).toMatchObject({ ok: true, value: { result: 'promoted', stable: first, canary: { source: 'the emulator' } } })
    const steps = result.ok ? (result.value.canary?.steps ?? []) : []
    expect(steps.map(({ percent, decision }) => [percent, decision.answer, decision.isPassed])).toEqual([[30, 'good', true], [60, 'good', true], [100, 'good', true]])
    expect(steps[0]?.looks.at(-1)?.candidate.requests).toBeGreaterThanOrEqual(60)
    expect(new Set(looked)).toEqual(new Set([30, 60, 100]))
    expect([...load.statuses.keys()]).toEqual([200])
    expect(await rig.traffic()).toEqual([`${candidate.revision} 100`])
  })

  test.for([
    ['fails-some', 'errors'],
    ['is-slow', 'latency'],
    ['forbids', 'refused requests (4xx)'],
    ['logs-errors', 'errors in the log'],
  ] as const)('a candidate that %s is taken back for that reason', async ([behaviour, reason]) => {
    await using rig = emulator.rig()
    const first = await released(rig, { VERSION: 'one' })
    const candidate = await candidateOf(rig, { BEHAVIOUR: behaviour })
    await using load = users(rig)
    const result = await promoteCandidate(rig.target(), candidate, rig.options(), canaryOf(rig))
    await load.stop()
    expect(result).toMatchObject({ ok: false, failure: { failure: { reason: 'canary-refused' }, record: { result: 'kept-stable', stable: first } } })
    const steps = result.ok ? [] : (result.failure.record?.canary?.steps ?? [])
    expect(steps.at(-1)?.decision).toMatchObject({ isPassed: false, why: expect.stringContaining(reason) })
    expect(await rig.traffic()).toEqual([`${first} 100`])
    expect(await rig.visit()).toEqual({ status: 200, body: 'one' })
  })

  test('a candidate that fails only once it is busy is taken back from 100%', async () => {
    await using rig = emulator.rig()
    const first = await released(rig, { VERSION: 'one' })
    const candidate = await candidateOf(rig, { BEHAVIOUR: 'fails-late' })
    await using load = users(rig)
    const result = await promoteCandidate(rig.target(), candidate, rig.options(), canaryOf(rig, { steps: [100], minWaitMs: 1500 }))
    await load.stop()
    expect(result).toMatchObject({ ok: false, failure: { record: { result: 'kept-stable', stable: first } } })
    expect(await rig.visit()).toEqual({ status: 200, body: 'one' })
  })

  test('an abort in the middle gives everything back', async () => {
    await using rig = emulator.rig()
    const first = await released(rig, { VERSION: 'one' })
    const candidate = await candidateOf(rig, { VERSION: 'two' })
    await using load = users(rig)
    const controller = new AbortController()
    const onLook = (percent: number) => percent === 60 && controller.abort(new Error('interrupted'))
    const result = await promoteCandidate(rig.target(), candidate, rig.options({ signal: controller.signal, onLook }), canaryOf(rig))
    await load.stop()
    expect(result).toMatchObject({ ok: false, failure: { failure: { message: expect.stringContaining('interrupted') }, record: { result: 'kept-stable', stable: first } } })
    expect(await rig.traffic()).toEqual([`${first} 100`])
    expect([...load.statuses.keys()]).toEqual([200])
  })

  test('metrics that get lost in the middle are no pass: everything is given back', async () => {
    await using rig = emulator.rig()
    const first = await released(rig, { VERSION: 'one' })
    const candidate = await candidateOf(rig, { VERSION: 'two' })
    await using load = users(rig)
    const real = sourceOf(rig)
    let windows = 0
    const lost: MetricsSource = {
      ...real,
      open: async (revisions, signal) => {
        windows += 1
        if (windows === 1) return real.open(revisions, signal)
        return scrapeSource('gone', { url: 'http://127.0.0.1:9/metrics', token: async () => ok(undefined) }).open(revisions, signal)
      },
    }
    const result = await promoteCandidate(rig.target(), candidate, rig.options(), canaryOf(rig, {}, lost))
    await load.stop()
    expect(result).toMatchObject({ ok: false, failure: { failure: { reason: 'metrics-unavailable' }, record: { result: 'kept-stable', stable: first } } })
    expect(await rig.traffic()).toEqual([`${first} 100`])
  })
})

describe('without users', () => {
  test('requests of our own are sent, bounded and marked, and the answer says that little is known', async () => {
    await using rig = emulator.rig()
    await released(rig, { VERSION: 'one' })
    const candidate = await candidateOf(rig, { VERSION: 'two' })
    const result = await promoteCandidate(rig.target(), candidate, rig.options(), canaryOf(rig, { maxWaitMs: 400 }))
    expect(result).toMatchObject({ ok: true, value: { result: 'promoted' } })
    const steps = result.ok ? (result.value.canary?.steps ?? []) : []
    expect(steps.map(({ decision }) => [decision.answer, decision.isPassed, decision.synthetic?.requests])).toEqual([30, 60, 100].map(() => ['insufficient', true, 60]))
  })

  test('a candidate that fails them is taken back', async () => {
    await using rig = emulator.rig()
    const first = await released(rig, { VERSION: 'one' })
    const candidate = await candidateOf(rig, { BEHAVIOUR: 'fails' })
    const result = await promoteCandidate(rig.target(), candidate, rig.options(), canaryOf(rig, { maxWaitMs: 400 }))
    expect(result).toMatchObject({ ok: false, failure: { failure: { reason: 'canary-refused' }, record: { result: 'kept-stable', stable: first } } })
  })

  test('where requests of our own are switched off a quiet service is not released', async () => {
    await using rig = emulator.rig()
    await released(rig, { VERSION: 'one' })
    const candidate = await candidateOf(rig, { VERSION: 'two' })
    const result = await promoteCandidate(rig.target(), candidate, rig.options(), canaryOf(rig, { maxWaitMs: 400, syntheticRequests: 0 }))
    expect(result).toMatchObject({ ok: false, failure: { failure: { reason: 'canary-refused' }, record: { result: 'kept-stable' } } })
  })

  test('a source that counts nothing of what was answered is blind, and that is no pass', async () => {
    await using rig = emulator.rig()
    const first = await released(rig, { VERSION: 'one' })
    const candidate = await candidateOf(rig, { VERSION: 'two' })
    const blind: MetricsSource = { name: 'a blind one', lagMs: 0, open: async () => ok({ read: async () => ok(new Map()) }) }
    const result = await promoteCandidate(rig.target(), candidate, rig.options(), canaryOf(rig, { maxWaitMs: 400 }, blind))
    expect(result).toMatchObject({ ok: false, failure: { failure: { reason: 'metrics-unavailable' }, record: { result: 'kept-stable', stable: first } } })
  })

  test('a source that does not answer moves no traffic at all', async () => {
    await using rig = emulator.rig()
    const first = await released(rig, { VERSION: 'one' })
    const candidate = await candidateOf(rig, { VERSION: 'two' })
    const writes: string[] = []
    const target = rig.target((request, send) => (isWrite(request) && writes.push(request.method), send()))
    const gone = scrapeSource('gone', { url: 'http://127.0.0.1:9/metrics', token: async () => ok(undefined) })
    expect(await promoteCandidate(target, candidate, rig.options(), canaryOf(rig, {}, gone))).toMatchObject({ ok: false, failure: { failure: { reason: 'metrics-unavailable' }, record: { result: 'kept-stable', stable: first } } })
    expect(writes).toEqual(['PATCH', 'DELETE'])
  })

  test('somebody who changes the service in the middle is noticed, and wins over the candidate', async () => {
    await using rig = emulator.rig()
    const first = await released(rig, { VERSION: 'one' })
    const candidate = await candidateOf(rig, { VERSION: 'two' })
    let isChanged = false
    const onLook = () => {
      if (isChanged) return
      isChanged = true
      void rig.patch({ annotations: { 'example.com/changed': 'by hand' } })
    }
    const result = await promoteCandidate(rig.target(), candidate, rig.options({ onLook }), canaryOf(rig, { maxWaitMs: 1500 }))
    expect(result).toMatchObject({ ok: false, failure: { failure: { reason: 'deploy-in-progress' }, record: { result: 'kept-stable', stable: first } } })
    expect(await rig.traffic()).toEqual([`${first} 100`])
  })
})

describe('by Cloud Monitoring', () => {
  const lagMs = 1500
  /** As it is, but that its lag is shorter than the four minutes of the real one. */
  const monitored = (rig: ReleaseRig, url: string): MetricsSource => ({ ...cloudMonitoringSource({ url, token: async () => ok('ya29.of-the-job') }, 'test', rig.place.service), lagMs })

  test('a candidate that is as good climbs, and no step is over before the lag is', async () => {
    await using rig = emulator.rig()
    await released(rig, { VERSION: 'one' })
    const candidate = await candidateOf(rig, { VERSION: 'two' })
    await using monitoring = await localCloudMonitoring(rig.place, 'test', lagMs)
    await using people = users(rig)
    const result = await promoteCandidate(rig.target(), candidate, rig.options(), canaryOf(rig, { steps: [30, 100], maxWaitMs: 2000 }, monitored(rig, monitoring.url)))
    await people.stop()
    const { canary } = result.ok ? result.value : { canary: undefined }
    expect([canary?.source, canary?.steps.map(({ decision }) => decision.isPassed)]).toEqual(['Cloud Monitoring', [true, true]])
    for (const { durationMs, looks, decision } of canary?.steps ?? []) {
      expect(durationMs).toBeGreaterThanOrEqual(lagMs)
      // Nothing was told yet, and that was not taken for a service that nobody asks.
      expect(decision.synthetic).toBeUndefined()
      expect(looks.at(-1)?.candidate.requests).toBeGreaterThanOrEqual(limits.minimumRequests)
    }
    expect(new Set(monitoring.asked.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer ya29.of-the-job']))
    expect([...people.statuses.keys()]).toEqual([200])
  })

  test('one that fails requests is seen when its numbers come, and goes back', async () => {
    await using rig = emulator.rig()
    const first = await released(rig, { VERSION: 'one' })
    const candidate = await candidateOf(rig, { BEHAVIOUR: 'fails-some' })
    await using monitoring = await localCloudMonitoring(rig.place, 'test', lagMs)
    await using people = users(rig)
    const result = await promoteCandidate(rig.target(), candidate, rig.options(), canaryOf(rig, { steps: [50, 100], maxWaitMs: 6000 }, monitored(rig, monitoring.url)))
    await people.stop()
    expect(result).toMatchObject({ ok: false, failure: { failure: { reason: 'canary-refused' }, record: { result: 'kept-stable', stable: first } } })
    expect(await rig.traffic()).toEqual([`${first} 100`])
  })
})
