import { setTimeout as delay } from 'node:timers/promises'
import type { Probe } from '../resource/service.ts'
import { probeOnce } from './probe.ts'

/**
 * Probes an instance that is up, every period, until `signal` aborts. `onChange` is told when as many attempts in a row have
 * failed as the probe allows, and when one succeeds again after that.
 */
export async function followHealth(probe: Probe, port: number, signal: AbortSignal, onChange: (isHealthy: boolean, message: string) => void): Promise<void> {
  const { initialDelaySeconds = 0, timeoutSeconds = 1, periodSeconds = 10, failureThreshold = 3 } = probe
  const pause = async (ms: number) => delay(ms, undefined, { signal }).catch(() => {})
  let failures = 0
  await pause(initialDelaySeconds * 1000)
  while (!signal.aborted) {
    const began = performance.now()
    const problem = await probeOnce(probe, port, AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1000)]))
    if (signal.aborted) return
    if (problem !== undefined) failures += 1
    if (problem !== undefined && failures === failureThreshold) onChange(false, problem)
    if (problem === undefined && failures >= failureThreshold) onChange(true, '')
    if (problem === undefined) failures = 0
    await pause(Math.max(0, periodSeconds * 1000 - (performance.now() - began)))
  }
}
