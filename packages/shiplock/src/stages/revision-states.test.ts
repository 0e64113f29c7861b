import { ok } from '@shiplock/findings'
import { expect, test } from 'vitest'
import type { Candidate } from '../deploy/candidate.ts'
import { revisionSchema, serviceSchema, type RevisionTemplate } from '../deploy/cloud-run.ts'
import type { ReleasePlan } from '../deploy/release-plan.ts'
import { readReleaseStates } from './revision-states.ts'

const digest = `sha256:${'a'.repeat(64)}` as const
const service = 'projects/p/locations/l/services/todo'
const secret = { secretKeyRef: { secret: 'db', version: '3' } }
const template: RevisionTemplate = { labels: {}, annotations: {}, containers: [{ image: `todo@${digest}`, env: [{ name: 'LOG', value: 'info' }, { name: 'DB', valueSource: secret }] }] }

const candidateOf = (plan: ReleasePlan): Candidate => ({ plan, releaseId: '1', service: 'todo', revision: 'todo-1', digest, uri: 'http://todo.localhost', isClosed: false, isPublic: true, generation: '1', steps: [] })
const create: ReleasePlan = { kind: 'create', candidate: 'todo-1', template, during: [] }

function target(container: object, ingress = 'INGRESS_TRAFFIC_ALL') {
  return {
    getRevision: async () => ok(revisionSchema.parse({ name: 'todo-1', containers: [container] })),
    getService: async () => ok(serviceSchema.parse({ name: service, template: {}, ingress })),
  }
}

test('what was planned is what was approved, a secret by its name and version', async () => {
  const states = await readReleaseStates(target(template.containers[0]!), { candidate: candidateOf(create), service, env: { LOG: 'info' } })
  const state = { digest, env: new Map([['LOG', 'info'], ['DB', `secret ${JSON.stringify(secret)}`]]), ingress: 'INGRESS_TRAFFIC_ALL' }
  expect(states).toEqual(ok({ approved: state, running: state }))
})

test('of a revision that was there before, the environment of the config counts', async () => {
  const plan: ReleasePlan = { kind: 'unchanged', stable: 'todo-1' }
  const states = await readReleaseStates(target({ image: `todo@${digest}`, env: [{ name: 'LOG', value: 'debug' }, { name: 'OWNERS', value: 'x' }] }), { candidate: candidateOf(plan), service, env: { LOG: 'info' } })
  expect(states.ok && states.value.approved.env).toEqual(new Map([['LOG', 'info'], ['OWNERS', 'x']]))
  expect(states.ok && states.value.running.env.get('LOG')).toBe('debug')
})

test('a revision that is gone is a failure, and nothing to pass', async () => {
  const api = { ...target({}), getRevision: async () => ok(undefined) }
  expect(await readReleaseStates(api, { candidate: candidateOf(create), service, env: {} })).toMatchObject({ ok: false, failure: { reason: 'target-refused' } })
})
