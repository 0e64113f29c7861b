import { get } from 'node:http'
import { connect } from 'node:net'
import type { Probe } from '../resource/service.ts'
import type { Address } from './runtime.ts'

/** One attempt on 127.0.0.1. `undefined` where it succeeded, else a sentence about what was seen; an aborted `signal` is a failure. */
export function probeOnce(probe: Probe, port: number, signal: AbortSignal): Promise<string | undefined> {
  return probe.httpGet === undefined ? tcpProbe(port, signal) : httpProbe(probe.httpGet, port, signal)
}

/** Behind a proxy a connection is made whether or not anybody listens, and then closed: so one that counts lasts this long. */
const proxiedMs = 250

export async function accepts({ host, port }: Address, isProxied: boolean): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect({ port, host })
  socket.once('connect', () => {
    if (!isProxied) resolve(true)
    else setTimeout(() => resolve(socket.readyState === 'open'), proxiedMs)
  })
  socket.once('end', () => resolve(false))
  socket.once('error', () => resolve(false))
  socket.resume()
  return promise.finally(() => socket.destroy())
}

function tcpProbe(port: number, signal: AbortSignal | undefined): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const socket = connect({ port, host: '127.0.0.1', ...(signal === undefined ? {} : { signal }) })
  socket.once('connect', () => resolve(undefined))
  socket.once('error', () => resolve(`Nothing listens on port ${port}.`))
  return promise.finally(() => socket.destroy())
}

/** Success is 200 to 399, as Kubernetes has it. */
function httpProbe(action: NonNullable<Probe['httpGet']>, port: number, signal: AbortSignal): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const { path = '/', httpHeaders = [] } = action
  const headers = Object.fromEntries(httpHeaders.map(({ name = '', value = '' }) => [name, value]))
  const outgoing = get(
    { host: '127.0.0.1', port, path, headers: { 'user-agent': 'GoogleHC/1.0', connection: 'close', ...headers }, agent: false, signal },
    (answer) => {
      // What the answer goes on to say does not matter, nor how it ends.
      answer.on('error', () => {})
      answer.resume()
      const { statusCode = 0 } = answer
      resolve(statusCode >= 200 && statusCode < 400 ? undefined : `The probe ${path} was answered with status ${statusCode}.`)
    },
  )
  outgoing.on('error', (error) => resolve(`The probe ${path} was not answered (${error.message}).`))
  return promise
}
