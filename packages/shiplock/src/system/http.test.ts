import { createServer, type RequestListener } from 'node:http'
import { expect, test } from 'vitest'
import { fetchOnce, isResponse } from './http.ts'

async function serving<T>(listener: RequestListener, work: (port: number) => Promise<T>): Promise<T> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  try {
    return await work(address !== null && typeof address === 'object' ? address.port : 0)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

test('names below localhost are this machine, and the host that was asked for is sent', async () => {
  const answer = await serving((request, response) => response.end(request.headers.host), (port) => fetchOnce({ method: 'GET', url: `http://candidate---todo.localhost:${port}/` }))
  expect(answer).toMatchObject({ status: 200, body: expect.stringMatching(/^candidate---todo\.localhost:\d+$/) })
})

test('a redirect is handed back, not followed', async () => {
  const answer = await serving((_, response) => response.writeHead(302, { location: 'http://example.test/' }).end(), (port) => fetchOnce({ method: 'GET', url: `http://127.0.0.1:${port}/` }))
  expect(isResponse(answer) && answer.headers.get('location')).toBe('http://example.test/')
})

test('several cookies stay several', async () => {
  const answer = await serving((_, response) => response.setHeader('set-cookie', ['a=1', 'b=2']).end(), (port) => fetchOnce({ method: 'GET', url: `http://127.0.0.1:${port}/` }))
  expect(isResponse(answer) && answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
})

test('a body without end is cut', async () => {
  const answer = await serving((_, response) => {
    const chunk = Buffer.alloc(256 * 1024, 'x')
    const more = () => {
      while (response.write(chunk));
      response.once('drain', more)
    }
    more()
  }, (port) => fetchOnce({ method: 'GET', url: `http://127.0.0.1:${port}/` }))
  expect(isResponse(answer) && answer.body.length).toBe(1024 * 1024)
})

test('nobody there, no answer in time and an abort are failures that say so', async () => {
  expect(await fetchOnce({ method: 'GET', url: 'http://127.0.0.1:1/' })).toMatchObject({ reason: 'target-unreachable', message: expect.stringContaining('ECONNREFUSED') })
  const controller = new AbortController()
  await serving(
    () => {},
    async (port) => {
      expect(await fetchOnce({ method: 'GET', url: `http://127.0.0.1:${port}/`, timeoutMs: 50 })).toMatchObject({ message: expect.stringContaining('no answer within 0.05 s') })
      const pending = fetchOnce({ method: 'GET', url: `http://127.0.0.1:${port}/`, signal: controller.signal })
      controller.abort()
      expect(await pending).toMatchObject({ message: expect.stringContaining('cancelled') })
    },
  )
})
