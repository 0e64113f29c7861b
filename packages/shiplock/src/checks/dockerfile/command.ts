import type { Instruction, Span } from './dockerfile.ts'
import { variablesIn } from './variables.ts'
import { parseShell, type Redirection, type ShellCommand, type ShellWord } from './shell-words.ts'

/** A command of a RUN without what only starts it (`sudo`, `env`, `exec`, …). */
export interface Command {
  readonly instruction: Instruction
  /** Without its directory: `curl` for `/usr/bin/curl`. Empty where only variables are set. */
  readonly name: string
  /** As it is written, with its directory. */
  readonly path: ShellWord | undefined
  readonly arguments: readonly ShellWord[]
  /** Variables set for this command alone, or for the shell where there is no command. */
  readonly assignments: readonly ShellWord[]
  /** Names of the programs that start it, outermost first. */
  readonly startedBy: readonly string[]
  readonly redirections: readonly Redirection[]
  readonly pipedFrom: Command | undefined
  /** Here-documents that it reads. */
  readonly input: readonly string[]
  /** Commands whose output is a part of its words or its input. */
  readonly substitutions: readonly Command[]
  readonly span: Span
}

/** What starts another command, and which of its options take a value. */
const starters: Readonly<Record<string, RegExp>> = {
  sudo: /^(?:-[ughpCrtU]|--(?:user|group|host|prompt|role|type))$/,
  doas: /^-[uC]$/,
  env: /^(?:-[uC]|--(?:unset|chdir))$/,
  nice: /^(?:-n|--adjustment)$/,
  exec: /^-a$/,
  command: /^$/,
  eatmydata: /^$/,
  nohup: /^$/,
  setsid: /^$/,
  busybox: /^$/,
  'ssh-agent': /^-[aEtO]$/,
  stdbuf: /^-[ioe]$/,
  runuser: /^(?:-[ugG]|--(?:user|group|supp-group))$/,
  xargs: /^(?:-[aIELnPsd]|--(?:arg-file|max-args|max-procs|delimiter))$/,
}
/** Those whose first operand is not the command yet: a duration, a user. */
const startersWithOperand = new Set(['timeout', 'gosu', 'su-exec', 'chroot'])
const shells = new Set(['sh', 'bash', 'ash', 'dash', 'zsh', 'ksh'])
const deepest = 8

export interface CommandList {
  readonly commands: readonly Command[]
  readonly isWhole: boolean
}

interface Nesting {
  readonly depth: number
  readonly areSubstitutionsKnown: boolean
}

/** The commands that a shell runs for `text`, those inside substitutions and `sh -c '…'` after the one that holds them. */
export function commandsOf(text: string, instruction: Instruction, spanOf: (start: number, end: number) => Span, nesting: Nesting = { depth: 0, areSubstitutionsKnown: false }): CommandList {
  const script = parseShell(text)
  let { isWhole } = script
  const commands: Command[] = []
  const made = new Map<ShellCommand, Command>()
  /** Variables of the shell, as they are set at the time. */
  const variables = new Map<string, ShellWord>()
  const add = (shell: ShellCommand): Command => {
    const known = made.get(shell)
    if (known) return known
    const inner = nesting.areSubstitutionsKnown ? [] : [...shell.assignments, ...shell.words, ...shell.redirections.map(({ target }) => target)].flatMap(({ substitutions }) => substitutions)
    const span = spanOf(shell.start, shell.end)
    const { startedBy, words, assignments } = unwrap(named(shell, variables))
    const [first, ...rest] = words
    const position = commands.length
    const substitutions = [...inner.map(add), ...words.flatMap(({ text }) => variablesIn(text).flatMap((name) => variables.get(name)?.substitutions.flatMap((some) => made.get(some) ?? []) ?? []))]
    if (!first || first.text === 'export') for (const word of [...assignments, ...rest]) variables.set(word.text.split('=', 1)[0] ?? '', word)
    const command: Command = {
      instruction,
      name: first?.text.slice(first.text.lastIndexOf('/') + 1) ?? '',
      path: first,
      arguments: rest,
      assignments,
      startedBy,
      redirections: shell.redirections,
      pipedFrom: shell.pipedFrom && made.get(shell.pipedFrom),
      // Docker has taken those of the instruction out of its text already.
      input: shell.hereDocuments.some((some) => some.text !== '') ? shell.hereDocuments.map((some) => some.text) : shell.redirections.some(({ operator }) => operator === '<<' || operator === '<<-') ? instruction.hereDocuments : [],
      substitutions,
      span,
    }
    made.set(shell, command)
    commands.splice(position, 0, command)
    const nested = nesting.depth < deepest ? nestedScript(command, shell) : undefined
    if (nested !== undefined) {
      // Those in double quotes are the outer shell's, and have been seen.
      const list = commandsOf(nested, instruction, () => span, { depth: nesting.depth + 1, areSubstitutionsKnown: inner.length > 0 })
      isWhole &&= list.isWhole
      for (const some of list.commands) commands.push(some)
    }
    return command
  }
  for (const shell of script.commands) add(shell)
  return { commands, isWhole }
}

