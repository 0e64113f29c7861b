import type { Analysis } from '../analyse.ts'
import type { Program, ProgramCall } from '../flow/program.ts'
import { edgeKinds, type RegexLiteral } from '../model/file-model.ts'

/** `text.replace(search, replacement)`, where what is searched for is known. */
export interface Replacement {
  readonly call: ProgramCall
  /** A constant text, or an expression. */
  readonly search: string | RegExp
  readonly regex?: RegexLiteral
  /** Absent where it is not constant. */
  readonly by?: string
  readonly isGlobal: boolean
}

const known = new WeakMap<Analysis, readonly Replacement[]>()

/** Every replacement of the program whose search is known and can be tried on a short text without harm. */
export function replacementsOf(analysis: Analysis): readonly Replacement[] {
  const before = known.get(analysis)
  if (before) return before
  const { program } = analysis
  const regexes = regexesOf(program)
  const found: Replacement[] = []
  for (const call of program.calls) {
    if ((call.name !== 'replace' && call.name !== 'replaceAll') || call.args.length < 2 || call.receiver < 0) continue
    const regex = regexes.get(call.args[0]!)
    const word = program.constants.get(call.args[0]!)
    const search = regex ? runnable(regex) : typeof word === 'string' && word !== '' ? word : undefined
    if (search === undefined) continue
    const by = program.constants.get(call.args[1]!)
    found.push({ call, search, isGlobal: call.name === 'replaceAll' || regex?.flags.includes('g') === true, ...(regex && { regex }), ...(typeof by === 'string' && { by }) })
  }
  known.set(analysis, found)
  return found
}

/** The expressions of all files by the node that they are; a variable that is written once is the same node. */
export function regexesOf({ files, bases }: Program): ReadonlyMap<number, RegexLiteral> {
  return new Map(files.flatMap(({ regexes }, file) => regexes.map((regex) => [regex.node + bases[file]!, regex] as const)))
}

/** The expression itself, to be tried on a text of a few dozen characters: what could take long on these is not run. */
export function runnable({ pattern, flags, slow, isUnjudged }: RegexLiteral): RegExp | undefined {
  if (isUnjudged || (slow && !(slow.kind === 'polynomial' && slow.degree <= 3))) return undefined
  try {
    return new RegExp(pattern, flags.replace('y', ''))
  } catch {
    return undefined // No expression of this engine: the program throws there.
  }
}

/** What the replacement makes of a text. */
export function replaced({ search, isGlobal, by = '' }: Replacement, text: string): string {
  if (typeof search === 'string') return isGlobal ? text.replaceAll(search, by) : text.replace(search, by)
  search.lastIndex = 0
  return text.replace(search, by)
}

/** Whether the result comes back to where the text came from: it is done again and again, until nothing is left. */
export function isRepeated({ program: { forward } }: Analysis, { result, receiver }: ProgramCall): boolean {
  const seen = new Set([result])
  for (const node of seen) {
    if (node === receiver) return true
    if (seen.size > 60) return false
    for (let at = forward.offsets[node]!; at < forward.offsets[node + 1]!; at += 3) if (keeps.has(forward.targets[at + 1]!)) seen.add(forward.targets[at]!)
  }
  return false
}

const keeps: ReadonlySet<number> = new Set([edgeKinds.copy, edgeKinds.filter, edgeKinds.guard])
