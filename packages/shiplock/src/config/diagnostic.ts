/** A place in a file. Lines and columns count from 1, columns in UTF-16 code units, `endColumn` is exclusive, as in a SARIF region. */
export interface Range {
  readonly startLine: number
  readonly startColumn: number
  readonly endLine: number
  readonly endColumn: number
}

/** A mistake in the config: what is wrong, where, and what to write instead. Data, never thrown. */
export interface Diagnostic {
  /** The file, relative to the root. */
  readonly path: string
  readonly message: string
  readonly hint?: string
  /** Absent where the file as a whole is meant, such as one that is not there. */
  readonly range?: Range
}

/** Why there is no config. `sources` holds the text of the files that the diagnostics point into, by path. */
export interface ConfigProblem {
  /** At least one, in the order of the file. */
  readonly diagnostics: readonly Diagnostic[]
  readonly sources: ReadonlyMap<string, string>
}

/**
 * A name from outside for use inside a message: quoted, one line, cut at 60 characters. What could deceive a terminal is
 * escaped when the diagnostic is shown.
 */
export function quoted(name: string): string {
  const characters = [...name]
  return `\`${characters.length > 60 ? `${characters.slice(0, 59).join('')}…` : name}\``
}