/** The command of an exec form, and what its shell would run. */
export function commandsOfExec(words: readonly string[], instruction: Instruction): CommandList {
  const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  return commandsOf(quoted, instruction, () => instruction.span)
}

/** The command with the name that a variable has for it: `$FETCH`, after `FETCH=curl`. */
function named(shell: ShellCommand, variables: ReadonlyMap<string, ShellWord>): ShellCommand {
  const [first, ...rest] = shell.words
  const variable = first && variables.get(/^\$\{?(\w+)\}?$/.exec(first.text)?.[1] ?? '')
  const value = variable && !variable.isExpanded ? variable.text.slice(variable.text.indexOf('=') + 1).split(/\s/, 1)[0] : undefined
  return first && value !== undefined ? { ...shell, words: [{ ...first, text: value }, ...rest] } : shell
}

function unwrap(shell: ShellCommand): { startedBy: string[]; words: readonly ShellWord[]; assignments: readonly ShellWord[] } {
  const startedBy: string[] = []
  const assignments = [...shell.assignments]
  let words = shell.words
  for (;;) {
    const name = words[0]?.text.slice(words[0].text.lastIndexOf('/') + 1) ?? ''
    const takesValue = Object.hasOwn(starters, name) ? starters[name] : undefined
    if ((!takesValue && !startersWithOperand.has(name)) || startedBy.length >= deepest) return { startedBy, words, assignments }
    let at = 1
    for (let isOption = true; isOption && at < words.length && words[at]?.text.startsWith('-'); ) {
      isOption = words[at]?.text !== '--'
      at += takesValue?.test(words[at]?.text ?? '') ? 2 : 1
    }
    if (startersWithOperand.has(name)) at++
    for (let word = words[at]; word && /^[A-Za-z_]\w*=/.test(word.text); word = words[++at]) assignments.push(word)
    // Without a user among its options it is as `su`, which has the command in an option.
    if (at >= words.length || (name === 'runuser' && !words.slice(1, at).some(({ text }) => text === '-u' || text.startsWith('--user')))) return { startedBy, words, assignments }
    startedBy.push(name)
    words = words.slice(at)
  }
}

/** What `sh -c '…'` or `sh <<EOF` runs. */
function nestedScript({ name, arguments: words }: Command, { hereDocuments }: ShellCommand): string | undefined {
  if (name === 'eval') return words.map(({ text }) => text).join(' ')
  if (name === 'su' || name === 'runuser' || name === 'script') return words[words.findIndex(({ text }) => text === '-c' || text === '--command') + 1 || words.length]?.text
  if (!shells.has(name)) return undefined
  const option = words.findIndex(({ text }) => /^-[a-z]*c[a-z]*$/.test(text))
  if (option !== -1) return words.slice(option + 1).find(({ text }) => !text.startsWith('-'))?.text
  return hereDocuments[0]?.text
}

export const isShell = (name: string) => shells.has(name)

/** Whether one of its arguments is this option: `y` also within `-qy`, `yes` also as `--yes=…`. */
export function hasOption(command: Command, letters: string, ...long: readonly string[]): boolean {
  return command.arguments.some(({ text }) => long.some((name) => text === `--${name}` || text.startsWith(`--${name}=`)) || (/^-[A-Za-z0-9]+$/.test(text) && [...letters].some((letter) => text.includes(letter))))
}

/** Arguments that are no options and no values of the options named. */
export function operands(command: Command, valued = /^$/): ShellWord[] {
  const found: ShellWord[] = []
  for (let at = 0; at < command.arguments.length; at++) {
    const word = command.arguments[at]
    if (!word) continue
    if (word.text === '--') return [...found, ...command.arguments.slice(at + 1)]
    if (word.text.startsWith('-') && word.text !== '-') at += valued.test(word.text) ? 1 : 0
    else found.push(word)
  }
  return found
}
