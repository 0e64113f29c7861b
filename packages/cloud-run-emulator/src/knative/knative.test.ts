import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startRig, until, type Rig } from '../testing/rig.ts'
import { readKnativeService } from './read.ts'

interface Body {
  readonly metadata: Record<string, unknown>
  readonly spec: { readonly template: { readonly metadata: object; readonly spec: Record<string, unknown> } }
}
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/gcloud-528.json'), 'utf8')) as { create: Body; replace: Body }
const of = (rig: Rig, body: Body) => JSON.parse(JSON.stringify(body).replaceAll('IMAGE', rig.image.reference)) as Body

async function ask(rig: Rig, method: string, path: string, body?: object) {
  const answer = await fetch(`${rig.emulator.admin.url}${path}`, {
    method,
    // As gcloud does it: a region in front of the name that it was given.
    headers: { authorization: `Bearer ${rig.token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  // oxlint-disable-next-line typescript/no-explicit-any -- tests reach deep into answers, and a wrong path fails the test
  return { status: answer.status, body: (await answer.json()) as any }
}
const services = '/apis/serving.knative.dev/v1/namespaces/local/services'
/** gcloud's own test of whether it is to wait. */
const isReady = ({ body }: { body: { metadata: { generation: number }; status: { observedGeneration: number; conditions: { type: string; status: string }[] } } }) =>
  body.status.observedGeneration === body.metadata.generation && body.status.conditions.every(({ status }) => status !== 'Unknown')

test('what gcloud sends makes a service, and a candidate of it, that v2 shows too', async () => {
  await using rig = await startRig()
  const created = await ask(rig, 'POST', services, of(rig, recorded.create))
  expect(created.body).toMatchObject({ kind: 'Service', spec: { traffic: [{ latestRevision: true, percent: 100 }] } })
  const first = await until(async () => ask(rig, 'GET', `${services}/todo`), isReady)
  expect(first.body.status).toMatchObject({ latestReadyRevisionName: 'todo-one', conditions: [{ type: 'Ready', status: 'True' }, { type: 'ConfigurationsReady' }, { type: 'RoutesReady' }] })

  await ask(rig, 'POST', '/v1/projects/local/secrets?secretId=db', {})
  await ask(rig, 'POST', '/v1/projects/local/secrets/db:addVersion', { payload: { data: 'a2V5' } })
  const replace = of(rig, recorded.replace)
  expect((await ask(rig, 'PUT', `${services}/todo`, replace)).status).toBe(409)
  const current = { ...replace, metadata: { ...replace.metadata, resourceVersion: first.body.metadata.resourceVersion } }
  expect((await ask(rig, 'PUT', `${services}/todo`, current)).status).toBe(200)
  const second = await until(async () => ask(rig, 'GET', `${services}/todo`), isReady)
  expect(second.body.status.traffic).toEqual([
    { revisionName: 'todo-one', percent: 100 },
    { revisionName: 'todo-c2', tag: 'canary', url: expect.stringContaining('canary---todo.localhost') },
  ])
  expect((await rig.api('GET', 'services/todo')).body).toMatchObject({
    client: 'gcloud',
    template: { revision: 'todo-c2', sessionAffinity: true, containers: [{ env: [{ name: 'MODE' }, { name: 'KEY', valueSource: { secretKeyRef: { secret: 'db', version: '1' } } }] }] },
  })
  const { body: list } = await ask(rig, 'GET', '/apis/serving.knative.dev/v1/namespaces/local/revisions?labelSelector=serving.knative.dev%2Fservice%20%3D%20todo')
  expect(list.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual(['todo-c2', 'todo-one'])
  expect((await ask(rig, 'GET', '/v1/projects/local/locations/-/services')).body.items).toHaveLength(1)
})

test('what was read can be written back unchanged, and makes no revision', async () => {
  await using rig = await startRig()
  const template = rig.template('sound', { sessionAffinity: true, scaling: { minInstanceCount: 1 }, executionEnvironment: 'EXECUTION_ENVIRONMENT_GEN2' })
  await rig.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, description: 'to do', ingress: 'INGRESS_TRAFFIC_INTERNAL_ONLY', template })
  const before = await rig.api('GET', 'services/todo')
  const { body: shown } = await ask(rig, 'GET', `${services}/todo`)
  expect((await ask(rig, 'PUT', `${services}/todo`, shown)).status).toBe(200)
  const { etag: _etag, ...after } = (await rig.api('GET', 'services/todo')).body
  expect({ ...after, etag: before.body.etag }).toEqual(before.body)
})

test('an annotation with a meaning that is not emulated is refused by name, and one of the user is kept', () => {
  const body = (annotations: object) => ({ metadata: { name: 'todo' }, spec: { template: { metadata: { annotations }, spec: { containers: [{ image: 'i' }] } } } })
  expect(() => readKnativeService(body({ 'run.googleapis.com/cloudsql-instances': 'p:r:i' }))).toThrow('run.googleapis.com/cloudsql-instances')
  expect(readKnativeService(body({ 'example.com/a': 'b' })).given.writable['template']).toMatchObject({ annotations: { 'example.com/a': 'b' } })
})

test('permissions, and whether the API is on, are told to who has the token only', async () => {
  await using rig = await startRig()
  await rig.settled('POST', 'services?serviceId=todo', { template: rig.template() })
  const permissions = ['run.services.setIamPolicy']
  expect((await ask(rig, 'POST', '/v1/projects/local/locations/local/services/todo:testIamPermissions', { permissions })).body).toEqual({ permissions })
  expect((await ask(rig, 'GET', '/v1/projects/local/services/run.googleapis.com')).body.state).toBe('ENABLED')
  expect((await fetch(`${rig.emulator.admin.url}${services}`)).status).toBe(401)
})
