import { expect, test } from 'vitest'
import { changesOf, driftOf } from './changes.ts'
import { revisionSchema, serviceSchema, type Revision, type Service } from './cloud-run.ts'
import { planRelease } from './release-plan.ts'
import { imageReference, revisionName, templateOf, type WantedRelease } from './template.ts'

const wanted = (more: Partial<WantedRelease> = {}): WantedRelease => ({
  service: 'todo',
  image: { name: 'todo', digest: `sha256:${'a'.repeat(64)}` },
  env: { LOG_LEVEL: 'info' },
  port: 8080,
  startupProbe: { periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 30 },
  commit: 'a'.repeat(40),
  isPublic: true,
  ...more,
})

const revisionOf = (release: WantedRelease, name = revisionName(release)): Revision => {
  const { annotations, containers } = templateOf(release, name)
  return revisionSchema.parse({ name, annotations, containers, conditions: [{ type: 'Ready', state: 'CONDITION_SUCCEEDED' }] })
}

const serviceOf = (revision: Revision, more: object = {}): Service =>
  serviceSchema.parse({
    name: 'projects/p/locations/l/services/todo',
    template: { revision: revision.name, annotations: revision.annotations, containers: revision.containers },
    traffic: [{ type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: revision.name, percent: 100 }],
    trafficStatuses: [{ type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: revision.name, percent: 100 }],
    annotations: { 'shiplock.dev/served': revision.name },
    latestReadyRevision: revision.name,
    ...more,
  })

function changes(release: WantedRelease, service: Service | undefined, revisions: readonly Revision[]) {
  const plan = planRelease(service, revisions, release)
  if (!plan.ok) throw new Error(plan.failure.message)
  return changesOf(plan.value, service, revisions, release)
}

test('it names the image, the commits, and every variable that is new, another or gone', () => {
  const before = wanted({ env: { LOG_LEVEL: 'info', OLD: '1', SAME: 'x' } })
  const stable = revisionOf(before)
  const release = wanted({ image: { name: 'todo', digest: `sha256:${'b'.repeat(64)}` }, env: { LOG_LEVEL: 'debug', NEW: '2', SAME: 'x' }, commit: 'b'.repeat(40) })
  expect(changes(release, serviceOf(stable), [stable])).toEqual({
    kind: 'update',
    stable: stable.name,
    candidate: revisionName(release),
    image: { from: imageReference(before), to: imageReference(release) },
    commits: { from: 'a'.repeat(40), to: 'b'.repeat(40) },
    config: [{ name: 'env LOG_LEVEL', from: 'info', to: 'debug' }, { name: 'env NEW', to: '2' }, { name: 'env OLD', from: '1' }],
    drift: [],
  })
})

test('a first release has nothing before it', () => {
  expect(changes(wanted(), undefined, [])).toEqual({ kind: 'create', candidate: revisionName(wanted()), image: { to: imageReference(wanted()) }, config: [{ name: 'env LOG_LEVEL', to: 'info' }], drift: [] })
})

test('what the owner set beside the config is carried over, and no change', () => {
  const stable = revisionOf(wanted())
  const [container] = stable.containers
  const withMore = { ...stable, containers: [{ ...container!, env: [...container!.env, { name: 'OWNERS', value: '1' }] }] }
  expect(changes(wanted({ env: { LOG_LEVEL: 'debug' } }), serviceOf(withMore), [withMore]).config).toEqual([{ name: 'env LOG_LEVEL', from: 'info', to: 'debug' }])
})

test('a service as the last release left it has not drifted', () => {
  const stable = revisionOf(wanted())
  expect(driftOf(serviceOf(stable), stable)).toEqual([])
})

test('a revision that was made by hand, with the annotations of ours, has', () => {
  const byHand = revisionOf(wanted(), 'todo-00007-abc')
  expect(driftOf(serviceOf(byHand, { annotations: { 'shiplock.dev/served': 'todo-1' }, lastModifier: 'eve@example.com' }), byHand)).toEqual([
    'the traffic was moved by hand: the last release left it on todo-1, and todo-00007-abc serves',
    'todo-00007-abc, which serves, was not made by a release (last changed by eve@example.com): what is set in it by hand and is in the config too will be replaced',
  ])
})

test('traffic that follows the latest revision, and a newer one that does not serve, have', () => {
  const stable = revisionOf(wanted())
  expect(driftOf(serviceOf(stable, { traffic: [{ type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST', percent: 100 }] }), stable)).toEqual(['the traffic follows the latest revision: it will be pinned'])
  expect(driftOf(serviceOf(stable, { template: { revision: 'todo-newer' } }), stable)).toEqual(['the newest revision is todo-newer, which does not serve'])
  const traffic = [{ type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: stable.name, percent: 100 }, { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: 'todo-held', tag: 'candidate' }]
  expect(driftOf(serviceOf(stable, { template: { revision: 'todo-held' }, traffic }), stable)).toEqual([])
  expect(driftOf(serviceOf(stable, { template: { revision: 'todo-back' }, annotations: { 'shiplock.dev/served': `${stable.name},todo-back` } }), stable)).toEqual([])
})
