import { ImageError, quote } from '../error.ts'
import type { HttpAnswer } from '../node/http.ts'
import { openFile } from '../node.ts'
import { blobPath, readBlobPieces } from '../oci/blob.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Layout } from '../oci/layout.ts'
import { isPassing, type Registry } from './client.ts'
import { pullScope, pushScope } from './scope.ts'

export interface UploadOptions {
  /** Repositories of the same registry that may have the blob, so that it need not be sent. */
  readonly mountFrom?: readonly string[]
  /**
   * Sends blobs that are larger in pieces of this size. Unless given, a blob goes in one piece, which every registry takes
   * (Google's Artifact Registry takes nothing else), and only what is missing after a cut connection goes separately.
   */
  readonly chunkBytes?: number
}

/** How a blob got into the registry. */
export type Uploaded = 'there' | 'mounted' | 'sent'

interface Session {
  readonly location: URL | string
  /** How much the registry has. Bytes. */
  readonly offset: number
}

interface Upload {
  readonly registry: Registry
  readonly repository: string
  readonly layout: Layout
  readonly blob: Descriptor
  readonly chunkBytes: number | undefined
}

/** Brings a blob of the layout into a repository unless it is there (distribution-spec, "Pushing Blobs"). */
export async function uploadBlob(registry: Registry, repository: string, layout: Layout, blob: Descriptor, { mountFrom = [], chunkBytes }: UploadOptions = {}): Promise<Uploaded> {
  const upload = { registry, repository, layout, blob, chunkBytes }
  if (await isThere(upload)) return 'there'
  let session: Session | undefined
  for (const from of mountFrom) {
    if (from === repository) continue
    const mounted = await mount(upload, from)
    if (mounted === 'mounted') return 'mounted'
    session = mounted ?? session
  }
  await sendAll(upload, session)
  return 'sent'
}

async function isThere({ registry, repository, blob }: Upload): Promise<boolean> {
  const answer = await registry.request({
    method: 'HEAD', path: `${repository}/blobs/${blob.digest}`, scopes: [pushScope(repository)], expect: [200, 404], what: `whether it has ${blob.digest}`,
  })
  answer.drop()
  return answer.status === 200
}

/** Asks for the blob of another repository; the registry may answer with the beginning of an upload. Not being allowed to is no failure. */
async function mount({ registry, repository, blob }: Upload, from: string): Promise<'mounted' | Session | undefined> {
  const answer = await registry.request({
    method: 'POST', path: `${repository}/blobs/uploads/?mount=${blob.digest}&from=${encodeURIComponent(from)}`, headers: { 'content-length': '0' },
    scopes: [pushScope(repository), pullScope(from)], expect: [201, 202, 401, 403, 404, 405], what: `mounting ${blob.digest} from ${from}`,
  })
  answer.drop()
  if (answer.status === 201) return 'mounted'
  return answer.status === 202 ? { location: locationOf(answer, registry), offset: 0 } : undefined
}

