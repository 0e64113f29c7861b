import { createWriteStream, existsSync, openSync, renameSync, statSync, type WriteStream } from 'node:fs'

/** How long a line may wait for others: a write for each line costs a busy process more than the line is worth. */
const gatherMs = 10
const gatherBytes = 64 * 1024

/**
 * A log file that cannot fill the disk: at `maxBytes` it becomes `FILE.1`, replacing the one before, and a new one
 * begins. What cannot be written is dropped and counted: a full disk must not stop a service.
 */
export class BoundedLog {
  readonly file: string
  readonly #maxBytes: number
  #stream: WriteStream
  #size: number
  #gathered: Uint8Array[] = []
  #gatheredBytes = 0
  #timer: NodeJS.Timeout | undefined
  #lost = 0

  constructor(file: string, maxBytes = 8 * 1024 * 1024) {
    this.file = file
    this.#maxBytes = maxBytes
    this.#size = existsSync(file) ? statSync(file).size : 0
    this.#stream = this.#open()
  }

  write(chunk: Uint8Array | string): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    if (this.#size > 0 && this.#size + bytes.length > this.#maxBytes) this.#rotate()
    this.#size += bytes.length
    this.#gathered.push(bytes)
    this.#gatheredBytes += bytes.length
    if (this.#gatheredBytes >= gatherBytes) this.#flush()
    else this.#timer ??= setTimeout(() => this.#flush(), gatherMs)
  }

  /** Writes that were dropped. */
  get lost(): number {
    return this.#lost
  }

  /** Fulfils when all is with the system. */
  async close(): Promise<void> {
    this.#flush()
    if (this.#stream.destroyed) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#stream.once('close', resolve)
    this.#stream.end()
    await promise
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const gathered = this.#gathered
    if (gathered.length === 0) return
    // A disk slower than the writer would grow the memory without a bound.
    if (this.#stream.writableLength > this.#maxBytes) this.#lost += gathered.length
    else this.#stream.write(gathered.length === 1 ? gathered[0] : Buffer.concat(gathered, this.#gatheredBytes))
    this.#gathered = []
    this.#gatheredBytes = 0
  }

  #rotate(): void {
    this.#flush()
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
