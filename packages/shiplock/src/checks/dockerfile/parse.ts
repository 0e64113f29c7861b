import { Copy, DockerfileParser, Keyword, Onbuild, PropertyInstruction, Run, type Dockerfile as Tree, type Instruction as Node } from 'dockerfile-ast'
import { commandsOf, commandsOfExec, isShell, type Command, type CommandList } from './command.ts'
import { chainOf, type Base, type Dockerfile, type Flag, type Instruction, type Problem, type Property, type Span, type Stage, type Surroundings } from './dockerfile.ts'
import { parseImageReference } from './image-reference.ts'
import { joinLines, sliceFrom, verbatim, type LogicalText } from './logical-text.ts'
import { expand, unquoted, variablesIn } from './variables.ts'

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
type Range = ReturnType<Node['getRange']>

const keywords = new Set<string>(Object.values(Keyword))
const withFlags = new Set(['FROM', 'RUN', 'COPY', 'ADD', 'HEALTHCHECK'])
const developmentFolder = /(?:^|\/)\.?(?:devcontainers?|github|gitlab|circleci|codesandbox|buildkite|gitpod|dev|ci|tests?|testing|e2e|fixtures?|benchmarks?)\//i
const developmentName = /(?:^|[._-])(?:dev|devel|development|local|debug|tests?|testing|e2e|ci|gitpod|lint)(?:$|[._-])/i

/** Reads a Dockerfile. What is wrong with it is in the result, and the rest goes on. */
export function parseDockerfile(path: string, text: string, surroundings: Surroundings): Dockerfile {
  const tree = DockerfileParser.parse(text)
  const builder = new Builder(text, tree)
  for (const node of tree.getInstructions()) builder.add(node, false)
  return builder.finish(path, surroundings)
}

class Builder {
  private readonly instructions: Instruction[] = []
  private readonly stages: (Stage & { readonly instructions: Instruction[] })[] = []
  private readonly errors: Problem[] = []
  private readonly gaps: Problem[] = []
  private readonly globals = new Map<string, string | undefined>()
  private readonly environments = new Map<Stage, Map<string, string | undefined>>()
  private readonly text: string
  private readonly lineStarts: readonly number[]
  private readonly escape: string
  private scope = new Map<string, string | undefined>()
  /** Where SHELL has said something that is no POSIX shell. */
  private hasOtherShell = false

  constructor(text: string, tree: Tree) {
    this.text = text
    this.lineStarts = lineStartsOf(text)
    this.escape = tree.getEscapeCharacter()
  }

  add(node: Node, isTriggered: boolean): void {
    const keyword = node.getKeyword()
    const span = this.spanOf(node.getInstructionRange())
    if (!keywords.has(keyword)) return void this.errors.push({ message: `unknown instruction ${JSON.stringify(node.getInstruction().slice(0, 40))}`, at: span })
    if (node instanceof Onbuild) {
      const trigger = node.getTriggerInstruction()
      this.push(this.read(node, keyword, isTriggered))
      if (!trigger || isTriggered || /^(?:FROM|ONBUILD|MAINTAINER)$/.test(trigger.getKeyword())) this.errors.push({ message: `ONBUILD cannot trigger ${trigger ? trigger.getKeyword() : 'nothing'}`, at: span })
      else this.add(trigger, true)
      return
    }
    if (keyword === 'FROM') this.startStage(node)
    else this.push(this.read(node, keyword, isTriggered))
  }

  finish(path: string, surroundings: Surroundings): Dockerfile {
    const finalStage = this.stages.at(-1)
    if (!finalStage && this.errors.length === 0) this.errors.push({ message: this.instructions.length === 0 ? 'there is no instruction' : 'there is no FROM', at: this.instructions[0]?.span ?? { start: 0, end: 0 } })
    return {
      path,
      text: this.text,
      instructions: this.instructions,
      stages: this.stages,
      finalStage,
      finalChain: finalStage ? chainOf(finalStage) : [],
      commands: this.instructions.flatMap(({ commands }) => commands),
      errors: this.errors,
      gaps: this.gaps,
      surroundings,
      isForDevelopment: developmentFolder.test(path) || developmentName.test(path.slice(path.lastIndexOf('/') + 1)) || (finalStage?.name !== undefined && developmentName.test(finalStage.name)),
    }
  }

  private push(instruction: Instruction): void {
    this.instructions.push(instruction)
    this.stages.at(-1)?.instructions.push(instruction)
    this.checkArgument(instruction)
    this.define(instruction)
  }

