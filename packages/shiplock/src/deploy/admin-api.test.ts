import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { ok } from '@shiplock/findings'
import { expect, test } from 'vitest'
import { adminApi, httpTransport, type AdminApi } from './admin-api.ts'

const name = 'projects/p/locations/l/services/todo'

interface Api extends AsyncDisposable {
  readonly api: AdminApi
  readonly asked: { readonly method: string; readonly url: string; readonly authorization: string | undefined; readonly body: string }[]
  readonly abort: (reason: Error) => void
}

/** A client of a server that answers in order; the last answer again and again. */
async function answering(...answers: ((response: ServerResponse, request: IncomingMessage) => void)[]): Promise<Api> {
  const asked: Api['asked'] = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    asked.push({
      method: request.method ?? '',
      url: request.url ?? '',
      authorization: request.headers.authorization,
      body: await text(request),
    })
    answers[Math.min(asked.length, answers.length) - 1]?.(response, request)
  }
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  const controller = new AbortController()
  const transport = httpTransport(`http://127.0.0.1:${address.port}`, async () => ok('secret-token'))
  return {
    api: adminApi({ transport, signal: controller.signal, firstWaitMs: 1, longestWaitMs: 4 }),
    asked,
    abort: (reason) => controller.abort(reason),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const json =
  (value: unknown, status = 200) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  }
const refused = (status: number, code: string, message: string) => json({ error: { code: status, message, status: code } }, status)
const html =
  (text: string, status = 200) =>
  (response: ServerResponse): void => {
    response.writeHead(status).end(text)
  }
const cut = (response: ServerResponse): void => {
  response.destroy()
}

const service = {
  name,
  generation: '7',
  etag: '"e"',
  template: { containers: [{ image: 'i' }], serviceAccount: 'kept' },
  trafficStatuses: [{ type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: `${name}/revisions/todo-1`, percent: 100 }],
}

test('reads a service with what proto3 JSON leaves out filled in, and what it does not know kept in the template', async () => {
  await using it = await answering(json(service))
  const read = await it.api.getService(name)
  expect(read).toMatchObject({
    ok: true,
    value: {
      generation: '7',
      traffic: [],
      invokerIamDisabled: false,
      reconciling: false,
      template: { serviceAccount: 'kept' },
      trafficStatuses: [{ revision: 'todo-1', percent: 100 }],
    },
  })
  expect(it.asked).toEqual([{ method: 'GET', url: `/v2/${name}`, authorization: 'Bearer secret-token', body: '' }])
})

test('a service that does not exist is an answer, but a page that says 404 is not one', async () => {
  await using it = await answering(refused(404, 'NOT_FOUND', 'no such service'), html('<h1>Not Found</h1>', 404))
  expect(await it.api.getService(name)).toEqual({ ok: true, value: undefined })
  expect(await it.api.getService(name)).toMatchObject({ ok: false, failure: { reason: 'target-refused', detail: '<h1>Not Found</h1>' } })
})

test.for([
  ['no JSON', html('<html>sign in</html>')],
  ['null', json(null)],
  ['a list', json([])],
  ['a service without a name', json({ ...service, name: undefined })],
  ['a percent of 250', json({ ...service, traffic: [{ percent: 250 }] })],
  ['containers that are none', json({ ...service, template: { containers: 'all of them' } })],
  ['nothing at all', html('')],
] as const)('%s is a failure that says so', async ([, answer]) => {
  await using it = await answering(answer)
  expect(await it.api.getService(name)).toMatchObject({
    ok: false,
    failure: { reason: 'target-refused', hint: expect.stringContaining('Admin API') },
  })
})

test('waits and asks again where the API is busy or the connection breaks', async () => {
  await using it = await answering(
    refused(429, 'RESOURCE_EXHAUSTED', 'slow down'),
    refused(503, 'UNAVAILABLE', 'not now'),
    cut,
    json(service),
  )
  expect(await it.api.getService(name)).toMatchObject({ ok: true })
  expect(it.asked).toHaveLength(4)
})

