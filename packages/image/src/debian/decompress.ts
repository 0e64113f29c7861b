import { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { ImageError, type ImageErrorCode } from '../error.ts'

/** The ends of names of compressed files, as Debian uses them; the empty one is not compressed. */
export type Compression = '.xz' | '.gz' | '.zst' | ''

export interface Unpacking {
  readonly compression: Compression
  /** The most bytes that may come out. */
  readonly maxBytes: number
  /** What malformed bytes throw. */
  readonly code: ImageErrorCode
  readonly what: string
}

/** Bytes unpacked, in pieces; more than `maxBytes` of them throw `too-large`. */
export async function* decompress(bytes: Uint8Array, { compression, maxBytes, code, what }: Unpacking): AsyncGenerator<Uint8Array> {
  let size = 0
  const pieces = (await piecesOf(bytes, compression))[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await pieces.next().catch((cause: unknown) => {
        throw new ImageError(code, `${what} cannot be decompressed`, { cause })
      })
      if (next.done === true) return
      size += next.value.length
      if (size > maxBytes) throw new ImageError('too-large', `${what} is larger than ${maxBytes} bytes when decompressed`)
      yield next.value
    }
  } finally {
    // The xz library runs one stream at a time: one that is left in the middle must say so, or the next one waits for ever.
    // Where all was unpacked ahead of the reader it has ended already, and throws at being told so twice.
    await pieces.return?.().catch((error: unknown) => {
      if (!(compression === '.xz' && error instanceof TypeError)) throw error
    })
  }
}

async function piecesOf(bytes: Uint8Array, compression: Compression): Promise<AsyncIterable<Uint8Array>> {
  switch (compression) {
    case '.xz': {
      const { default: xz } = await import('xz-decompress')
      return new xz.XzReadableStream(new ReadableStream({
        start(controller) {
          controller.enqueue(bytes)
          controller.close()
        },
      }))
    }
    case '.gz':
      return createGunzip({ chunkSize: 256 * 1024 }).end(bytes)
    case '.zst':
      return createZstdDecompress({ chunkSize: 256 * 1024 }).end(bytes)
    case '':
      return Readable.from([bytes])
  }
}
