import { expect, test } from 'vitest'
import { startRig, until } from '../testing/rig.ts'

test('with session affinity a client stays with its instance and its revision, and others do not', async () => {
  await using rig = await startRig()
  const template = (revision: string) => rig.template('sound', { revision, sessionAffinity: true, scaling: { minInstanceCount: 2 } })
  await rig.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template: template('todo-one') })
  const target = (revision: string, percent: number) => ({ type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision, percent })
  await rig.settled('PATCH', 'services/todo?updateMask=template,traffic', { template: template('todo-two'), traffic: [target('todo-one', 50), target('todo-two', 50)] })
  const ask = async (cookie?: string) => rig.front('todo.localhost', '/instance', { headers: { host: 'todo.localhost', ...(cookie === undefined ? {} : { cookie }) } })
  const first = await ask()
  const [given = ''] = first.headers['set-cookie'] ?? []
  expect(given).toMatch(/^GAESA=[\w-]+; Path=\/; Max-Age=2592000; HttpOnly$/)
  const cookie = `other=1; ${given.split(';')[0]}`
  const again = await Promise.all(Array.from({ length: 20 }, async () => ask(cookie)))
  expect(new Set(again.map(({ body }) => body))).toEqual(new Set([first.body]))
  expect(again.flatMap(({ headers }) => headers['set-cookie'] ?? [])).toEqual([])
  // Without it each request is drawn anew: 2^-20 that all 20 have the same revision.
  expect(new Set((await Promise.all(Array.from({ length: 20 }, async () => ask()))).map(({ body }) => body)).size).toBeGreaterThan(1)

  const [, value = ''] = /GAESA=([\w-]+)/.exec(cookie) ?? []
  const [revision = ''] = Buffer.from(value, 'base64url').toString().split(' ')
  const other = revision === 'todo-one' ? 'todo-two' : 'todo-one'
  await rig.settled('PATCH', 'services/todo?updateMask=traffic', { traffic: [target(other, 100)] })
  const moved = await until(async () => ask(cookie), ({ status }) => status === 200)
  expect(Buffer.from(/GAESA=([\w-]+)/.exec(moved.headers['set-cookie']?.[0] ?? '')?.[1] ?? '', 'base64url').toString()).toMatch(new RegExp(`^${other} `))
})

test('without session affinity no cookie is set', async () => {
  await using rig = await startRig()
  await rig.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template: rig.template() })
  expect((await rig.front('todo.localhost', '/')).headers['set-cookie']).toBeUndefined()
})