test('gives up after a few attempts', async () => {
  await using it = await answering(refused(503, 'UNAVAILABLE', 'not now'))
  expect(await it.api.getService(name)).toMatchObject({
    ok: false,
    failure: { reason: 'target-unreachable', message: expect.stringContaining('not now') },
  })
  expect(it.asked).toHaveLength(5)
})

test('does not repeat a write whose answer was lost', async () => {
  await using it = await answering(cut)
  expect(await it.api.patchService(name, '"e"', { invokerIamDisabled: true })).toMatchObject({
    ok: false,
    failure: { reason: 'target-unreachable' },
  })
  expect(it.asked).toHaveLength(1)
})

test('writes the named fields only, on the version that was read', async () => {
  await using it = await answering(json({ name: 'projects/p/locations/l/operations/1' }))
  await it.api.patchService(name, '"e"', { traffic: [], invokerIamDisabled: true })
  expect(it.asked[0]?.url).toBe(`/v2/${name}?updateMask=traffic,invokerIamDisabled`)
  expect(JSON.parse(it.asked[0]?.body ?? '')).toEqual({ name, etag: '"e"', traffic: [], invokerIamDisabled: true })
})

test('a conflict and a refusal are told apart, in the words of the API', async () => {
  await using it = await answering(
    refused(409, 'ABORTED', 'version 1 was specified but current version is 2'),
    refused(403, 'PERMISSION_DENIED', 'run.services.update is missing'),
  )
  expect(await it.api.patchService(name, '"e"', {})).toMatchObject({
    ok: false,
    failure: { reason: 'deploy-in-progress', message: expect.stringContaining('current version is 2') },
  })
  const denied = await it.api.patchService(name, '"e"', {})
  expect(denied).toMatchObject({
    ok: false,
    failure: { reason: 'target-refused', message: expect.stringContaining('run.services.update is missing') },
  })
  expect(JSON.stringify(denied)).not.toContain('secret-token')
})

test('lists all pages, and not without end', async () => {
  const page = (token: string) =>
    json({ revisions: [{ name: `${name}/revisions/${token || 'last'}` }], ...(token && { nextPageToken: token }) })
  await using two = await answering(page('a&b'), page(''))
  expect(await two.api.listRevisions(name)).toMatchObject({ ok: true, value: [{ name: 'a&b' }, { name: 'last' }] })
  expect(two.asked[1]?.url).toContain('pageToken=a%26b')
  await using endless = await answering(page('again'))
  expect(await endless.api.listRevisions(name)).toMatchObject({ ok: false, failure: { reason: 'target-refused' } })
})

const operation = { name: 'projects/p/locations/l/operations/1', done: false }

test('waits for an operation, and tells its error with what follows the first line apart', async () => {
  await using it = await answering(
    json(operation),
    json(operation),
    json({ ...operation, done: true, error: { code: 9, message: 'not ready\nlog line 1\nlog line 2' } }),
  )
  expect(await it.api.waitOperation(operation, 10_000)).toMatchObject({
    ok: false,
    failure: { reason: 'target-refused', message: 'not ready', detail: 'log line 1\nlog line 2' },
  })
  expect(it.asked).toHaveLength(3)
})

test('an operation that was overtaken is a deploy in progress', async () => {
  await using it = await answering(json({ ...operation, done: true, error: { code: 10, message: 'aborted' } }))
  expect(await it.api.waitOperation(operation, 10_000)).toMatchObject({ ok: false, failure: { reason: 'deploy-in-progress' } })
})

test('an operation that never ends is timed out, and an abort ends the wait', async () => {
  await using it = await answering(json(operation))
  expect(await it.api.waitOperation(operation, 20)).toMatchObject({
    ok: false,
    failure: { reason: 'timed-out', message: expect.stringContaining('operations/1') },
  })
  it.abort(new Error('interrupted'))
  expect(await it.api.waitOperation(operation, 600_000)).toMatchObject({
    ok: false,
    failure: { message: expect.stringContaining('interrupted') },
  })
})