  private startStage(node: Node): void {
    this.scope = this.globals
    const from: Mutable<Instruction> = this.read(node, 'FROM', false)
    const words = from.argument.split(/[ \t]+/).filter((word) => word !== '')
    const [written = '', as, name] = words
    if (written === '' || (words.length !== 1 && (words.length !== 3 || as?.toUpperCase() !== 'AS'))) this.errors.push({ message: 'FROM wants an image, and after it nothing or AS and a name', at: from.span })
    const base = this.baseOf(written)
    this.hasOtherShell = this.escape === '`' && mayBeWindows(base)
    const stage = { index: this.stages.length, name: as?.toUpperCase() === 'AS' ? name : undefined, from, base, instructions: [from] as Instruction[] }
    from.stage = stage
    this.stages.push(stage)
    this.instructions.push(from)
    this.scope = new Map(base.kind === 'stage' ? this.environments.get(base.stage) : undefined)
    this.environments.set(stage, new Map(this.scope))
  }

  private baseOf(written: string): Base {
    const resolved = unquoted(expand(written, this.globals))
    if (resolved.includes('$') || resolved === '') return { kind: 'unknown', written }
    const stage = this.stages.findLast(({ name }) => name?.toLowerCase() === resolved.toLowerCase())
    if (stage) return { kind: 'stage', stage }
    if (resolved === 'scratch') return { kind: 'scratch' }
    return { kind: 'image', image: parseImageReference(resolved), argument: variablesIn(written)[0] }
  }

  /** ARG is known to its stage from here on, ENV also to the stages that are built from it. */
  private define({ keyword, properties, isTriggered }: Instruction): void {
    const stage = this.stages.at(-1)
    if (isTriggered || (keyword !== 'ARG' && keyword !== 'ENV')) return
    for (const { name, resolved } of properties) {
      if (keyword === 'ENV') {
        this.scope.set(name, resolved)
        if (stage) this.environments.get(stage)?.set(name, resolved)
      } else if (!stage) this.globals.set(name, resolved)
      // An ENV is stronger than an ARG of the same name.
      else if (!this.environments.get(stage)?.has(name)) this.scope.set(name, resolved ?? this.globals.get(name))
    }
  }

  private read(node: Node, keyword: string, isTriggered: boolean): Instruction {
    const start = this.offset(node.getRange().start)
    const end = this.offset(node.getRange().end)
    const whole = joinLines(this.text, this.offset(node.getInstructionRange().end), end, this.escape)
    const { flags, argument } = splitFlags(whole, withFlags.has(keyword))
    const spanOf = (from: number, to: number) => ({ start: argument.offsetAt(from), end: to > from ? argument.offsetAt(to - 1) + 1 : argument.offsetAt(from) })
    const text = argument.text.trimEnd()
    const scope = this.stages.length === 0 || keyword === 'FROM' ? this.globals : this.scope
    const hereDocuments = this.hereDocuments(node)
    const instruction: Mutable<Instruction> = {
      keyword,
      isTriggered,
      stage: this.stages.at(-1),
      flags,
      argument: text,
      resolved: keyword === 'RUN' ? text : keyword === 'USER' ? unquoted(expand(text, scope)) : expand(text, scope),
      exec: keyword === 'HEALTHCHECK' ? execForm(text.replace(/^CMD\s+/i, '')) : execForm(text),
      properties: node instanceof PropertyInstruction ? this.properties(node, scope) : [],
      hereDocuments: hereDocuments.map(({ text: body }) => body),
      commands: [],
      span: { start, end: spanOf(0, Math.max(text.length, 1)).end },
      spanOf,
    }
    if (instruction.span.end < start) instruction.span = this.spanOf(node.getInstructionRange())
    if (keyword === 'SHELL' && instruction.exec) this.hasOtherShell = !instruction.exec.some((word) => /(?:^|\/)(?:ba|da|a|z|k)?sh$/.test(word))
    if (keyword === 'RUN') instruction.commands = this.commands(instruction, hereDocuments)
    return instruction
  }

