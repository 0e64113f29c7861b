import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TrafficTarget } from '../resource/service.ts'
import type { RevisionState, ServiceRecord } from './record.ts'
import { settle, type InstanceState } from './settle.ts'

const names = ['s-1', 's-2', 's-3'] as const
const failure = { reason: 'container-failed', message: 'It failed.' } as const
const condition = (type: string) => ({ type, state: 'CONDITION_RECONCILING' }) as const

function record(states: readonly RevisionState[], traffic: readonly TrafficTarget[], change: Partial<ServiceRecord> = {}): ServiceRecord {
  const ready = names.filter((_, index) => states[index]?.kind === 'ready').at(-1)
  return {
    id: 's',
    uid: 'u',
    createTime: '',
    updateTime: '',
    generation: 2,
    observedGeneration: 1,
    version: 1,
    spec: { template: {}, traffic },
    policy: {},
    revisionsMade: states.length,
    latestCreated: names[states.length - 1]!,
    ...(ready === undefined ? {} : { latestReady: ready }),
    statuses: [],
    conditions: { Ready: condition('Ready'), RoutesReady: condition('RoutesReady'), ConfigurationsReady: condition('ConfigurationsReady') },
    revisions: states.map((state, index) => ({
      name: names[index]!,
      uid: '',
      number: index + 1,
      createTime: '',
      updateTime: '',
      settings: {},
      state,
    })),
    operations: [{ id: 'o', generation: 2 }],
    ...change,
  }
}

const latest = { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST', percent: 100 } as const
const to = (revision: string, percent = 100) => ({ type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision, percent }) as const
const serving = (name: string) => [{ ...to(name), serves: name }]

test('traffic waits for the instance of a revision that has none, and keeps the old one', () => {
  const before = record(
    [
      { kind: 'ready', warnings: [] },
      { kind: 'ready', warnings: [] },
    ],
    [to('s-1')],
    { statuses: serving('s-2') },
  )
  const { record: after, start, retire, finished } = settle(before, (name) => (name === 's-2' ? 'up' : 'none'), 'now')
  expect(after.statuses).toEqual(serving('s-2'))
  expect([start, retire, finished]).toEqual([['s-1'], [], []])
  expect(after.conditions.RoutesReady.state).toBe('CONDITION_RECONCILING')
})

test('traffic that cannot be routed stays, and the operation says why', () => {
  const before = record(
    [
      { kind: 'ready', warnings: [] },
      { kind: 'failed', failure },
    ],
    [to('s-1', 50), to('s-2', 50)],
    { statuses: serving('s-1') },
  )
  const { record: after, finished } = settle(before, (name) => (name === 's-1' ? 'up' : 'none'), 'now')
  expect(after.statuses).toEqual(serving('s-1'))
  expect(after.observedGeneration).toBe(1)
  expect(finished[0]?.error).toMatchObject({
    status: 'FAILED_PRECONDITION',
    message: "Revision 's-2' is not ready and cannot serve traffic. It failed.",
  })
})

test('a revision that did not start again is not started for ever', () => {
  const before = record(
    [
      { kind: 'ready', warnings: [] },
      { kind: 'ready', warnings: [] },
    ],
    [to('s-1')],
    { statuses: serving('s-2') },
  )
  const { start, retire, record: after } = settle(before, (name) => (name === 's-2' ? 'up' : { failed: failure }), 'now')
  expect([start, retire]).toEqual([[], []])
  expect(after.statuses).toEqual(serving('s-2'))
})

const anyState = fc.constantFrom<RevisionState>({ kind: 'starting' }, { kind: 'ready', warnings: [] }, { kind: 'failed', failure })
const anyInstance = fc.constantFrom<InstanceState>('none', 'starting', 'up', { failed: failure })

test('whatever happens, new traffic reaches only instances that are up, and nothing that serves is retired', () => {
  fc.assert(
    fc.property(
      fc.array(anyState, { minLength: 1, maxLength: 3 }),
      fc.array(fc.constantFrom(latest, to('s-1'), to('s-2'), to('s-3'), to('s-nil')), { minLength: 1, maxLength: 2 }),
      fc.tuple(anyInstance, anyInstance, anyInstance),
      fc.constantFrom<ServiceRecord['statuses']>([], serving('s-1')),
      (states, traffic, instances, statuses) => {
        const before = record(states, traffic, { statuses })
        const instanceOf = (name: string) => instances[names.indexOf(name as 's-1')] ?? 'none'
        const { record: after, start, retire, finished } = settle(before, instanceOf, 'now')
        if (after.statuses !== before.statuses)
          expect(after.statuses.map(({ serves }) => instanceOf(serves))).toEqual(after.statuses.map(() => 'up'))
        for (const { serves } of after.statuses) expect(retire).not.toContain(serves)
        expect(start.filter((name) => retire.includes(name))).toEqual([])
        const isAtRest = after.conditions.RoutesReady.state !== 'CONDITION_RECONCILING'
        expect(finished.length).toBe(isAtRest ? 1 : 0)
        // Nothing new has happened, so there is nothing new to say.
        const again = settle(after, instanceOf, 'later')
        expect(again.record).toEqual(after)
      },
    ),
  )
})
