import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createAdminServer } from './admin.ts'
import { createMetrics } from './metrics.ts'

test('metrics are told only to who asks by an address or a name of this machine, as another site can give its own name our address', async () => {
  const server = createAdminServer(createMetrics(), 'Metrics.internal').listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const answerTo = async (host: string): Promise<IncomingMessage> => {
    const sent = request({ host: '127.0.0.1', port, path: '/metrics', headers: { host, connection: 'close' } }).end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    return answer.resume()
  }
  const ours = ['127.0.0.1', `127.0.0.1:${port}`, `[::1]:${port}`, '[::1]', 'localhost', 'LocalHost:1', `metrics.internal:${port}`]
  for (const host of ours) expect((await answerTo(host)).statusCode, host).toBe(200)
  const others = ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', 'localhost.evil.example', '[evil]', 'localhost@evil.example']
  for (const host of others) {
    const { statusCode, headers } = await answerTo(host)
    expect([statusCode, headers['x-content-type-options']], host).toEqual([421, 'nosniff'])
  }
})
