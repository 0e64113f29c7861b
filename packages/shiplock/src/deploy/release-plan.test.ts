import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { revisionSchema, serviceSchema, type Revision, type Service } from './cloud-run.ts'
import { planRelease } from './release-plan.ts'
import { fingerprintOf, imageReference, revisionName, templateOf, type WantedRelease } from './template.ts'
import { candidateTag, pinnedTraffic, servingRevisions, stableRevision, trafficWithout } from './traffic.ts'

const latest = 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST'
const byName = 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION'

const wanted: WantedRelease = {
  service: 'todo',
  image: { name: 'registry.invalid/todo', digest: `sha256:${'a'.repeat(64)}` },
  env: { A: '1' },
  port: 8080,
  startupProbe: { path: '/health', periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 60 },
  isPublic: true,
}

const serviceWith = (more: object): Service =>
  serviceSchema.parse({ name: 'projects/p/locations/l/services/todo', template: {}, latestReadyRevision: 'todo-1', ...more })
const serving = (...targets: object[]): Service => serviceWith({ traffic: targets, trafficStatuses: targets })

const revision = (name: string, of: WantedRelease, state = 'CONDITION_SUCCEEDED'): Revision =>
  revisionSchema.parse({ ...templateOf(of, name), name, conditions: [{ type: 'Ready', state }] })

describe('stableRevision', () => {
  test('is the one with all traffic, whatever tags there are and in what order', () => {
    expect(
      stableRevision(serving({ type: byName, revision: 'todo-9', tag: 'candidate' }, { type: byName, revision: 'todo-2', percent: 100 })),
    ).toEqual({ ok: true, value: 'todo-2' })
  })

  test('is the latest ready one where the traffic follows it', () => {
    expect(stableRevision(serving({ type: latest, percent: 100 }))).toEqual({ ok: true, value: 'todo-1' })
  })

  test('is one revision that has two entries', () => {
    expect(
      stableRevision(
        serving({ type: byName, revision: 'todo-2', percent: 60 }, { type: byName, revision: 'todo-2', percent: 40, tag: 'x' }),
      ),
    ).toEqual({ ok: true, value: 'todo-2' })
  })

  test.for([
    ['split', serving({ type: byName, revision: 'a', percent: 99 }, { type: byName, revision: 'b', percent: 1 })],
    ['on nothing', serving()],
    ['tags only', serving({ type: byName, revision: 'a', tag: 'a' })],
    ['less than all', serving({ type: byName, revision: 'a', percent: 50 })],
    ['on a latest that nobody knows', serviceWith({ latestReadyRevision: '', trafficStatuses: [{ type: latest, percent: 100 }] })],
  ] as const)('cannot be told where the traffic is %s', ([, service]) => {
    expect(stableRevision(service)).toMatchObject({ ok: false, failure: { reason: 'no-stable-revision' } })
  })
})

