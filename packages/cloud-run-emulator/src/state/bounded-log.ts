import { createWriteStream, existsSync, openSync, renameSync, statSync, type WriteStream } from 'node:fs'

/**
 * A log file that cannot fill the disk: at `maxBytes` it becomes `FILE.1`, replacing the one before, and a new one
 * begins. What cannot be written is dropped and counted: a full disk must not stop a service.
 */
export class BoundedLog {
  readonly file: string
  readonly #maxBytes: number
  #stream: WriteStream
  #size: number
  #lost = 0

  constructor(file: string, maxBytes = 8 * 1024 * 1024) {
    this.file = file
    this.#maxBytes = maxBytes
    this.#size = existsSync(file) ? statSync(file).size : 0
    this.#stream = this.#open()
  }

  write(chunk: Uint8Array | string): void {
    const length = typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.length
    if (this.#size > 0 && this.#size + length > this.#maxBytes) this.#rotate()
    this.#size += length
    // A reader slower than the writer would grow the memory without a bound.
    if (this.#stream.writableLength > this.#maxBytes) this.#lost += 1
    else this.#stream.write(chunk)
  }

  /** Writes that were dropped. */
  get lost(): number {
    return this.#lost
  }

  /** Fulfils when all is with the system. */
  async close(): Promise<void> {
    if (this.#stream.destroyed) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#stream.once('close', resolve)
    this.#stream.end()
    await promise
  }

  #rotate(): void {
    try {
      renameSync(this.file, `${this.file}.1`)
      const next = this.#open()
      this.#stream.end()
      this.#stream = next
    } catch {
      // Somebody removed the file, or the disk is full: what was open stays open.
      this.#lost += 1
    }
    this.#size = 0
  }

  #open(): WriteStream {
    // Opened at once: a stream that opens by itself might do so after the next rename.
    const stream = createWriteStream(this.file, { fd: openSync(this.file, 'a', 0o600) })
    stream.on('error', () => {
      this.#lost += 1
    })
    return stream
  }
}
