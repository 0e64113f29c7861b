import { edgeKinds, type EdgeKind, type RegexLiteral, type SlowRegex } from '../model/file-model.ts'
import type { Paths } from './paths.ts'
import type { Program } from './program.ts'
import type { Values } from './values.ts'

/** A regular expression that some text makes slow, and the file that it stands in. */
export interface SlowExpression {
  readonly file: number
  readonly regex: RegexLiteral & { readonly slow: SlowRegex }
}

const mostAtNode = 250
const pathSpan = 1_048_576

/**
 * Follows slow expressions from where they stand to where they are used, through variables, fields, tables and calls that
 * are known by now. On their own, since tables of them are merged and copied whole: they must not crowd out functions.
 */
export function followExpressions({ files, bases, forward, backward, nodeCount }: Program, paths: Paths, { linked, linkedBack }: Values): (node: number) => readonly SlowExpression[] {
  const expressions: SlowExpression[] = []
  const facts: (Map<number, boolean> | undefined)[] = Array.from({ length: nodeCount })
  const work: number[] = []

  const add = (node: number, value: number, path: number, isMutation: boolean): void => {
    if (path < 0) return
    const here = (facts[node] ??= new Map())
    const key = value * pathSpan + path
    const known = here.get(key)
    if (known === undefined ? here.size >= mostAtNode : known || !isMutation) return
    here.set(key, isMutation)
    work.push(node, value, path, isMutation ? 1 : 0, known === undefined ? 1 : 0)
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
    const isNew = work.pop() === 1
    const isMutation = work.pop() === 1
    const path = work.pop()!
    const value = work.pop()!
    const node = work.pop()!
    if (isNew) {
      for (let at = forward.offsets[node]!; at < forward.offsets[node + 1]!; at += 3) through(forward.targets[at]!, forward.targets[at + 1]!, forward.targets[at + 2]!, value, path)
      const list = linked.get(node) ?? []
      for (let at = 0; at < list.length; at += 3) through(list[at]!, list[at + 1]!, list[at + 2]!, value, path)
    }
    if (!isMutation) continue
    const back = (from: number, kind: number, data: number) => add(from, value, kind === edgeKinds.load ? paths.join(data, path) : path, true)
    for (let at = backward.offsets[node]!; at < backward.offsets[node + 1]!; at += 3) back(backward.targets[at]!, backward.targets[at + 1]!, backward.targets[at + 2]!)
    const list = linkedBack.get(node) ?? []
    for (let at = 0; at < list.length; at += 3) back(list[at]!, list[at + 1]!, list[at + 2]!)
  }
  return (node) => [...(facts[node]?.keys() ?? [])].flatMap((key) => (key % pathSpan === 0 ? expressions[key / pathSpan]! : []))
}