describe('planRelease', () => {
  test('a new version of a secret is another revision, whether it comes as a variable or as a file', () => {
    const withSecret = (version: string, fileVersion = '1') => ({
      containers: [{ image: imageReference(wanted), env: [{ name: 'KEY', valueSource: { secretKeyRef: { secret: 'projects/p/secrets/key', version } } }] }],
      volumes: [{ name: 'keys', secret: { secret: 'file-key', items: [{ path: 'key', version: fileVersion }] } }],
    })
    const service = (template: object) => serviceWith({ template, traffic: [{ type: byName, revision: revisionName(wanted), percent: 100 }], trafficStatuses: [{ type: byName, revision: revisionName(wanted), percent: 100 }] })
    const running = revisionSchema.parse({ ...templateOf(wanted, revisionName(wanted), serviceSchema.parse({ name: 'x', template: withSecret('1') }).template), name: revisionName(wanted), conditions: [{ type: 'Ready', state: 'CONDITION_SUCCEEDED' }] })
    expect(planRelease(service(withSecret('1')), [running], wanted)).toMatchObject({ ok: true, value: { kind: 'unchanged' } })
    for (const template of [withSecret('2'), withSecret('1', '2')]) expect(planRelease(service(template), [running], wanted)).toMatchObject({ ok: true, value: { kind: 'update', candidate: revisionName(wanted, 2), template: {} } })
    // By its whole name or its short one it is the same secret.
    const shortly = { ...withSecret('1'), containers: [{ image: imageReference(wanted), env: [{ name: 'KEY', valueSource: { secretKeyRef: { secret: 'key', version: '1' } } }] }] }
    expect(planRelease(service(shortly), [running], wanted)).toMatchObject({ ok: true, value: { kind: 'unchanged' } })
  })

  test('makes a service where there is none', () => {
    const plan = planRelease(undefined, [], wanted)
    expect(plan).toMatchObject({ ok: true, value: { kind: 'create', candidate: revisionName(wanted), during: [{ percent: 100 }] } })
  })

  test('does nothing where what serves is what is wanted', () => {
    const service = serving({ type: byName, revision: 'todo-2', percent: 100 })
    expect(planRelease(service, [revision('todo-2', wanted)], wanted)).toEqual({ ok: true, value: { kind: 'unchanged', stable: 'todo-2' } })
  })

  test('does not believe an annotation that the image contradicts', () => {
    const service = serving({ type: byName, revision: 'todo-2', percent: 100 })
    const forged = { ...revision('todo-2', wanted), containers: [{ image: 'registry.invalid/todo@sha256:other', env: [] }] }
    expect(planRelease(service, [forged], wanted)).toMatchObject({ ok: true, value: { kind: 'update', stable: 'todo-2' } })
  })

  test('uses a revision that is there, and the next name where it failed', () => {
    const service = serving({ type: byName, revision: 'todo-2', percent: 100 })
    const there = planRelease(service, [revision(revisionName(wanted), wanted)], wanted)
    expect(there).toMatchObject({ ok: true, value: { candidate: revisionName(wanted) } })
    expect(there.ok && 'template' in there.value).toBe(false)
    const failed = planRelease(service, [revision(revisionName(wanted), wanted, 'CONDITION_FAILED')], wanted)
    expect(failed).toMatchObject({
      ok: true,
      value: { candidate: revisionName(wanted, 2), template: { revision: revisionName(wanted, 2) } },
    })
  })

  const names = fc.constantFrom('todo-1', 'todo-2', 'todo-3', revisionName(wanted))
  const target = fc.record({
    type: fc.constantFrom(latest, byName),
    revision: fc.option(names, { nil: undefined }),
    percent: fc.constantFrom(0, 0, 1, 50, 99, 100),
    tag: fc.option(fc.constantFrom('candidate', 'blue', 'green'), { nil: undefined }),
  })
  const anyState = fc
    .record({
      traffic: fc.array(target, { maxLength: 4 }),
      trafficStatuses: fc.array(target, { maxLength: 4 }),
      latestReadyRevision: fc.oneof(names, fc.constant('')),
    })
    .map(serviceWith)
  // By chance alone a state with one serving revision is rare, and those are the ones that can be released to.
  const served = fc
    .tuple(
      names,
      fc.array(
        target.map((it) => ({ ...it, percent: 0 })),
        { maxLength: 3 },
      ),
    )
    .map(([name, others]) => serving(...others, { type: byName, revision: name, percent: 100 }))
  const state = fc.oneof(anyState, served)
  const revisions = fc.uniqueArray(
    fc.record({ name: names, state: fc.constantFrom('CONDITION_SUCCEEDED', 'CONDITION_FAILED', 'CONDITION_RECONCILING') }),
    { selector: ({ name }) => name },
  )

  const total = (targets: readonly { percent: number }[]) => targets.reduce((sum, { percent }) => sum + percent, 0)

  test('whatever the state: traffic sums to 100, stable is what really serves, the candidate gets nothing before its time', () => {
    fc.assert(
      fc.property(state, revisions, (service, made) => {
        const plan = planRelease(
          service,
          made.map((it) => revision(it.name, wanted, it.state)),
          wanted,
        )
        if (!plan.ok) {
          expect(plan.failure.reason).toBe('no-stable-revision')
          return
        }
        if (plan.value.kind === 'create') throw new Error('there is a service')
        expect([...servingRevisions(service)]).toEqual([[plan.value.stable, 100]])
        if (plan.value.kind === 'unchanged') return
        const { during, after, stable, candidate } = plan.value
        expect(candidate).not.toBe(stable)
        expect([total(during), total(after)]).toEqual([100, 100])
        expect(during.filter(({ percent }) => percent > 0)).toEqual([{ type: byName, revision: stable, percent: 100 }])
        expect(after.filter(({ percent }) => percent > 0)).toEqual([{ type: byName, revision: candidate, percent: 100 }])
        expect(during.filter(({ tag }) => tag === candidateTag)).toEqual([
          { type: byName, revision: candidate, percent: 0, tag: candidateTag },
        ])
        expect(after.some(({ tag }) => tag === candidateTag)).toBe(false)
      }),
    )
  })

  test('whatever the state: what is given back leaves the candidate nothing, and others their own', () => {
    fc.assert(
      fc.property(state, (service) => {
        const traffic = trafficWithout(service, 'todo-3', 'todo-1')
        if (!traffic) return
        expect(traffic.filter((it) => it.type === byName && it.revision === 'todo-3')).toEqual([])
        const isServed = [...service.traffic, ...service.trafficStatuses].some(
          ({ percent, type, revision: name }) => percent > 0 && (type === latest ? service.latestReadyRevision : name) === 'todo-3',
        )
        expect(total(traffic)).toBe(isServed ? 100 : total(service.traffic))
      }),
    )
  })
})

