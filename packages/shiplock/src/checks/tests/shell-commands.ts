/** One word of a shell text: what it says without its quotes, and where it is. */
export interface Word {
  readonly text: string
  readonly start: number
  readonly end: number
}

const operator = /^(?:&&|\|\||;;|[;&|()\n])/
const redirection = /^\d*(?:>>|<<|>&|<&|>|<)&?/

/**
 * The simple commands of a shell text (POSIX.1-2024 XCU 2.9.1), each as its words. Enough of the grammar to find a
 * program and its flags and to put flags beside it: quotes and operators are understood, expansions are kept as they are written.
 */
export function splitCommands(text: string): Word[][] {
  const commands: Word[][] = [[]]
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at)
    const blank = /^[ \t]+/.exec(rest)
    const other = operator.exec(rest) ?? redirection.exec(rest)
    if (blank) {
      at += blank[0].length
    } else if (other && !/^\d*[<>]/.test(other[0])) {
      commands.push([])
      at += other[0].length
    } else {
      const end = other ? at + other[0].length : endOfWord(text, at)
      commands.at(-1)?.push({ text: unquote(text.slice(at, end)), start: at, end })
      at = end
    }
  }
  return commands.filter((words) => words.length > 0)
}

function endOfWord(text: string, start: number): number {
  let quote = ''
  for (let at = start; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (quote !== "'" && character === '\\') at += 1
    else if (quote === character) quote = ''
    else if (quote === '' && (character === '"' || character === "'")) quote = character
    else if (quote === '' && /[ \t\n;&|()<>]/.test(character)) return at
  }
  return text.length
}

const unquote = (text: string) =>
  text.replace(
    /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g,
    (_, single?: string, double?: string, escaped?: string) => single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? '',
  )

/** A word that the shell reads as exactly this text. */
export const quote = (text: string): string => (/^[\w./=:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
