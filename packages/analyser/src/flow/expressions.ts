import { edgeKinds, type EdgeKind, type RegexLiteral, type SlowRegex } from '../model/file-model.ts'
import { edgesOf } from './edges.ts'
import type { Paths } from './paths.ts'
import type { Program, ProgramCall } from './program.ts'
import { ValueFacts } from './value-facts.ts'
import type { Values } from './values.ts'

/** A regular expression that some text makes slow, and the file that it stands in. */
export interface SlowExpression {
  readonly file: number
  readonly regex: RegexLiteral & { readonly slow: SlowRegex }
}

const mostAtNode = 250

const matchersOfText = new Set(['match', 'matchAll', 'replace', 'replaceAll', 'search', 'split'])
const matchersOfExpression = new Set(['test', 'exec'])

/** The text that a call matches with an expression, and that expression, as far as its name says that it does; else -1. */
export function matched({ name, receiver, args }: ProgramCall): { readonly subject: number; readonly expression: number } {
  if (matchersOfText.has(name)) return { subject: receiver, expression: args[0] ?? -1 }
  return matchersOfExpression.has(name) ? { subject: args[0] ?? -1, expression: receiver } : { subject: -1, expression: -1 }
}

/**
 * Follows slow expressions from where they stand to where they are used, through variables, fields, tables and calls that
 * are known by now. On their own, since tables of them are merged and copied whole: they must not crowd out functions.
 */
export function followExpressions(program: Program, paths: Paths, values: Values): (node: number) => readonly SlowExpression[] {
  const { files, bases, forward, backward, nodeCount } = program
  const { linked, linkedBack } = values
  const expressions: SlowExpression[] = []
  for (const [file, { regexes }] of files.entries()) for (const { slow, ...regex } of regexes) if (slow) expressions.push({ file, regex: { ...regex, slow } })
  if (expressions.length === 0) return () => []
  const facts = new ValueFacts(nodeCount, 4096)
  const wanted = wayToMatchers(program, values)

  const add = (node: number, value: number, path: number, isMutation: boolean): void => {
    if (path >= 0 && (isMutation ? wanted.put : wanted.arriving)[node] === 1) facts.note(node, facts.terms.add(value, path), isMutation, mostAtNode)
  }
  const through = (to: number, kind: number, data: number, value: number, path: number): void => {
    switch (kind as EdgeKind) {
      case edgeKinds.copy:
      case edgeKinds.filter:
      case edgeKinds.guard:
      case edgeKinds.spread:
        return add(to, value, path, false)
      case edgeKinds.load:
        return path === 0 ? undefined : add(to, value, paths.rest(path, data), false)
      case edgeKinds.store:
        return add(to, value, paths.join(data, path), true)
    }
  }

  for (const [value, { file, regex }] of expressions.entries()) add(regex.node + bases[file]!, value, 0, false)
  while (facts.work.length > 0) {
    const state = facts.work.pop()!
    const fact = facts.work.pop()!
    const node = facts.nodeOf(fact)
    const value = facts.valueAt(fact)
    const path = facts.pathAt(fact)
    if ((state & 1) !== 0) {
      for (let at = forward.offsets[node]!; at < forward.offsets[node + 1]!; at += 3) through(forward.targets[at]!, forward.targets[at + 1]!, forward.targets[at + 2]!, value, path)
      for (let link = linked.first[node]!; link >= 0; link = linked.next[link]!) through(linked.targets[link]!, linked.kinds[link]!, linked.data[link]!, value, path)
    }
    if ((state & 2) === 0) continue
    const back = (from: number, kind: number, data: number) => add(from, value, kind === edgeKinds.load ? paths.join(data, path) : path, true)
    for (let at = backward.offsets[node]!; at < backward.offsets[node + 1]!; at += 3) back(backward.targets[at]!, backward.targets[at + 1]!, backward.targets[at + 2]!)
    for (let link = linkedBack.first[node]!; link >= 0; link = linkedBack.next[link]!) back(linkedBack.targets[link]!, linkedBack.kinds[link]!, linkedBack.data[link]!)
  }
  return (node) => facts.at(node).flatMap((fact) => (facts.pathAt(fact) === 0 ? expressions[facts.valueAt(fact)]! : []))
}

/** Nodes from which something comes to where a text is matched: as it arrives there, and as it is put there. */
function wayToMatchers(program: Program, values: Values): { arriving: Uint8Array; put: Uint8Array } {
  const { calls, constants, nodeCount } = program
  const { backward, forward } = edgesOf(program, values)
  const { linked, linkedBack } = values
  const arriving = new Uint8Array(nodeCount)
  const put = new Uint8Array(nodeCount)
  const work: number[] = []
  const arrive = (node: number) => {
    if (arriving[node] === 1) return
    arriving[node] = put[node] = 1
    work.push(node)
  }
  const place = (node: number) => {
    if (put[node] === 1) return
    put[node] = 1
    work.push(node)
  }
  for (const call of calls) {
    const { subject, expression } = matched(call)
    if (subject >= 0 && expression >= 0 && !constants.has(subject)) arrive(expression)
  }
  for (let node = work.pop(); node !== undefined; node = work.pop()) {
    const arrives = arriving[node] === 1
    for (let at = backward.offsets[node]!, end = backward.offsets[node + 1]!; at < end; at += 3) {
      const kind = backward.targets[at + 1]!
      if (kind === edgeKinds.store || (arrives && kind !== edgeKinds.derive && kind !== edgeKinds.key)) arrive(backward.targets[at]!)
    }
    if (arrives) for (let link = linkedBack.first[node]!; link >= 0; link = linkedBack.next[link]!) arrive(linkedBack.targets[link]!)
    for (let at = forward.offsets[node]!, end = forward.offsets[node + 1]!; at < end; at += 3) {
      const kind = forward.targets[at + 1]!
      if (kind === edgeKinds.copy || kind === edgeKinds.load || kind === edgeKinds.filter || kind === edgeKinds.guard) place(forward.targets[at]!)
    }
    for (let link = linked.first[node]!; link >= 0; link = linked.next[link]!) if (linked.kinds[link] === edgeKinds.copy || linked.kinds[link] === edgeKinds.load) place(linked.targets[link]!)
  }
  return { arriving, put }
}
