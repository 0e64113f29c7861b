import { setTimeout as delay } from 'node:timers/promises'
import type { Probe } from '../resource/service.ts'
import { accepts, probeOnce } from './probe.ts'
import type { Address } from './runtime.ts'

/** The longest that an instance may take to start, whatever its probe says (Cloud Run, "Health checks"). */
export const startupLimitMs = 240_000

/** Where it is seen whether it listens. */
export interface Listening extends Address {
  readonly isProxied?: boolean
}

export type ProbeOutcome = { readonly ok: true } | { readonly ok: false; readonly message: string }

/**
 * Probes an instance on 127.0.0.1 until it has started, has failed as often as the probe allows, or `signal` aborts (the
 * process ended). One attempt lasts up to `timeoutSeconds`: the port is tried again and again within it.
 */
export async function awaitStartup(probe: Probe, port: number, signal: AbortSignal, listener: Listening = { host: '127.0.0.1', port }): Promise<ProbeOutcome> {
  const { initialDelaySeconds = 0, timeoutSeconds = 1, periodSeconds = 10, failureThreshold = 3 } = probe
  const overall = AbortSignal.timeout(startupLimitMs)
  const stop = AbortSignal.any([signal, overall])
  await pause(initialDelaySeconds * 1000, stop)
  let last = ''
  for (let failures = 0; failures < failureThreshold && !stop.aborted; failures += 1) {
    const began = performance.now()
    const attempt = AbortSignal.any([stop, AbortSignal.timeout(timeoutSeconds * 1000)])
    const isListening = await untilListening(listener, attempt)
    if (isListening && probe.httpGet === undefined) return { ok: true }
    const answer = isListening ? await probeOnce(probe, port, attempt) : `Nothing listens on port ${port}.`
    if (answer === undefined) return { ok: true }
    last = answer
    if (failures + 1 < failureThreshold) await pause(periodSeconds * 1000 - (performance.now() - began), stop)
  }
  return { ok: false, message: overall.aborted ? `It did not start within ${startupLimitMs / 1000} seconds. ${last}` : last }
}

async function untilListening(listener: Listening, signal: AbortSignal): Promise<boolean> {
  // Short pauses: what is waited here is added to every cold start.
  for (let waitMs = 2; !signal.aborted; waitMs = Math.min(waitMs * 1.5, 15)) {
    if (await accepts(listener, listener.isProxied === true)) return true
    await pause(waitMs, signal)
  }
  return false
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return
  // Aborting ends the pause early; whoever waits looks at the signal next.
  await delay(ms, undefined, { signal }).catch(() => {})
}
