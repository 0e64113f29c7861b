import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import type { StageFailure } from '@shiplock/findings'
import { fetchOnce, isResponse } from './http.ts'

/** How an origin is reached, looked at from outside. */
export interface InspectedTransport {
  /** Absent where the origin is `http:`. */
  readonly tls?: { readonly problem?: string; readonly daysLeft: number; readonly outdated: readonly string[] }
  /** What port 80 of the same host answers; absent where nobody does. */
  readonly plain?: { readonly status: number; readonly location?: string }
}

const timeoutMs = 10_000
const day = 86_400_000
/** Without the limits that OpenSSL puts on old versions by itself: it is the server that is asked. */
const outdatedVersions = ['TLSv1', 'TLSv1.1'] as const

/** Certificate and versions of TLS, and what the plain port says. Sends nothing that needs to be believed. */
export async function inspectTransport(origin: string, signal: AbortSignal): Promise<InspectedTransport | StageFailure> {
  const { protocol, hostname, port } = new URL(origin)
  if (protocol !== 'https:') return {}
  const host = hostname.replace(/^\[|\]$/g, '')
  const place = { host, port: port === '' ? 443 : Number(port), signal }
  const certificate = await handshake(place, {}, (socket) => ({
    ...(socket.authorized ? {} : { problem: String(socket.authorizationError) }),
    daysLeft: (Date.parse(socket.getPeerCertificate().valid_to) - Date.now()) / day,
  }))
  if ('error' in certificate) return { reason: 'target-unreachable', message: `${origin}: ${certificate.error}` }
  const outdated: string[] = []
  for (const version of outdatedVersions) {
    const answer = await handshake(place, { minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' }, (socket) => ({ version: socket.getProtocol() }))
    if (!('error' in answer)) outdated.push(version)
  }
  const plain = port === '' ? await fetchOnce({ method: 'GET', url: `http://${hostname}/`, timeoutMs, signal, largestBody: 1024 }) : undefined
  const location = plain && isResponse(plain) ? plain.headers.get('location') : null
  return { tls: { ...certificate, outdated }, ...(plain && isResponse(plain) && { plain: { status: plain.status, ...(location !== null && { location }) } }) }
}

/** What `read` says of a connection whose certificate is looked at and not yet believed. */
function handshake<T extends object>({ host, port, signal }: { host: string; port: number; signal: AbortSignal }, options: ConnectionOptions, read: (socket: TLSSocket) => T): Promise<T | { readonly error: string }> {
  return new Promise((resolve) => {
    const isName = !/^[\d.]+$|:/.test(host)
    const isLocal = host === 'localhost' || host.endsWith('.localhost')
    const socket = connect({ host: isLocal ? '127.0.0.1' : host, port, rejectUnauthorized: false, ...(isName && { servername: host }), ...options })
    const end = (result: T | { readonly error: string }) => {
      signal.removeEventListener('abort', abort)
      socket.destroy()
      resolve(result)
    }
    const abort = () => end({ error: 'cancelled' })
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    socket.setTimeout(timeoutMs, () => end({ error: `no TLS within ${timeoutMs / 1000} s` }))
    socket.once('error', (error) => end({ error: error.message }))
    socket.once('close', () => end({ error: 'the connection was closed' }))
    socket.once('secureConnect', () => end(read(socket)))
  })
}
