import { StringDecoder } from 'node:string_decoder'
import type { BoundedLog } from '../state/bounded-log.ts'
import { entryOfLine, systemEntry, type LogEntry, type LogSource } from './log-entry.ts'
import { LastLines } from './last-lines.ts'

/** The largest entry of Cloud Logging is 256 KB; a longer line is cut into several. */
const longestLine = 200_000

/** Turns what one container prints into entries of Cloud Logging, one JSON object a line. */
export class ContainerLog {
  /** For messages. */
  readonly last = new LastLines()
  readonly #log: BoundedLog
  readonly #source: LogSource
  readonly #onEntry: (log: 'stdout' | 'stderr' | 'varlog/system', severity: string) => void
  readonly #open = { stdout: { decoder: new StringDecoder('utf8'), text: '' }, stderr: { decoder: new StringDecoder('utf8'), text: '' } }

  constructor(log: BoundedLog, source: LogSource, onEntry: (log: 'stdout' | 'stderr' | 'varlog/system', severity: string) => void = () => {}) {
    this.#log = log
    this.#source = source
    this.#onEntry = onEntry
  }

  add(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    this.last.add(stream, chunk)
    const open = this.#open[stream]
    const lines = `${open.text}${open.decoder.write(chunk)}`.split('\n')
    open.text = lines.pop() ?? ''
    for (const line of lines) this.#line(stream, line)
    while (open.text.length > longestLine) {
      this.#line(stream, open.text.slice(0, longestLine))
      open.text = open.text.slice(longestLine)
    }
  }

  /** What the platform has to say about the container. */
  system(text: string, severity: 'INFO' | 'WARNING' | 'ERROR'): void {
    this.#write('varlog/system', systemEntry(text, severity, this.#source, new Date()))
  }

  /** The container has ended: a last line without its end is a line. */
  end(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const { text } = this.#open[stream]
      this.#open[stream].text = ''
      if (text !== '') this.#line(stream, text)
    }
  }

  #line(stream: 'stdout' | 'stderr', line: string): void {
    if (line === '' || line === '\r') return
    this.#write(stream, entryOfLine(line.replace(/\r$/, ''), stream, this.#source, new Date()))
  }

  #write(log: 'stdout' | 'stderr' | 'varlog/system', entry: LogEntry): void {
    this.#log.write(`${JSON.stringify(entry)}\n`)
    this.#onEntry(log, entry.severity)
  }
}
