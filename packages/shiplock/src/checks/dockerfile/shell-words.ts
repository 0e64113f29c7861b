/**
 * Splits what `/bin/sh -c` would be given into its simple commands and their words, as POSIX 2.2 to 2.9 say (and the
 * parts of bash that Dockerfiles use: `<(…)`, `&>`, `<<<`, `a=(…)`). It runs nothing, expands nothing and never fails: what does not
 * close is closed by the end of the text. Every character is looked at once, however hostile the text.
 */
export interface ShellWord {
  /** Without quotes and escapes; expansions stay as they are written. */
  readonly text: string
  /** Whether the shell would replace a part of it: a variable, a substitution, a pattern. */
  readonly isExpanded: boolean
  /** Commands inside `$(…)`, `` `…` ``, `<(…)` and `>(…)`. */
  readonly substitutions: readonly ShellCommand[]
  readonly start: number
  readonly end: number
}

export interface Redirection {
  readonly operator: string
  readonly target: ShellWord
}

export interface ShellCommand {
  readonly assignments: readonly ShellWord[]
  readonly words: readonly ShellWord[]
  readonly redirections: readonly Redirection[]
  /** Where the output of the command before goes into this one. */
  readonly pipedFrom?: ShellCommand
  /** Bodies of the here-documents that are its input, where the text holds them. */
  readonly hereDocuments: readonly { readonly text: string; readonly start: number }[]
  readonly start: number
  readonly end: number
}

/** Words that may stand before a command, at its start. */
const reserved = new Set(['if', 'then', 'elif', 'else', 'while', 'until', 'do', 'done', 'fi', '!', '{', '}', 'time', 'esac'])
const deepest = 40
const operators = ['&&', '||', ';;', '|&', ';', '|', '&', '\n', '(', ')'] as const
const redirection = /(?:&>>|&>|\d*(?:<<<|<<-|<<|<>|<&|>&|>>|>\||<|>))/y

export interface ShellScript {
  /** In the order in which they are written, without those in substitutions. */
  readonly commands: readonly ShellCommand[]
  /** False where substitutions are nested so deep that the rest has not been looked at. */
  readonly isWhole: boolean
}

export function parseShell(text: string): ShellScript {
  const parser = new ShellParser(text, 0)
  return { commands: parser.list(0, undefined), isWhole: !parser.isTooDeep }
}

type Terminator = ')' | undefined

class ShellParser {
  isTooDeep = false
  private readonly text: string
  private at: number
  /** Here-documents whose bodies begin after the next line break. */
  private pending: { readonly delimiter: string; readonly isIndented: boolean; readonly into: { text: string; start: number }[] }[] = []

  constructor(text: string, start: number) {
    this.text = text
    this.at = start
  }

  list(depth: number, terminator: Terminator): ShellCommand[] {
    const commands: ShellCommand[] = []
    let pipedFrom: ShellCommand | undefined
    let parentheses = 0
    let cases = 0
    while (this.at < this.text.length) {
      const command = this.command(depth, pipedFrom)
      const operator = this.operator()
      // What is piped into a group goes to its first command.
      if (command || operator !== '(') pipedFrom = undefined
      if (command?.words[0]?.text === 'case') cases++
      if (command && /^esac\b/.test(this.text.slice(command.start, command.start + 5))) cases = Math.max(0, cases - 1)
      const isPattern = operator === ')' && cases > 0
      const isFunction = operator === '(' && this.text[this.at] === ')'
      if (command && !isPattern && !isFunction && command.words.length + command.assignments.length + command.redirections.length > 0) commands.push(command)
      // Behind a group it is the last of its commands, as far as anybody needs to know.
      if (operator === '|' || operator === '|&') pipedFrom = commands.at(-1)
      if (operator === '(') parentheses++
      if (operator === ')' && !isPattern) {
        if (parentheses > 0) parentheses--
        else if (terminator === ')') return commands
      }
      if (operator === '\n') this.hereDocuments()
    }
    return commands
  }

