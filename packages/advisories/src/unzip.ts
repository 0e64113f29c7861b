import { inflateRawSync } from 'node:zlib'
import { Unzip, type AsyncFlateStreamHandler, type UnzipDecoder } from 'fflate'

export interface UnzipLimits {
  readonly files: number
  /** Bytes of one file, of all files, and of the archive itself. */
  readonly file: number
  readonly total: number
  readonly archive: number
}

const megabyte = 1024 * 1024
export const exportLimits: UnzipLimits = { files: 2_000_000, file: 16 * megabyte, total: 16 * 1024 * megabyte, archive: 4096 * megabyte }

/** Hands over each file of a zip archive as it arrives. Throws where a limit is passed, or the archive ends early. */
export async function unzip(archive: AsyncIterable<Uint8Array>, onFile: (name: string, bytes: Uint8Array) => void, limits = exportLimits): Promise<void> {
  let [files, open, total, received] = [0, 0, 0, 0]
  const reader = new Unzip((file) => {
    files += 1
    open += 1
    if (files > limits.files) throw new Error(`the archive has more than ${limits.files} files`)
    const chunks: Uint8Array[] = []
    let size = 0
    file.ondata = (error, chunk, isLast) => {
      if (error) throw error
      size += chunk.length
      total += chunk.length
      if (size > limits.file || total > limits.total) throw new Error(`${JSON.stringify(file.name.slice(0, 100))} unpacks to more than is taken`)
      chunks.push(chunk.slice())
      if (!isLast) return
      open -= 1
      onFile(file.name, Buffer.concat(chunks))
    }
    file.start()
  })
  reader.register(inflating(limits))
  let tail: Uint8Array = new Uint8Array(0)
  for await (const chunk of archive) {
    received += chunk.length
    tail = Buffer.concat([tail, chunk.subarray(-longestTail)]).subarray(-longestTail)
    if (received > limits.archive) throw new Error('the archive is larger than is taken')
    reader.push(chunk)
  }
  reader.push(new Uint8Array(0), true)
  if (open > 0) throw new Error('the archive ends in the middle of a file')
  const promised = countedFiles(Buffer.from(tail))
  if (promised !== files) throw new Error(promised === undefined ? 'the archive ends before its list of files' : `the archive lists ${promised} files and has ${files}`)
}

/** The end of central directory record with the longest comment, and Zip64's two records before it (APPNOTE 4.3.14 to 4.3.16). */
const longestTail = 22 + 65_535 + 20 + 56

/** How many files the archive says at its very end that it has: one that was cut between two files is told by that alone. */
function countedFiles(tail: Buffer): number | undefined {
  const end = tail.lastIndexOf('PK\u0005\u0006', tail.length, 'latin1')
  if (end < 0 || end + 22 > tail.length) return undefined
  const count = tail.readUInt16LE(end + 10)
  if (count < 0xff_ff) return count
  const large = tail.lastIndexOf('PK\u0006\u0006', end, 'latin1')
  return large < 0 || large + 40 > tail.length ? count : Number(tail.readBigUInt64LE(large + 32))
}

/** Inflates each file at once: the export has hundreds of thousands of small ones, and a stream for each costs ten times as much. */
const inflating = (limits: UnzipLimits) =>
  class implements UnzipDecoder {
    static readonly compression = 8
    ondata: AsyncFlateStreamHandler = () => undefined
    readonly #chunks: Uint8Array[] = []
    #size = 0

    push(chunk: Uint8Array, isLast: boolean): void {
      this.#size += chunk.length
      if (this.#size > limits.file) throw new Error('a file of the archive is larger than is taken')
      this.#chunks.push(chunk.slice())
      if (isLast) this.ondata(null, this.#inflate(), true)
    }

    #inflate(): Uint8Array<ArrayBuffer> {
      try {
        return new Uint8Array(inflateRawSync(Buffer.concat(this.#chunks), { maxOutputLength: limits.file }))
      } catch (error) {
        throw new Error('a file of the archive is damaged, or unpacks to more than is taken', { cause: error })
      }
    }
  }
