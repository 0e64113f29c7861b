import { edgeKinds, type EdgeKind, type RegexLiteral, type SlowRegex } from '../model/file-model.ts'
import { grown, NodeFacts, Pairs } from './pairs.ts'
import type { Paths } from './paths.ts'
import type { Program } from './program.ts'
import type { Values } from './values.ts'

/** A regular expression that some text makes slow, and the file that it stands in. */
export interface SlowExpression {
  readonly file: number
  readonly regex: RegexLiteral & { readonly slow: SlowRegex }
}

const mostAtNode = 250

/**
 * Follows slow expressions from where they stand to where they are used, through variables, fields, tables and calls that
 * are known by now. On their own, since tables of them are merged and copied whole: they must not crowd out functions.
 */
export function followExpressions({ files, bases, forward, backward, nodeCount }: Program, paths: Paths, { linked, linkedBack }: Values): (node: number) => readonly SlowExpression[] {
  const expressions: SlowExpression[] = []
  const terms = new Pairs()
  const facts = new NodeFacts(nodeCount)
  let mutations = new Uint8Array(4096)
  const work: number[] = []

  const add = (node: number, value: number, path: number, isMutation: boolean): void => {
    if (path < 0) return
    const term = terms.add(value, path)
    let fact = facts.find(node, term)
    const isNew = fact < 0
    if (isNew) {
      if (facts.sizes[node]! >= mostAtNode) return
      fact = facts.add(node, term)
      if (fact === mutations.length) mutations = grown(mutations)
    } else if (mutations[fact] === 1 || !isMutation) return
    mutations[fact] = isMutation ? 1 : 0
    work.push(fact, (isMutation ? 2 : 0) + (isNew ? 1 : 0))
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

  for (const [file, { regexes }] of files.entries())
    for (const { slow, ...regex } of regexes) if (slow) add(regex.node + bases[file]!, expressions.push({ file, regex: { ...regex, slow } }) - 1, 0, false)
  while (work.length > 0) {
    const state = work.pop()!
    const fact = work.pop()!
    const node = facts.nodeOf(fact)
    const value = terms.firsts[facts.termOf(fact)]!
    const path = terms.seconds[facts.termOf(fact)]!
    if ((state & 1) !== 0) {
      for (let at = forward.offsets[node]!; at < forward.offsets[node + 1]!; at += 3) through(forward.targets[at]!, forward.targets[at + 1]!, forward.targets[at + 2]!, value, path)
      for (let link = linked.first[node]!; link >= 0; link = linked.next[link]!) through(linked.targets[link]!, linked.kinds[link]!, linked.data[link]!, value, path)
    }
    if ((state & 2) === 0) continue
    const back = (from: number, kind: number, data: number) => add(from, value, kind === edgeKinds.load ? paths.join(data, path) : path, true)
    for (let at = backward.offsets[node]!; at < backward.offsets[node + 1]!; at += 3) back(backward.targets[at]!, backward.targets[at + 1]!, backward.targets[at + 2]!)
    for (let link = linkedBack.first[node]!; link >= 0; link = linkedBack.next[link]!) back(linkedBack.targets[link]!, linkedBack.kinds[link]!, linkedBack.data[link]!)
  }
  return (node) => {
    const found: SlowExpression[] = []
    for (let fact = facts.first[node] ?? -1; fact >= 0; fact = facts.next[fact]!) if (terms.seconds[facts.termOf(fact)] === 0) found.push(expressions[terms.firsts[facts.termOf(fact)]!]!)
    return found
  }
}
