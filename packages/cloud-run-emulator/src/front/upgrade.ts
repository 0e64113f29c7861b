import { request as sendRequest, STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { pipeline } from 'node:stream'
import { answers, rawAnswer } from './answers.ts'
import type { BodySizes } from './exchange.ts'
import type { ForwardOptions } from './forward.ts'
import { responseHeaders } from './headers.ts'

/** Passes a WebSocket handshake on and, where the instance accepts, the two connections into each other. Fulfils when they have ended. */
export function passUpgrade(
  incoming: IncomingMessage,
  client: Socket,
  head: Buffer,
  options: ForwardOptions,
): Promise<BodySizes & { readonly status: number }> {
  const { promise, resolve } = Promise.withResolvers<BodySizes & { readonly status: number }>()
  let status = 503
  const attempt = sendRequest({
    host: '127.0.0.1',
    port: options.instance.port,
    // A connection that stops being HTTP cannot go back to the others.
    agent: false,
    method: 'GET',
    path: incoming.url,
    headers: [...options.headers, 'Connection', 'Upgrade', 'Upgrade', 'websocket'],
    setDefaultHeaders: false,
  })
  // A WebSocket is one request, and the request time-out ends it (Cloud Run, "WebSockets").
  const timer = setTimeout(() => client.destroy(), options.timeoutMs)
  const finish = (instance?: Socket) => {
    clearTimeout(timer)
    attempt.destroy()
    instance?.destroy()
    client.destroy()
    resolve({ status, requestSize: client.bytesRead, responseSize: client.bytesWritten })
  }
  client.setNoDelay(true)
  client.once('close', () => finish())
  attempt.once('upgrade', (answer, instance, instanceHead) => {
    status = 101
    instance.setNoDelay(true)
    client.write(statusLine(answer, ['Connection', 'Upgrade', 'Upgrade', 'websocket']))
    if (instanceHead.length > 0) client.write(instanceHead)
    if (head.length > 0) instance.write(head)
    pipeline(instance, client, () => finish(instance))
    pipeline(client, instance, () => finish(instance))
  })
  attempt.once('response', (answer) => {
    status = answer.statusCode ?? 502
    client.write(statusLine(answer, ['Connection', 'close']))
    pipeline(answer, client, () => finish())
  })
  attempt.once('error', () => {
    if (client.destroyed || status !== 503) return finish()
    client.end(rawAnswer(answers.lost(options.revision)))
  })
  attempt.end()
  return promise
}

/** Status line and header fields of an answer, with the fields of this hop replaced. */
function statusLine(answer: IncomingMessage, own: readonly string[]): string {
  const fields = [...responseHeaders(answer.rawHeaders), ...own]
  const lines = Array.from({ length: fields.length / 2 }, (_, index) => `${fields[index * 2]}: ${fields[index * 2 + 1]}\r\n`)
  const code = answer.statusCode ?? 502
  return `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ''}\r\n${lines.join('')}\r\n`
}
