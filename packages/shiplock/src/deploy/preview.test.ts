import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Candidate } from './candidate.ts'
import { abandonPreview, deployPreview, expiredPreviews, keepPreview, removePreview, type WantedPreview } from './preview.ts'
import { startTestEmulator, type ReleaseRig, type TestEmulator } from './release-rig.test-data.ts'
import { parent } from './test-place.test-data.ts'

let emulator: TestEmulator

beforeAll(async () => {
  emulator = await startTestEmulator()
}, 120_000)

afterAll(() => emulator[Symbol.asyncDispose]())

const wanted = (rig: ReleaseRig, tag: string, version: string, more: Partial<WantedPreview> = {}, env: Record<string, string> = {}): WantedPreview => ({ wanted: rig.wanted({ VERSION: version, ...env }), tag, production: 'production', productionEnv: {}, serviceAccount: 'preview@test.iam.gserviceaccount.com', secrets: {}, expires: '2026-12-11', ...more })
const deploy = (rig: ReleaseRig, preview: WantedPreview) => deployPreview(rig.target(), preview, rig.options())
const made = async (rig: ReleaseRig, preview: WantedPreview): Promise<Candidate> => {
  const candidate = await deploy(rig, preview)
  if (!candidate.ok) throw new Error(JSON.stringify(candidate.failure))
  return candidate.value
}
async function show(rig: ReleaseRig, tag: string, version: string, more: Partial<WantedPreview> = {}): Promise<string> {
  const candidate = await made(rig, wanted(rig, tag, version, more))
  const kept = await keepPreview(rig.target(), candidate, tag, rig.options())
  if (!kept.ok) throw new Error(JSON.stringify(kept.failure))
  return candidate.revision
}
const remove = (rig: ReleaseRig, tag: string) => removePreview(rig.target(), rig.place.service, tag, rig.options())
const revisionsOf = async (rig: ReleaseRig) => {
  const answer = await rig.target().transport({ method: 'GET', path: `/v2/${parent}/services/${rig.place.service}/revisions` })
  return 'body' in answer ? JSON.parse(answer.body).revisions.map(({ name }: { name: string }) => name.slice(name.lastIndexOf('/') + 1)).toSorted() : answer
}

test('each pull request is shown by its own tag; a push replaces its own preview and no other', async () => {
  await using rig = emulator.rig()
  const one = await show(rig, 'pr-1', 'one')
  const two = await show(rig, 'pr-2', 'two')
  expect((await rig.traffic())?.toSorted()).toEqual([`${one} 0 pr-1`, `${two} 100 pr-2`].toSorted())
  const again = await show(rig, 'pr-1', 'one more')
  expect([(await rig.traffic())?.toSorted(), await revisionsOf(rig)]).toEqual([[`${again} 100 pr-1`, `${two} 0 pr-2`].toSorted(), [again, two].toSorted()])
  // The same once more is nothing new.
  expect((await made(rig, wanted(rig, 'pr-1', 'one more'))).plan).toEqual({ kind: 'unchanged', stable: again })
})

test('two pull requests that are pushed at once are both shown', async () => {
  await using rig = emulator.rig()
  await show(rig, 'pr-1', 'one')
  const revisions = await Promise.all([show(rig, 'pr-2', 'two'), show(rig, 'pr-3', 'three')])
  const traffic = await rig.traffic()
  for (const [index, revision] of revisions.entries()) expect(traffic?.join()).toMatch(new RegExp(`${revision} \\d+ pr-${index + 2}`))
})

test('one that does not start leaves what was there: what was shown before, or nothing at all', async () => {
  await using rig = emulator.rig()
  const broken = (tag: string) => deploy(rig, wanted(rig, tag, 'broken', {}, { BEHAVIOUR: 'exits' }))
  expect(await broken('pr-1')).toMatchObject({ ok: false, failure: { failure: { reason: 'revision-not-ready' }, record: { result: 'removed' } } })
  expect(await rig.traffic()).toBeUndefined()
  const good = await show(rig, 'pr-1', 'good')
  expect(await broken('pr-1')).toMatchObject({ ok: false, failure: { record: { result: 'kept-stable' } } })
  expect(await rig.traffic()).toEqual([`${good} 100 pr-1`])
  expect(await broken('pr-2')).toMatchObject({ ok: false, failure: { record: { result: 'removed' } } })
  expect([await rig.traffic(), await rig.visit()]).toEqual([[`${good} 100 pr-1`], { status: 200, body: 'good' }])
})

