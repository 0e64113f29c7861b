/**
 * A registry on loopback, after the OCI distribution specification, for faults that no real one shows on demand: a test
 * hands in what goes wrong.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { digestOf } from '../oci/digest.ts'

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
}

/** Looks at a request first; true where it has answered. */
export type Fault = (request: IncomingMessage, answer: ServerResponse, seen: SeenRequest) => boolean | Promise<boolean>

export interface TestRegistry {
  /** Host and port, as a reference begins. */
  readonly host: string
  readonly origin: string
  /** By repository and digest, e.g. `a/b sha256:…`. */
  readonly blobs: Map<string, Buffer>
  /** By repository and tag or digest. */
  readonly manifests: Map<string, { readonly mediaType: string; readonly bytes: Buffer }>
  readonly seen: SeenRequest[]
  /** Requests so far as `METHOD /path`, without their queries. */
  readonly log: () => readonly string[]
}

export interface TestRegistryOptions {
  readonly fault?: Fault
  /** After how many bytes of its body a request to an upload loses its connection; what came is kept. */
  readonly cutAfter?: (request: IncomingMessage) => number | undefined
  readonly hasReferrersApi?: boolean
  readonly tls?: { readonly key: string; readonly cert: string }
}

export async function startRegistry({ fault, cutAfter, hasReferrersApi = true, tls }: TestRegistryOptions = {}): Promise<TestRegistry> {
  const blobs: TestRegistry['blobs'] = new Map()
  const manifests: TestRegistry['manifests'] = new Map()
  const uploads = new Map<string, Buffer[]>()
  const seen: SeenRequest[] = []

  const handle = async (request: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://registry')
    const note = { method: request.method ?? '', path: request.url ?? '', headers: request.headers }
    seen.push(note)
    if (fault !== undefined && (await fault(request, answer, note))) return
    const end = (status: number, headers: Record<string, string> = {}, body: Buffer | string = ''): void => {
      answer.writeHead(status, { 'content-length': String(Buffer.byteLength(body)), ...headers })
      answer.end(request.method === 'HEAD' ? undefined : body)
    }
    if (url.pathname === '/v2/') return end(200)
    const [, repository = '', kind = '', rest = ''] = /^\/v2\/(.+?)\/(blobs\/uploads|blobs|manifests|referrers)\/(.*)$/.exec(url.pathname) ?? []
    const key = `${repository} ${rest}`
    switch (`${request.method} ${kind}`) {
      case 'HEAD blobs':
      case 'GET blobs': {
        const blob = blobs.get(key)
        if (blob === undefined) return end(404)
        const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]
        if (from === undefined) return end(200, { 'content-length': String(blob.length) }, blob)
        return end(206, { 'content-range': `bytes ${from}-${blob.length - 1}/${blob.length}` }, blob.subarray(Number(from)))
      }
      case 'POST blobs/uploads': {
        const mounted = blobs.get(`${url.searchParams.get('from')} ${url.searchParams.get('mount')}`)
        if (mounted !== undefined) {
          blobs.set(`${repository} ${url.searchParams.get('mount')}`, mounted)
          return end(201)
        }
        const id = randomUUID()
        uploads.set(id, [])
        return end(202, { location: `/v2/${repository}/blobs/uploads/${id}?state=kept` })
      }
      case 'GET blobs/uploads': {
        const size = uploads.get(rest)?.reduce((sum, { length }) => sum + length, 0)
        return size === undefined ? end(404) : end(204, { range: `0-${Math.max(0, size - 1)}`, location: `${url.pathname}?state=kept` })
      }
      case 'PATCH blobs/uploads':
      case 'PUT blobs/uploads': {
        const upload = uploads.get(rest)
        if (upload === undefined) return end(404)
        if (url.searchParams.get('state') !== 'kept') return end(400)
        const size = upload.reduce((sum, { length }) => sum + length, 0)
        const range = /^(\d+)-(\d+)$/.exec(request.headers['content-range'] ?? '')
        if (request.method === 'PATCH' && Number(range?.[1]) !== size) return end(416, { range: `0-${size - 1}` })
        const count = cutAfter?.(request) ?? Number.POSITIVE_INFINITY
        let came = 0
        for await (const piece of request as AsyncIterable<Buffer>) {
          upload.push(piece)
          came += piece.length
          if (came >= count) return void request.destroy()
        }
        const bytes = Buffer.concat(upload)
        if (request.method === 'PATCH') return end(202, { range: `0-${bytes.length - 1}`, location: `${url.pathname}?state=kept` })
        if (digestOf(bytes) !== url.searchParams.get('digest')) return end(400, {}, JSON.stringify({ errors: [{ code: 'DIGEST_INVALID', message: 'digest is wrong' }] }))
        uploads.delete(rest)
        blobs.set(`${repository} ${digestOf(bytes)}`, bytes)
        return end(201, { location: `/v2/${repository}/blobs/${digestOf(bytes)}` })
      }
      case 'GET manifests': {
        const manifest = manifests.get(key)
        if (manifest === undefined) return end(404, {}, JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] }))
        return end(200, { 'content-type': manifest.mediaType, 'docker-content-digest': digestOf(manifest.bytes) }, manifest.bytes)
      }
      case 'PUT manifests': {
        const pieces: Buffer[] = []
        for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
        const bytes = Buffer.concat(pieces)
        const document = JSON.parse(bytes.toString()) as { readonly subject?: { readonly digest: string }; readonly layers?: readonly { readonly digest: string }[]; readonly manifests?: readonly { readonly digest: string }[] }
        const lacksBlob = document.layers?.some(({ digest }) => !blobs.has(`${repository} ${digest}`))
        if (lacksBlob || document.manifests?.some(({ digest }) => !manifests.has(`${repository} ${digest}`))) return end(404, {}, JSON.stringify({ errors: [{ code: 'MANIFEST_BLOB_UNKNOWN' }] }))
        const stored = { mediaType: request.headers['content-type'] ?? '', bytes }
        manifests.set(key, stored).set(`${repository} ${digestOf(bytes)}`, stored)
        return end(201, { 'docker-content-digest': digestOf(bytes), ...(hasReferrersApi && document.subject !== undefined ? { 'oci-subject': document.subject.digest } : {}) })
      }
      case 'GET referrers': {
        if (!hasReferrersApi) return end(404)
        const found = [...manifests].filter(([name]) => name.startsWith(`${repository} sha256:`)).flatMap(([, { mediaType, bytes }]) => {
          const { subject, artifactType, annotations } = JSON.parse(bytes.toString()) as { readonly subject?: { readonly digest: string }; readonly artifactType?: string; readonly annotations?: unknown }
          return subject?.digest === rest ? [{ mediaType, digest: digestOf(bytes), size: bytes.length, artifactType, annotations }] : []
        })
        return end(200, { 'content-type': 'application/vnd.oci.image.index.v1+json' }, JSON.stringify({ schemaVersion: 2, manifests: found }))
      }
      default: return end(405)
    }
  }
  const listener = (request: IncomingMessage, answer: ServerResponse): void => {
    handle(request, answer).catch((error: unknown) => {
      // A connection that was cut on purpose ends here too.
      answer.destroy(error instanceof Error ? error : undefined)
    })
  }
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    host,
    origin: `${tls === undefined ? 'http' : 'https'}://${host}`,
    blobs,
    manifests,
    seen,
    log: () => seen.filter(({ path }) => path !== '/v2/').map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`),
  }
}

/** Answers with a status, headers and perhaps a body. */
export function reply(answer: ServerResponse, status: number, headers: Record<string, string> = {}, body = ''): true {
  answer.writeHead(status, headers)
  answer.end(body)
  return true
}
