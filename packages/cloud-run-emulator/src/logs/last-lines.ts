import { escapeControls } from '../escape.ts'

const linesKept = 20
const longestLine = 500

/** The last lines of what an instance printed, for messages: control characters escaped, long lines cut. */
export class LastLines {
  #lines: string[] = []
  readonly #open = new Map<string, string>()

  /** `stream` keeps apart what is printed at the same time to standard output and standard error. */
  add(stream: 'stdout' | 'stderr', chunk: Uint8Array): void {
    const pieces = `${this.#open.get(stream) ?? ''}${Buffer.from(chunk).toString('utf8')}`.split('\n')
    // A line without an end must not grow without one either.
    this.#open.set(stream, (pieces.pop() ?? '').slice(0, longestLine * 2))
    this.#lines = [...this.#lines, ...pieces.slice(-linesKept)].slice(-linesKept)
  }

  get text(): string {
    const unfinished = [...this.#open.values()].filter((line) => line !== '')
    return [...this.#lines, ...unfinished]
      .slice(-linesKept)
      .map((line) => line.replace(/\r$/, ''))
      .map((line) => escapeControls(line.length > longestLine ? `${line.slice(0, longestLine)}…` : line))
      .join('\n')
  }
}