/** Sends, and after each failure that may pass goes on where the registry says it is. Attempts are counted anew whenever it has more. */
async function sendAll(upload: Upload, begun: Session | undefined): Promise<void> {
  const { registry } = upload
  let session = begun
  let most = 0
  for (let attempt = 1; ; attempt++) {
    try {
      session ??= await begin(upload)
      const isResumed = session.offset > 0
      try {
        await sendRest(upload, session)
      } catch (error) {
        // A registry that cannot go on in the middle may yet take it from the start.
        if (!isResumed || !isRefusal(error)) throw error
        session = await begin(upload)
        await sendRest(upload, session)
      }
      return
    } catch (error) {
      if (!isPassing(error) && !isFailure(error)) throw error
      if (attempt >= registry.attempts) throw error
      await registry.pause(attempt)
      // The answer may be what was lost, not the blob.
      if (await isThere(upload)) return
      session = session === undefined ? undefined : await progressOf(upload, session)
      if (session !== undefined && session.offset > most) {
        most = session.offset
        attempt = 0
      }
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof ImageError && (error.code === 'registry-refused' || error.code === 'registry-not-found')
}

function isFailure(error: unknown): boolean {
  return error instanceof ImageError && error.code === 'registry-failed'
}

async function begin({ registry, repository, blob }: Upload): Promise<Session> {
  const answer = await registry.request({
    method: 'POST', path: `${repository}/blobs/uploads/`, headers: { 'content-length': '0' }, scopes: [pushScope(repository)], expect: [202], what: `the upload of ${blob.digest}`,
  })
  answer.drop()
  return { location: locationOf(answer, registry), offset: 0 }
}

async function sendRest(upload: Upload, session: Session): Promise<void> {
  const { registry, layout, blob, chunkBytes } = upload
  let { location, offset } = session
  const isWhole = offset === 0 && (chunkBytes === undefined || blob.size <= chunkBytes)
  if (!isWhole) {
    while (offset < blob.size) {
      const end = Math.min(blob.size, offset + (chunkBytes ?? blob.size))
      const from = offset
      const answer = await put(upload, {
        method: 'PATCH', location, expect: 202, headers: { 'content-range': `${from}-${end - 1}` }, body: { size: end - from, pieces: () => partOf(layout, blob, from, end) },
      })
      location = locationOf(answer, registry)
      offset = end
    }
  }
  await put(upload, {
    method: 'PUT', location: withDigest(registry, location, blob), expect: 201, headers: {},
    body: isWhole ? { size: blob.size, pieces: () => readBlobPieces(layout, blob) } : { size: 0, pieces: () => [] },
  })
}

interface Part {
  readonly method: 'PATCH' | 'PUT'
  readonly location: URL | string
  readonly expect: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: { readonly size: number; readonly pieces: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array> }
}

async function put({ registry, repository, blob }: Upload, { method, location, expect, headers, body }: Part): Promise<HttpAnswer> {
  const answer = await registry.request({
    method, path: location, headers: { 'content-type': 'application/octet-stream', ...headers }, body,
    scopes: [pushScope(repository)], expect: [expect], what: `the upload of ${blob.digest}`, repeat: 'when-told',
  })
  answer.drop()
  return answer
}

/** Where the registry is with an upload; `undefined` where it no longer knows it. */
async function progressOf({ registry, repository, blob }: Upload, { location }: Session): Promise<Session | undefined> {
  try {
    const answer = await registry.request({
      method: 'GET', path: location, scopes: [pushScope(repository)], expect: [204], what: `how much of ${blob.digest} it has`,
    })
    answer.drop()
    const end = /^(?:bytes=)?0-(\d{1,15})$/.exec(answer.headers.get('range') ?? '')?.[1]
    // "0-0" is what registries also say when they have nothing.
    const offset = end === undefined || end === '0' ? 0 : Number(end) + 1
    return offset > blob.size ? undefined : { location: answer.headers.has('location') ? locationOf(answer, registry) : location, offset }
  } catch (error) {
    if (isRefusal(error)) return undefined
    throw error
  }
}

/** Absolute, or relative to the registry. */
function locationOf(answer: HttpAnswer, registry: Registry): URL | string {
  const location = answer.headers.get('location') ?? ''
  if (location.startsWith('/') && !location.startsWith('//')) return location
  if (URL.canParse(location)) return new URL(location)
  throw new ImageError('registry-invalid', `${quote(registry.host)} began an upload and did not say where`)
}

function withDigest(registry: Registry, location: URL | string, { digest }: Descriptor): URL | string {
  // Parsed against some host only to add the parameter; a relative location stays relative.
  const url = new URL(location, `https://${registry.host}/`)
  url.searchParams.set('digest', digest)
  return typeof location === 'string' ? `${url.pathname}${url.search}` : url
}

async function* partOf(layout: Layout, { digest }: Descriptor, from: number, end: number): AsyncGenerator<Uint8Array> {
  const pieceBytes = 1024 * 1024
  await using file = await openFile(blobPath(layout, digest))
  for (let offset = from; offset < end; ) {
    const piece = await file.read(offset, Math.min(pieceBytes, end - offset))
    if (piece.length === 0) throw new ImageError('digest-mismatch', `The blob ${digest} became shorter while it was sent`)
    offset += piece.length
    yield piece
  }
}
