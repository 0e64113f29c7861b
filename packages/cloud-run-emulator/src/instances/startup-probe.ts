import { get } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Probe } from '../resource/service.ts'

/** The longest that an instance may take to start, whatever its probe says (Cloud Run, "Health checks"). */
export const startupLimitMs = 240_000

export type ProbeOutcome = { readonly ok: true } | { readonly ok: false; readonly message: string }

/**
 * Probes an instance on 127.0.0.1 until it has started, has failed as often as the probe allows, or `signal` aborts (the
 * process ended). One attempt lasts up to `timeoutSeconds`: the port is tried again and again within it.
 */
export async function awaitStartup(probe: Probe, port: number, signal: AbortSignal): Promise<ProbeOutcome> {
  const { initialDelaySeconds = 0, timeoutSeconds = 1, periodSeconds = 10, failureThreshold = 3 } = probe
  const overall = AbortSignal.timeout(startupLimitMs)
  const stop = AbortSignal.any([signal, overall])
  await pause(initialDelaySeconds * 1000, stop)
  let last = ''
  for (let failures = 0; failures < failureThreshold && !stop.aborted; failures += 1) {
    const began = performance.now()
    const attempt = AbortSignal.any([stop, AbortSignal.timeout(timeoutSeconds * 1000)])
    const isListening = await untilListening(port, attempt)
    if (isListening && probe.httpGet === undefined) return { ok: true }
    const answer = isListening ? await request(probe, port, attempt) : `Nothing listens on port ${port}.`
    if (answer === undefined) return { ok: true }
    last = answer
    if (failures + 1 < failureThreshold) await pause(periodSeconds * 1000 - (performance.now() - began), stop)
  }
  return { ok: false, message: overall.aborted ? `It did not start within ${startupLimitMs / 1000} seconds. ${last}` : last }
}

async function untilListening(port: number, signal: AbortSignal): Promise<boolean> {
  for (let waitMs = 2; !signal.aborted; waitMs = Math.min(waitMs * 1.5, 50)) {
    if (await accepts(port)) return true
    await pause(waitMs, signal)
  }
  return false
}

function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect({ port, host: '127.0.0.1' })
  socket.once('connect', () => resolve(true))
  socket.once('error', () => resolve(false))
  return promise.finally(() => socket.destroy())
}

/** `undefined` where the answer is one of success: 200 to 399, as Kubernetes has it. */
function request(probe: Probe, port: number, signal: AbortSignal): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const { path = '/', httpHeaders = [] } = probe.httpGet ?? {}
  const headers = Object.fromEntries(httpHeaders.map(({ name = '', value = '' }) => [name, value]))
  const outgoing = get(
    { host: '127.0.0.1', port, path, headers: { 'user-agent': 'GoogleHC/1.0', connection: 'close', ...headers }, agent: false, signal },
    (answer) => {
      answer.resume()
      const { statusCode = 0 } = answer
      resolve(statusCode >= 200 && statusCode < 400 ? undefined : `The start-up probe ${path} was answered with status ${statusCode}.`)
    },
  )
  outgoing.on('error', (error) => resolve(`The start-up probe ${path} was not answered (${error.message}).`))
  return promise
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return
  // Aborting ends the pause early; whoever waits looks at the signal next.
  await delay(ms, undefined, { signal }).catch(() => {})
}