  private command(depth: number, pipedFrom: ShellCommand | undefined): ShellCommand | undefined {
    const assignments: ShellWord[] = []
    const words: ShellWord[] = []
    const redirections: Redirection[] = []
    const hereDocuments: { text: string; start: number }[] = []
    this.blanks()
    const start = this.at
    let end = start
    for (;;) {
      this.blanks()
      if (this.at >= this.text.length || this.isAtOperator()) break
      redirection.lastIndex = this.at
      const found = redirection.exec(this.text)
      const isProcessSubstitution = /^[<>]\($/.test(this.text.slice(this.at, this.at + 2))
      if (found && !isProcessSubstitution) {
        this.at += found[0].length
        const operator = found[0].replace(/^\d+/, '')
        this.blanks()
        const target = this.word(depth)
        if (operator === '<<' || operator === '<<-') this.pending.push({ delimiter: target.text, isIndented: operator === '<<-', into: hereDocuments })
        redirections.push({ operator, target })
        end = this.at
        continue
      }
      const word = this.word(depth)
      end = word.end
      if (words.length === 0 && assignments.length === 0 && reserved.has(word.text)) continue
      if (words.length === 0 && assignments.length === 0 && word.text === 'function') {
        this.blanks()
        this.word(depth)
        continue
      }
      if (words.length === 0 && /^[A-Za-z_]\w*\+?=/.test(word.text)) assignments.push(word)
      else words.push(word)
    }
    if (end === start) return undefined
    return { assignments, words, redirections, hereDocuments, start, end, ...(pipedFrom && { pipedFrom }) }
  }

  private blanks(): void {
    for (;;) {
      const character = this.text[this.at]
      if (character === ' ' || character === '\t' || character === '\r') this.at++
      else if (character === '\\' && this.text[this.at + 1] === '\n') this.at += 2
      else if (character === '\\' && this.text.startsWith('\r\n', this.at + 1)) this.at += 3
      else if (character === '#') while (this.at < this.text.length && this.text[this.at] !== '\n') this.at++
      else return
    }
  }

  private isAtOperator(): boolean {
    const character = this.text[this.at]
    if (character === '&' && this.text[this.at + 1] === '>') return false
    return character === '&' || character === '|' || character === ';' || character === '\n' || character === '(' || character === ')'
  }

  private operator(): string | undefined {
    const operator = operators.find((some) => this.text.startsWith(some, this.at))
    if (operator !== undefined) this.at += operator.length
    return operator
  }

  private word(depth: number): ShellWord {
    const start = this.at
    let text = ''
    let isExpanded = false
    const substitutions: ShellCommand[] = []
    const expansion = () => {
      const from = this.at
      for (const command of this.expansion(depth)) substitutions.push(command)
      isExpanded = true
      return this.text.slice(from, this.at)
    }
    while (this.at < this.text.length) {
      const character = this.text[this.at] ?? ''
      if (/[ \t\r\n;&|)]/.test(character)) break
      if (character === "'") {
        const close = this.text.indexOf("'", this.at + 1)
        text += this.text.slice(this.at + 1, close === -1 ? undefined : close)
        this.at = close === -1 ? this.text.length : close + 1
      } else if (character === '"') {
        this.at++
        while (this.at < this.text.length && this.text[this.at] !== '"') {
          const inner = this.text[this.at] ?? ''
          if (inner === '\\' && /[$`"\\\n]/.test(this.text[this.at + 1] ?? '')) {
            text += this.text[this.at + 1] === '\n' ? '' : this.text[this.at + 1]
            this.at += 2
          } else if (inner === '$' || inner === '`') text += expansion()
          else {
            text += inner
            this.at++
          }
        }
        this.at++
      } else if (character === '\\') {
        if (this.text.startsWith('\r\n', this.at + 1)) this.at += 3
        else {
          if (this.text[this.at + 1] !== '\n') text += this.text[this.at + 1] ?? ''
          this.at += 2
        }
      } else if (character === '$' || character === '`') text += expansion()
      else if ((character === '<' || character === '>') && this.at === start && this.text[this.at + 1] === '(') text += expansion()
      else if (character === '<' || character === '>') break
      else if (character === '(') {
        if (!text.endsWith('=')) break
        text += expansion()
      } else {
        if (character === '*' || character === '?' || character === '[') isExpanded = true
        text += character
        this.at++
      }
    }
    this.at = Math.min(this.at, this.text.length)
    return { text, isExpanded, substitutions, start, end: this.at }
  }

  /** What begins with `$`, a backtick, `<(`, `>(` or the `(` of an array. Returns the commands in it. */
  private expansion(depth: number): ShellCommand[] {
    const opening = this.text[this.at]
    if (opening === '`') return this.backticks(depth)
    if (opening === '$' && this.text[this.at + 1] === '{') return this.parameter(depth)
    if (opening === '$' && this.text.startsWith('((', this.at + 1)) {
      const close = this.text.indexOf('))', this.at + 3)
      this.at = close === -1 ? this.text.length : close + 2
      return []
    }
    if (opening === '$' && this.text[this.at + 1] === "'") {
      this.at += 2
      while (this.at < this.text.length && this.text[this.at] !== "'") this.at += this.text[this.at] === '\\' ? 2 : 1
      this.at++
      return []
    }
    const isList = opening === '(' || this.text[this.at + 1] === '('
    this.at += opening === '(' || !isList ? 1 : 2
    if (!isList) return []
    if (depth >= deepest) return this.giveUp()
    const commands = this.list(depth + 1, ')')
    return opening === '(' ? commands.flatMap(({ words }) => words.flatMap(({ substitutions }) => substitutions)) : commands
  }

  private parameter(depth: number): ShellCommand[] {
    this.at += 2
    const commands: ShellCommand[] = []
    while (this.at < this.text.length && this.text[this.at] !== '}') {
      const character = this.text[this.at]
      if (character === '\\') this.at += 2
      else if (character === "'") {
        const close = this.text.indexOf("'", this.at + 1)
        this.at = close === -1 ? this.at + 1 : close + 1
      } else if (character === '`' || (character === '$' && (this.text[this.at + 1] === '(' || this.text[this.at + 1] === '{'))) {
        if (depth >= deepest) this.giveUp()
        else for (const command of this.expansion(depth + 1)) commands.push(command)
      } else this.at++
    }
    this.at++
    return commands
  }

  private backticks(depth: number): ShellCommand[] {
    const start = this.at + 1
    let end = start
    while (end < this.text.length && this.text[end] !== '`') end += this.text[end] === '\\' ? 2 : 1
    this.at = end + 1
    if (depth >= deepest) return this.giveUp()
    const inner = new ShellParser(this.text.slice(0, end), start)
    const commands = inner.list(depth + 1, undefined)
    this.isTooDeep ||= inner.isTooDeep
    return commands
  }

  private giveUp(): ShellCommand[] {
    this.isTooDeep = true
    this.at = this.text.length
    return []
  }

  /** Bodies of the here-documents that the line before has opened. */
  private hereDocuments(): void {
    for (const { delimiter, isIndented, into } of this.pending.splice(0)) {
      const start = this.at
      let end = this.at
      for (;;) {
        const stop = this.text.indexOf('\n', end)
        const line = this.text.slice(end, stop === -1 ? undefined : stop).replace(/\r$/, '')
        if ((isIndented ? line.replace(/^\t+/, '') : line) === delimiter || stop === -1) {
          into.push({ text: this.text.slice(start, end), start })
          this.at = stop === -1 ? this.text.length : stop + 1
          break
        }
        end = stop + 1
      }
    }
  }
}
