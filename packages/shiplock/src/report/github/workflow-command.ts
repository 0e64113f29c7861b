import { visible, visibleLines } from '../escape.ts'

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly title: string
  readonly message: string
  readonly file?: string
  readonly line?: number
  readonly endLine?: number
  readonly column?: number
  readonly endColumn?: number
}

/** Longer ones GitHub cuts, or refuses the command. */
const longestTitle = 255
const longestMessage = 4000

/** A workflow command of GitHub's runner: one line, in which no text from outside can end a property, the command or the line. */
export function annotationCommand({ level, title, message, file, line, endLine, column, endColumn }: Annotation): string {
  // Columns are of one line: with an end on another one the runner drops them and warns.
  const isOneLine = line !== undefined && (endLine === undefined || endLine === line)
  const properties = {
    title: visible(title).slice(0, longestTitle),
    ...(file !== undefined && { file: visible(file) }),
    ...(file !== undefined && line !== undefined && { line, ...(endLine !== undefined && { endLine }) }),
    ...(file !== undefined && isOneLine && column !== undefined && { col: column, ...(endColumn !== undefined && endColumn > column && { endColumn }) }),
  }
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`)
  return `::${level} ${list.join(',')}::${escapeData(visibleLines(message).join('\n').slice(0, longestMessage))}`
}

/**
 * Text for a person that the runner takes no command from: it reads one wherever a line begins with `::`, spaces aside, and
 * in the old form wherever `##[` stands. The first character of either is written as an escape.
 */
export function withoutCommands(text: string): string {
  return text.replace(/^([^\S\n]*)::/gm, '$1\\u{3a}:').replaceAll('##[', '\\u{23}#[')
}

const escapeData = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const escapeProperty = (text: string) => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
