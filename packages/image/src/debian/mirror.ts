import { ImageError, quote } from '../error.ts'
import { pause, readWeb, type WebRequest } from '../node.ts'
import { digestOf } from '../oci/digest.ts'
import type { ReleaseFile } from './release.ts'

/** How mirrors are asked: tried in turn, each again after a pause where it may have been an accident. */
export interface MirrorPatience {
  readonly signal?: AbortSignal | undefined
  /** How often all mirrors are tried. 3 unless said otherwise. */
  readonly rounds?: number | undefined
  /** Milliseconds before the second round; twice as many before each further one. 500 unless said otherwise. */
  readonly pauseMs?: number | undefined
  /** Milliseconds that a mirror may be silent (30,000) and that a file may take (300,000). */
  readonly idleMs?: number | undefined
  readonly totalMs?: number | undefined
}

/** What tells that one mirror is wrong, while another may be right. Anything else is no mirror's fault. */
const faultsOfMirror = new Set(['archive-unsigned', 'archive-invalid', 'archive-outdated', 'archive-replayed', 'digest-mismatch', 'too-large'])

/**
 * Reads a file of the archive from the first mirror that has it right. `undefined` where all of them say that they do not
 * have it; where a mirror gave something wrong and none was right, that error; else `archive-unreachable`.
 */
export async function fromMirrors<T>(
  mirrors: readonly string[],
  path: string,
  patience: MirrorPatience,
  read: (body: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T | undefined> {
  const { signal, rounds = 3, pauseMs = 500, idleMs = 30_000, totalMs = 300_000 } = patience
  const request: WebRequest = { signal, idleMs, totalMs }
  let left = mirrors
  let wrong: ImageError | undefined
  let unreachable: ImageError | undefined
  for (let round = 0; round < rounds && left.length > 0; round++) {
    if (round > 0) await pause(pauseMs * 2 ** (round - 1), signal)
    const again: string[] = []
    for (const mirror of left) {
      try {
        const found = await readWeb(addressOf(mirror, path), request, async ({ status, body }) => {
          if (status === 200) return { value: await read(body) }
          if (status === 404 || status === 410) return undefined
          throw new ImageError('archive-unreachable', `A mirror answered ${status} to ${quote(path)}`)
        })
        if (found !== undefined) return found.value
      } catch (error) {
        if (!(error instanceof ImageError)) throw error
        if (error.code === 'archive-unreachable') {
          unreachable = error
          again.push(mirror)
        } else if (faultsOfMirror.has(error.code)) wrong ??= error
        else throw error
      }
    }
    left = again
  }
  if (wrong !== undefined) throw wrong
  if (unreachable !== undefined) {
    throw new ImageError('archive-unreachable', `No mirror gave ${quote(path)}. The last one: ${unreachable.message}`, {
      cause: unreachable, hint: 'See that the network is up, or name other mirrors.',
    })
  }
  return undefined
}

function addressOf(mirror: string, path: string): string {
  const url = URL.parse(mirror)
  if (url === null || !/^https?:$/.test(url.protocol)) throw new ImageError('unsupported', `The mirror ${quote(mirror)} is no http or https address`)
  return `${mirror.replace(/(?<!\/)\/+$/, '')}/${path.split('/').map(encodeURIComponent).join('/')}`
}

/** All bytes of a body, at most `maxBytes`. */
export async function collect(body: AsyncIterable<Uint8Array>, maxBytes: number, what: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of body) {
    size += piece.length
    if (size > maxBytes) throw new ImageError('too-large', `${what} is larger than ${maxBytes} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** All bytes of a body, which are those that a signed document promised. */
export async function collectPromised(body: AsyncIterable<Uint8Array>, { sha256, size }: ReleaseFile, what: string): Promise<Uint8Array> {
  const bytes = await collect(body, size, what)
  if (bytes.length === size && digestOf(bytes) === `sha256:${sha256}`) return bytes
  throw new ImageError('digest-mismatch', `${what} is not the ${size} bytes with the SHA256 ${sha256} that were promised`, {
    hint: 'The mirror is damaged or was tampered with. Use another one.',
  })
}
