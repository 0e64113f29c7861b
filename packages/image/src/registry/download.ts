import { ImageError, quote } from '../error.ts'
import { now, type HttpAnswer } from '../node/http.ts'
import { hasBlob, writeBlobStream } from '../oci/blob.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Layout } from '../oci/layout.ts'
import { isPassing, type Registry } from './client.ts'
import { pullScope } from './scope.ts'

/** Brings a blob into the layout unless it is there. It streams to the disk and gets its name only when its digest is right. */
export async function downloadBlob(registry: Registry, repository: string, layout: Layout, descriptor: Descriptor): Promise<void> {
  if (await hasBlob(layout, descriptor)) return
  await writeBlobStream(layout, async (write) => write(blobPieces(registry, repository, descriptor)), descriptor)
}

/** How much has to come before attempts are counted anew: less would let a registry hand out a blob byte by byte, for years. */
const progressBytes = 16 * 1024

/**
 * The bytes of a blob; where the connection is cut, the rest is asked for (Range). Attempts are counted anew whenever a good
 * piece came, so that a large blob over a bad connection arrives in the end.
 */
async function* blobPieces(registry: Registry, repository: string, descriptor: Descriptor): AsyncGenerator<Uint8Array> {
  let [offset, counted] = [0, 0]
  const endsAt = now() + registry.longestMs(descriptor.size)
  const checkTime = () => {
    if (now() > endsAt) throw new ImageError('registry-slow', `${quote(registry.host)} takes longer than ${Math.round(registry.longestMs(descriptor.size) / 1000)} s for the ${descriptor.size} bytes of ${descriptor.digest}`)
  }
  for (let attempt = 1; ; attempt++) {
    // Outside of what is tried again: a registry that is slow for ever is not worth another attempt.
    checkTime()
    const from = offset
    try {
      const answer = await requestFrom(registry, repository, descriptor, from)
      for await (const piece of restOf(answer, from, descriptor)) {
        offset += piece.length
        checkTime()
        if (offset > descriptor.size) throw new ImageError('digest-mismatch', `${quote(registry.host)} sent more for ${descriptor.digest} than its ${descriptor.size} bytes`)
        yield piece
      }
      if (offset === descriptor.size) return
      if (attempt >= registry.attempts) throw new ImageError('digest-mismatch', `${quote(registry.host)} sent ${offset} bytes for ${descriptor.digest}, which has ${descriptor.size}`)
    } catch (error) {
      if (!isPassing(error) || (offset - counted < progressBytes && attempt >= registry.attempts)) throw error
    }
    if (offset - counted >= progressBytes) [attempt, counted] = [1, offset]
    await registry.pause(attempt)
  }
}

async function requestFrom(registry: Registry, repository: string, { digest }: Descriptor, offset: number): Promise<HttpAnswer> {
  return registry.request({
    method: 'GET', path: `${repository}/blobs/${digest}`, scopes: [pullScope(repository)], expect: offset === 0 ? [200] : [200, 206],
    headers: { 'accept-encoding': 'identity', ...(offset === 0 ? {} : { range: `bytes=${offset}-` }) }, what: `the blob ${digest} of ${repository}`,
  })
}

/** What of an answer is new: a server that does not know Range begins from the start again. */
async function* restOf(answer: HttpAnswer, offset: number, { digest }: Descriptor): AsyncGenerator<Uint8Array> {
  const range = answer.headers.get('content-range')
  if (answer.status === 206 && !range?.startsWith(`bytes ${offset}-`)) {
    answer.drop()
    throw new ImageError('registry-invalid', `The rest of ${digest} from byte ${offset} was asked for, and ${quote(range ?? 'an unnamed range')} came`)
  }
  let toSkip = answer.status === 206 ? 0 : offset
  for await (const piece of answer.body) {
    if (toSkip < piece.length) yield piece.subarray(toSkip)
    toSkip = Math.max(0, toSkip - piece.length)
  }
}