test('one whose probe is red is taken back, and what was shown of the pull request before is shown again', async () => {
  await using rig = emulator.rig()
  const good = await show(rig, 'pr-1', 'good')
  const red = await made(rig, wanted(rig, 'pr-1', 'red'))
  expect(await abandonPreview(rig.target(), red, 'pr-1', 'the probe is red', rig.options())).toMatchObject({ ok: true, value: { result: 'kept-stable' } })
  expect(await rig.traffic()).toEqual([`${good} 100 pr-1`])
})

test('a pull request that was closed while its preview was probed stays closed', async () => {
  await using rig = emulator.rig()
  const other = await show(rig, 'pr-2', 'other')
  const late = await made(rig, wanted(rig, 'pr-1', 'late'))
  expect(await remove(rig, 'pr-1')).toEqual({ ok: true, value: true })
  expect(await keepPreview(rig.target(), late, 'pr-1', rig.options())).toMatchObject({ ok: false, failure: { failure: { reason: 'deploy-in-progress' } } })
  expect(await rig.traffic()).toEqual([`${other} 100 pr-2`])
})

test('with the last preview the service goes, where it was made for them, and stays where it was not', async () => {
  await using rig = emulator.rig()
  const one = await show(rig, 'pr-1', 'one')
  await show(rig, 'pr-2', 'two')
  // Another inherits the service's own address.
  expect(await remove(rig, 'pr-2')).toEqual({ ok: true, value: true })
  expect(await rig.traffic()).toEqual([`${one} 100 pr-1`])
  expect(await remove(rig, 'pr-1')).toEqual({ ok: true, value: true })
  expect([await rig.traffic(), await remove(rig, 'pr-1')]).toEqual([undefined, { ok: true, value: false }])

  await show(rig, 'pr-3', 'three')
  await rig.patch({ annotations: {} })
  expect(await remove(rig, 'pr-3')).toEqual({ ok: true, value: true })
  expect((await rig.traffic())?.join()).toMatch(/^\S+ 100$/)
})

test('a forgotten preview is over after its last day, and so is one that does not say which that is', async () => {
  await using rig = emulator.rig()
  await show(rig, 'pr-1', 'one', { expires: '2026-12-01' })
  await show(rig, 'pr-2', 'two', { expires: '2026-12-31' })
  const over = async (today: string) => {
    const tags = await expiredPreviews(rig.target(), rig.place.service, today, rig.options())
    return tags.ok ? tags.value.toSorted() : tags.failure
  }
  expect([await over('2026-12-01'), await over('2026-12-02'), await over('2027-01-01')]).toEqual([[], ['pr-1'], ['pr-1', 'pr-2']])
})

test('nothing of production is given to code that nobody has approved: refused by name, and nothing is made', async () => {
  await using people = emulator.rig()
  await using rig = emulator.rig()
  const { service: production } = people.place
  // Its owner has given it an identity, a secret and a database.
  const secret = async (id: string) => void (await people.target().transport({ method: 'POST', path: `/v1/projects/test/secrets?secretId=${id}`, body: JSON.stringify({ replication: { automatic: {} } }) }))
  await secret(`${production}-password`)
  await people.target().transport({ method: 'POST', path: `/v1/projects/test/secrets/${production}-password:addVersion`, body: JSON.stringify({ payload: { data: 'aHVudGVyMg==' } }) })
  const template = { serviceAccount: 'todo@test.iam.gserviceaccount.com', containers: [{ image: `todo@${people.place.digest}`, env: [{ name: 'DATABASE_URL', value: 'mysql://todo@db.internal/todo' }, { name: 'DATABASE_PASSWORD', valueSource: { secretKeyRef: { secret: `${production}-password`, version: '1' } } }] }] }
  const created = await people.target().transport({ method: 'POST', path: `/v2/${parent}/services?serviceId=${production}`, body: JSON.stringify({ template, invokerIamDisabled: true }) })
  expect(created).toMatchObject({ status: 200 })
  const refused = async (more: Partial<WantedPreview>, env: Record<string, string> = {}) => {
    const result = await deploy(rig, wanted(rig, 'pr-1', 'one', { production, ...more }, env))
    return result.ok ? result.value.revision : result.failure.failure.message
  }
  expect(await refused({ serviceAccount: 'todo@test.iam.gserviceaccount.com' })).toContain("production's identity todo@test.iam.gserviceaccount.com")
  expect(await refused({ secrets: { PASSWORD: { secret: `${production}-password`, version: '1' } } })).toContain(`production's secret ${production}-password`)
  expect(await refused({}, { DATABASE_URL: 'mysql://todo@db.internal/todo' })).toContain("production's database, by DATABASE_URL")
  expect(await rig.traffic()).toBeUndefined()
  // Nor is it made of the service that people use.
  expect(await refused({ production: rig.place.service })).toContain('is the service that people use')
  expect(await refused({})).toMatch(/^todo-\d+-[0-9a-f]{10}$/)
})