  private commands(instruction: Instruction, hereDocuments: readonly LogicalText[]): Command[] {
    const { argument, exec, span } = instruction
    if (this.hasOtherShell) return []
    const lists: CommandList[] = []
    if (exec) lists.push(commandsOfExec(exec, instruction))
    else lists.push(commandsOf(argument, instruction, instruction.spanOf))
    const line = lists[0]?.commands ?? []
    const runsDocuments = line.every(({ name, arguments: words }) => (name === '' && words.length === 0) || (isShell(name) && words.every(({ text }) => text.startsWith('-'))))
    for (const { text, offsetAt } of runsDocuments ? hereDocuments : []) {
      if (/^#!(?!.*\b(?:ba|da|a|z|k)?sh\b)/.test(text)) continue
      lists.push(commandsOf(text, instruction, (start, end) => ({ start: offsetAt(start), end: offsetAt(Math.max(start, end)) })))
    }
    if (lists.some(({ isWhole }) => !isWhole)) this.gaps.push({ message: 'substitutions are nested too deep in this RUN: the rest of it was not looked at', at: span })
    return lists.flatMap(({ commands }) => commands)
  }

  private hereDocuments(node: Node): LogicalText[] {
    if (!(node instanceof Run || node instanceof Copy) || !this.textOf(node.getRange()).includes('<<')) return []
    return node.getHeredocs().flatMap((some) => {
      const range = some.getContentRange()
      if (!some.getDelimiterRange()) this.errors.push({ message: `the here-document ${JSON.stringify(some.getName().slice(0, 40))} does not end`, at: this.spanOf(node.getInstructionRange()) })
      return range ? [verbatim(this.text, this.offset(range.start), this.offset(range.end))] : []
    })
  }

  private properties(node: PropertyInstruction, scope: ReadonlyMap<string, string | undefined>): Property[] {
    return node.getProperties().map((property) => {
      const value = property.getValue() ?? undefined
      const range = property.getValueRange()
      return { name: property.getName(), value, resolved: value === undefined ? undefined : expand(value, scope), span: this.spanOf(property.getRange()), valueSpan: range ? this.spanOf(range) : undefined }
    })
  }

  private checkArgument({ keyword, argument, exec, properties, span }: Instruction): void {
    const wants = (what: string) => this.errors.push({ message: `${keyword} wants ${what}`, at: span })
    if (argument === '') wants('an argument')
    else if ((keyword === 'COPY' || keyword === 'ADD') && !argument.includes('<<') && (exec ?? argument.split(/[ \t]+/)).length < 2) wants('a source and a destination')
    else if (keyword === 'ENV' && properties.some(({ value }) => value === undefined)) wants('a value for each variable')
    else if (keyword === 'SHELL' && !exec) wants('a JSON array')
  }

  private textOf(range: Range): string {
    return this.text.slice(this.offset(range.start), this.offset(range.end))
  }

  private offset({ line, character }: Range['start']): number {
    return (this.lineStarts[line] ?? this.text.length) + character
  }

  private spanOf(range: Range): Span {
    return { start: this.offset(range.start), end: this.offset(range.end) }
  }
}

/** Whether RUN may be given to cmd or PowerShell: the escape character alone says nothing, as any Dockerfile may set it. */
function mayBeWindows(base: Base): boolean {
  if (base.kind === 'stage') return mayBeWindows(base.stage.base)
  return base.kind === 'unknown' || (base.kind === 'image' && /windows|nanoserver|servercore|ltsc20|(?:^|\/)msvc/i.test(base.image.written))
}

function splitFlags(whole: LogicalText, mayHaveFlags: boolean): { flags: Flag[]; argument: LogicalText } {
  const flags: Flag[] = []
  let at = /^[ \t]*/.exec(whole.text)?.[0].length ?? 0
  const pattern = /--([a-z][a-z-]*)(?:=(\S*))?(?:[ \t]+|$)/y
  for (; mayHaveFlags; at = pattern.lastIndex) {
    pattern.lastIndex = at
    const found = pattern.exec(whole.text)
    if (!found) break
    flags.push({ name: found[1] ?? '', value: found[2] ?? '' })
  }
  return { flags, argument: sliceFrom(whole, at) }
}

/** A JSON array of strings. Anything else, such as one with single quotes, is the shell form. */
function execForm(argument: string): string[] | undefined {
  if (!argument.startsWith('[')) return undefined
  try {
    const value: unknown = JSON.parse(argument)
    return Array.isArray(value) && value.every((word) => typeof word === 'string') ? value : undefined
  } catch {
    return undefined
  }
}

/** As the parser counts lines: LF, CR LF and a lone CR end one. */
export function lineStartsOf(text: string): number[] {
  const starts = [0]
  for (const { index, 0: found } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + found.length)
  return starts
}
