import { describe, expect, test } from 'vitest'
import type { FieldType, MessageType } from './resource/proto-json.ts'
import { executionType, jobType, runJobType, taskType } from './resource/job-schema.ts'
import { revisionType, serviceType } from './resource/schema.ts'
import { findGoogleClient, type GoogleClient, type ProtoField, type ProtoType } from './testing/google-client.ts'
import { startRig } from './testing/rig.ts'

const google = findGoogleClient()
const parent = 'projects/local/locations/local'
const name = `${parent}/services/todo`

test("Google's client is installed where the tests have to prove something", () => {
  if (process.env['CI'] !== undefined) expect(google, 'npm install @google-cloud/run').toBeDefined()
})

describe.runIf(google !== undefined)("with Google's own client", () => {
  const { protos, connect } = google as GoogleClient

  test('a service is created, read, listed, split, listed by revision and deleted', async () => {
    await using rig = await startRig()
    const { services, revisions } = connect(rig.emulator.admin.url, rig.token)
    const template = (revision: string) => ({
      revision,
      containers: [{ image: rig.image.reference, env: [{ name: 'MODE', value: 'sound' }] }],
    })

    const [creation] = await services.createService({
      parent,
      serviceId: 'todo',
      service: { invokerIamDisabled: true, template: template('todo-one') },
    })
    const [created] = await creation.promise()
    // In what an operation gives, the client leaves enums as numbers: 4 is CONDITION_SUCCEEDED.
    expect(created).toMatchObject({
      name,
      latestReadyRevision: `${name}/revisions/todo-one`,
      terminalCondition: { type: 'Ready', state: 4 },
    })

    const [read] = await services.getService({ name })
    const target = { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION' }
    const [update] = await services.updateService({
      service: {
        ...read,
        template: template('todo-two'),
        traffic: [
          { ...target, revision: 'todo-one', percent: 90 },
          { ...target, revision: 'todo-two', percent: 10, tag: 'canary' },
        ],
      },
      updateMask: { paths: ['template', 'traffic'] },
    })
    const [updated] = await update.promise()
    expect(updated.trafficStatuses).toMatchObject([
      { revision: 'todo-one', percent: 90, tag: '', uri: '' },
      { revision: 'todo-two', percent: 10, tag: 'canary', uri: expect.stringContaining('canary---todo.localhost') },
    ])
    expect((await rig.front('canary---todo.localhost', '/')).body).toBe('todo-two\n')

    // The etag that was read before the update.
    await expect(services.updateService({ service: read, updateMask: { paths: ['traffic'] } })).rejects.toMatchObject({ code: 10 })
    const [listed] = await services.listServices({ parent })
    expect(listed.map((service) => service.name)).toEqual([name])
    const [found] = await revisions.listRevisions({ parent: name })
    expect(found.map((revision) => revision.name.split('/').at(-1))).toEqual(['todo-two', 'todo-one'])
    const [revision] = await revisions.getRevision({ name: `${name}/revisions/todo-two` })
    expect(revision.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', state: 'CONDITION_SUCCEEDED' }))

    const [policy] = await services.getIamPolicy({ resource: name })
    const [set] = await services.setIamPolicy({
      resource: name,
      policy: { bindings: [{ role: 'roles/run.invoker', members: ['allUsers'] }], etag: policy.etag },
    })
    expect(set.bindings).toMatchObject([{ role: 'roles/run.invoker', members: ['allUsers'] }])

    const [deletion] = await services.deleteService({ name })
    await deletion.promise()
    await expect(services.getService({ name })).rejects.toMatchObject({ code: 5 })
    await Promise.all([services.close(), revisions.close()])
  })

  test('a job is created, run, looked at and deleted', async () => {
    await using rig = await startRig()
    const { jobs, executions } = connect(rig.emulator.admin.url, rig.token)
    const template = (mode: string) => ({ template: { maxRetries: 0, containers: [{ image: rig.image.reference, env: [{ name: 'MODE', value: mode }] }] } })
    const [creation] = await jobs.createJob({ parent, jobId: 'migrate', job: { template: template('task') } })
    const [created] = await creation.promise()
    expect(created).toMatchObject({ name: `${parent}/jobs/migrate`, template: { taskCount: 1, template: { maxRetries: 0 } } })
    const [running] = await jobs.runJob({ name: `${parent}/jobs/migrate` })
    const [execution] = await running.promise()
    expect(execution).toMatchObject({ succeededCount: 1 })
    const [found] = await executions.listExecutions({ parent: `${parent}/jobs/migrate` })
    expect(found.map(({ name: each }) => each)).toEqual([execution.name])
    const [update] = await jobs.updateJob({ job: { name: `${parent}/jobs/migrate`, template: template('exits') } })
    await update.promise()
    const [failing] = await jobs.runJob({ name: `${parent}/jobs/migrate` })
    await expect(failing.promise()).rejects.toMatchObject({ code: 9, message: expect.stringContaining('exited with code 3') })
    const [deletion] = await jobs.deleteJob({ name: `${parent}/jobs/migrate` })
    await deletion.promise()
    await expect(jobs.getJob({ name: `${parent}/jobs/migrate` })).rejects.toMatchObject({ code: 5 })
    await Promise.all([jobs.close(), executions.close()])
  })

  test('an operation that fails rejects with its code and message', async () => {
    await using rig = await startRig()
    const { services } = connect(rig.emulator.admin.url, rig.token)
    const env = [{ name: 'MODE', value: 'exits' }]
    const [creation] = await services.createService({
      parent,
      serviceId: 'todo',
      service: { template: { containers: [{ image: rig.image.reference, env }] } },
    })
    await expect(creation.promise()).rejects.toMatchObject({
      code: 9,
      message: expect.stringContaining('is not ready and cannot serve traffic'),
    })
    await expect(services.createService({ parent, serviceId: 'other', service: { template: {} } })).rejects.toMatchObject({ code: 3 })
    await services.close()
    const stranger = connect(rig.emulator.admin.url, 'wrong').services
    await expect(stranger.getService({ name })).rejects.toMatchObject({ code: 16 })
    await stranger.close()
  })

  test.for(['json', 'json;enum-encoding=int'])('every answer is a message of google.cloud.run.v2 (%s)', async (alt) => {
    await using rig = await startRig()
    const template = (mode: string) => ({ scaling: { minInstanceCount: 1 }, ...rig.template(mode), labels: { a: 'b' } })
    await rig.settled('POST', 'services?serviceId=todo', { labels: { a: 'b' }, invokerIamDisabled: true, template: template('everywhere') })
    await rig.settled('PATCH', 'services/todo?updateMask=template', { template: template('exits') })
    const ask = async (path: string) => (await rig.api('GET', `${path}?$alt=${encodeURIComponent(alt)}`)).body
    const enums = alt === 'json' ? 'string' : 'number'
    const check = (type: string, value: unknown) => expect(problemsOf(protos.lookupType(type), value, enums)).toEqual([])
    check('google.cloud.run.v2.ListServicesResponse', await ask('services'))
    check('google.cloud.run.v2.Service', await ask('services/todo'))
    check('google.cloud.run.v2.ListRevisionsResponse', await ask('services/todo/revisions'))
    check('google.iam.v1.Policy', await ask('services/todo:getIamPolicy'))
    const job = (mode: string) => ({ template: { template: { maxRetries: 0, containers: [{ image: rig.image.reference, env: [{ name: 'MODE', value: mode }] }] } } })
    for (const mode of ['task', 'exits']) {
      await rig.settled('POST', `jobs?jobId=${mode}`, job(mode))
      await rig.settled('POST', `jobs/${mode}:run`, {})
      check('google.cloud.run.v2.Job', await ask(`jobs/${mode}`))
      const list = await ask(`jobs/${mode}/executions`)
      check('google.cloud.run.v2.ListExecutionsResponse', list)
      check('google.cloud.run.v2.ListTasksResponse', await ask(`jobs/${mode}/executions/${list.executions[0].name.split('/').at(-1)}/tasks`))
      await rig.settled('DELETE', `jobs/${mode}`)
    }
    const operations = (await ask('operations')).operations.filter(({ metadata }: { metadata: { name?: string } }) => metadata.name?.includes('/services/'))
    expect(operations.length).toBe(2)
    for (const { metadata, response, error, done, name: operation, ...rest } of operations) {
      expect([rest, done, typeof operation]).toEqual([{}, true, 'string'])
      for (const any of [metadata, response].filter((value) => value !== undefined)) {
        const { '@type': type, ...message } = any
        expect(type).toBe('type.googleapis.com/google.cloud.run.v2.Service')
        check('google.cloud.run.v2.Service', message)
      }
      if (error !== undefined) expect(error).toEqual({ code: 9, message: expect.any(String), details: [] })
    }
  })

  test.for([
    ['Service', serviceType],
    ['Revision', revisionType],
    ['Job', jobType],
    ['Execution', executionType],
    ['Task', taskType],
    ['RunJobRequest', runJobType],
  ] as const)('the schema of %s is the one that Google publishes', ([type, schema]) => {
    expect(differences(schema, protos.lookupType(`google.cloud.run.v2.${type}`), type)).toEqual([])
  })
})

/** Where a JSON value is not what ProtoJSON has for a message type. */
function problemsOf(type: ProtoType, value: unknown, enums: 'string' | 'number', path = type.fullName): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no object`]
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
    const field = type.fields?.[key]
    if (field === undefined) return [`${path}.${key} is unknown`]
    const items = field.repeated && Array.isArray(member) ? member : field.map ? Object.values(member as object) : [member]
    if (field.repeated !== Array.isArray(member)) return [`${path}.${key} is ${field.repeated ? 'no' : 'a'} list`]
    return items.flatMap((item: unknown) => fieldProblems(field, item, enums, `${path}.${key}`))
  })
}

function fieldProblems(field: ProtoField, value: unknown, enums: 'string' | 'number', path: string): string[] {
  const type = field.resolvedType
  if (type?.values !== undefined) {
    const isKnown = enums === 'string' ? Object.hasOwn(type.values, String(value)) : Object.values(type.values).includes(value as number)
    return typeof value === enums && isKnown ? [] : [`${path} has the enum value ${JSON.stringify(value)}`]
  }
  if (type?.fullName === '.google.protobuf.Timestamp')
    return typeof value === 'string' && /^\d{4}-.*Z$/.test(value) ? [] : [`${path} is no time`]
  if (type?.fullName === '.google.protobuf.Duration')
    return typeof value === 'string' && /^\d+(\.\d+)?s$/.test(value) ? [] : [`${path} is no duration`]
  if (type !== null) return problemsOf(type, value, enums, path)
  const wanted = field.type === 'int32' ? 'number' : field.type === 'bool' ? 'boolean' : 'string'
  return typeof value === wanted ? [] : [`${path} is ${typeof value}, not ${wanted}`]
}

/** Where a schema is not the published message. Output that the emulator never gives may be missing. */
function differences(schema: MessageType, type: ProtoType, path: string): string[] {
  const missing = (type.fieldsArray ?? [])
    .filter((field) => !Object.hasOwn(schema.fields, field.name) && field.options?.['(google.api.field_behavior)'] !== 'OUTPUT_ONLY')
    .map((field) => `${path}.${field.name} is missing`)
  const wrong = Object.entries(schema.fields).flatMap(([key, ours]) => {
    const field = type.fields?.[key]
    return field === undefined ? [`${path}.${key} is not Google's`] : fieldDifferences(ours, field, `${path}.${key}`)
  })
  return [...missing, ...wrong]
}

function fieldDifferences(ours: FieldType, field: ProtoField, path: string): string[] {
  if (ours === 'unsupported') return []
  const isList = typeof ours === 'object' && 'list' in ours
  const isMap = typeof ours === 'object' && 'map' in ours
  if (isList !== field.repeated || isMap !== field.map) return [`${path} is repeated in one only`]
  const item = isList ? ours.list : isMap ? ours.map : ours
  const type = field.resolvedType
  if (typeof item === 'string') {
    const published =
      type === null ? field.type : { '.google.protobuf.Timestamp': 'timestamp', '.google.protobuf.Duration': 'duration' }[type.fullName]
    return item.replace(/^optional /, '') === published ? [] : [`${path} is ${item}, not ${published ?? field.type}`]
  }
  if ('enum' in item)
    return JSON.stringify(sorted(item.enum)) === JSON.stringify(sorted(type?.values ?? {})) ? [] : [`${path} has other enum values`]
  if ('fields' in item && type?.fieldsArray !== undefined) return differences(item, type, path)
  return [`${path} is another type`]
}

const sorted = (values: Readonly<Record<string, number>>) => Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1))