describe('templateOf', () => {
  test('keeps what the owner of the service has set, and replaces what was ours', () => {
    const before = serviceSchema.parse({
      name: 's',
      template: {
        ...templateOf({ ...wanted, env: { OLD: '1', A: '0' } }, 'todo-1'),
        serviceAccount: 'runtime@p',
        vpcAccess: { egress: 'ALL_TRAFFIC' },
        containers: [
          {
            image: 'old',
            volumeMounts: [{ name: 'sql' }],
            env: [
              { name: 'PASSWORD', valueSource: { secretKeyRef: { secret: 's', version: '3' } } },
              { name: 'OLD', value: '1' },
              { name: 'A', value: '0' },
            ],
          },
          { image: 'sidecar' },
        ],
      },
    }).template
    const after = templateOf(wanted, 'todo-2', before)
    expect(after).toMatchObject({ revision: 'todo-2', serviceAccount: 'runtime@p', vpcAccess: { egress: 'ALL_TRAFFIC' } })
    expect(after.containers).toMatchObject([{ image: imageReference(wanted), volumeMounts: [{ name: 'sql' }] }, { image: 'sidecar' }])
    expect(after.containers[0]?.env).toEqual([
      { name: 'PASSWORD', valueSource: { secretKeyRef: { secret: 's', version: '3' } } },
      { name: 'A', value: '1' },
    ])
  })

  test('every part of the revision is in its fingerprint, the order of the environment and the commit are not', () => {
    const others: Partial<WantedRelease>[] = [
      { env: { A: '2' } },
      { env: {} },
      { port: 80 },
      { resources: { cpu: '1', memory: '1Gi' } },
      { image: { ...wanted.image, digest: `sha256:${'b'.repeat(64)}` } },
      { startupProbe: { periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 60 } },
    ]
    const fingerprints = others.map((other) => fingerprintOf({ ...wanted, ...other }))
    expect(new Set([...fingerprints, fingerprintOf(wanted)]).size).toBe(others.length + 1)
    expect(fingerprintOf({ ...wanted, env: { A: '1', B: '2' } })).toBe(fingerprintOf({ ...wanted, commit: 'c', env: { B: '2', A: '1' } }))
  })

  test('names are valid on Cloud Run, for the longest service as well', () => {
    const name = revisionName({ ...wanted, service: `a${'b'.repeat(48)}` }, 99)
    expect(name).toMatch(/^[a-z]([a-z0-9-]*[a-z0-9])?$/)
    expect(name.length).toBeLessThanOrEqual(63)
  })
})

test('pinned traffic has no LATEST with a percent', () => {
  const service = serving({ type: latest, percent: 100, tag: 'blue' })
  expect(pinnedTraffic(service, 'todo-1')).toEqual([
    { type: byName, revision: 'todo-1', percent: 100 },
    { type: latest, percent: 0, tag: 'blue' },
  ])
})
