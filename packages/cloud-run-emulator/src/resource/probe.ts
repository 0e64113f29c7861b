import { checkRange, invalidField } from './status.ts'
import type { Probe } from './service.ts'

/** The default that Cloud Run sets on new services, or the user's probe with the defaults of k8s.min.proto. */
export function completeStartupProbe(probe: Probe | undefined, containerPort: number, path: string): Probe {
  if (probe === undefined) return { timeoutSeconds: 240, periodSeconds: 240, failureThreshold: 1, tcpSocket: { port: containerPort } }
  return completeProbe(probe, containerPort, path, 240)
}

/** `longestPeriod` in seconds: 240 for start-up probes, 3600 for the others (k8s.min.proto, Probe). */
export function completeProbe(probe: Probe, containerPort: number, path: string, longestPeriod = 3600): Probe {
  if (probe.httpGet !== undefined && probe.tcpSocket !== undefined)
    throw invalidField(path, 'exactly one of http_get and tcp_socket must be specified')
  const complete = {
    ...probe,
    timeoutSeconds: probe.timeoutSeconds ?? 1,
    periodSeconds: probe.periodSeconds ?? 10,
    failureThreshold: probe.failureThreshold ?? 3,
  }
  checkRange(`${path}.initial_delay_seconds`, probe.initialDelaySeconds ?? 0, 0, longestPeriod)
  checkRange(`${path}.timeout_seconds`, complete.timeoutSeconds, 1, 3600)
  checkRange(`${path}.period_seconds`, complete.periodSeconds, 1, longestPeriod)
  checkRange(`${path}.failure_threshold`, complete.failureThreshold, 1, 2 ** 31 - 1)
  if (complete.periodSeconds < complete.timeoutSeconds)
    throw invalidField(`${path}.period_seconds`, 'must be greater or equal than timeout_seconds')
  const action = probe.httpGet ?? probe.tcpSocket ?? {}
  if (action.port !== undefined && action.port !== containerPort) {
    throw invalidField(`${path}.port`, 'the emulator gives each instance a port of its own, so a probe can only name the container port')
  }
  if (probe.httpGet === undefined) return { ...complete, tcpSocket: { port: containerPort } }
  const { path: requestPath = '/', httpHeaders = [] } = probe.httpGet
  if (!/^\/[\x21-\x7e]*$/.test(requestPath))
    throw invalidField(`${path}.http_get.path`, 'must begin with "/" and hold printable ASCII only')
  for (const { name = '', value = '' } of httpHeaders) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[^\t\x20-\x7e]/.test(value))
      throw invalidField(`${path}.http_get.http_headers`, 'has a malformed header')
  }
  return { ...complete, httpGet: { ...probe.httpGet, path: requestPath, port: containerPort } }
}
