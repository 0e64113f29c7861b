import type { HttpClient } from '../checks/check.ts'
import { fetchOnce } from '../system/http.ts'
import { inspectTransport } from '../system/transport.ts'

/** Requests to a site that is nobody's candidate: they change nothing there. */
export function siteClient(origin: string): HttpClient {
  return {
    origin,
    mayWrite: false,
    request: async ({ method, path, headers, signal }) => {
      if (method !== 'GET' && method !== 'HEAD') throw new Error(`a probe would send ${method} to ${origin}, which is nobody's candidate`)
      return fetchOnce({ method, url: `${origin}${path}`, ...(headers && { headers }), ...(signal && { signal }) })
    },
    ...transportOf(origin),
  }
}

/** How an origin is reached. Not of plain HTTP on loopback: nobody else listens there, and TLS is for the front before it. */
function transportOf(origin: string): Pick<HttpClient, 'transport'> {
  const { protocol, hostname } = new URL(origin)
  const isLoopback = hostname === 'localhost' || hostname.endsWith('.localhost') || /^127\.|^\[::1\]$/.test(hostname)
  return protocol === 'http:' && isLoopback ? {} : { transport: (signal) => inspectTransport(origin, signal) }
}
