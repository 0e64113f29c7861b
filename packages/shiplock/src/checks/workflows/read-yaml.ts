import { Composer, isAlias, isMap, isScalar, isSeq, Parser, type CST, type Document, type ParsedNode } from 'yaml'
import { scalarsWithin, type Entry, type Node, type Range, type ScalarNode } from './tree.ts'

export type YamlTree = { readonly ok: true; readonly root: Node } | { readonly ok: false; readonly problem: string; readonly at: Range; /** GitHub may well read it. */ readonly isLimit: boolean }

/** No workflow comes near these; what goes beyond them was made to be expensive. */
const deepest = 64
const mostNodes = 50_000
const mostAliases = 200
/** Of one value: GitHub's parser takes the square of their number. */
const mostExpressions = 1000

/**
 * Reads YAML into a tree of plain data with positions, aliases resolved. Each step is bounded before the next one runs:
 * the concrete syntax is read without recursion and measured, and only then composed and followed through its aliases.
 */
export function readYaml(text: string): YamlTree {
  const tokens = [...new Parser().parse(text)]
  const directive = tokens.find(({ type }) => type === 'directive')
  if (directive) return beyondLimit('it begins with a directive, by which one parser reads it otherwise than another', { start: directive.offset, end: directive.offset })
  const { depth, aliases } = measure(tokens)
  if (depth > deepest) return beyondLimit(`it is nested deeper than ${deepest} levels`)
  if (aliases > mostAliases) return beyondLimit(`it has more than ${mostAliases} aliases`)
  const documents = [...new Composer({ uniqueKeys: false, logLevel: 'silent' }).compose(tokens, true, text.length)]
  const [document, second] = documents
  if (!document) return { ok: false, problem: 'it is empty', at: { start: 0, end: 0 }, isLimit: false }
  if (second) return { ok: false, problem: 'it holds more than one YAML document', at: toRange(second.range), isLimit: false }
  const [error] = document.errors
  if (error) return { ok: false, problem: firstLine(error.message), at: { start: error.pos[0], end: error.pos[1] }, isLimit: false }
  const root = build(document)
  if (!root) return beyondLimit(`it has more than ${mostNodes} values once its aliases are followed, or they lead back to themselves`)
  const crowded = [...scalarsWithin(root)].find(({ text: value }) => value.split('${{', mostExpressions + 2).length > mostExpressions + 1)
  if (crowded) return beyondLimit(`one value has more than ${mostExpressions} expressions`, crowded)
  return { ok: true, root }
}

const beyondLimit = (problem: string, at: Range = { start: 0, end: 0 }): YamlTree => ({ ok: false, problem, at, isLimit: true })

/** Iterative, since what it guards against is a stack that overflows. */
function measure(tokens: readonly CST.Token[]): { depth: number; aliases: number } {
  const pending: [CST.Token, number][] = tokens.map((token) => [token, 0])
  let depth = 0
  let aliases = 0
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [token, level] = next
    depth = Math.max(depth, level)
    if (token.type === 'alias') aliases++
    if (token.type === 'document' && token.value) pending.push([token.value, level + 1])
    if ('items' in token)
      for (const { key, value } of token.items) {
        if (key) pending.push([key, level + 1])
        if (value) pending.push([value, level + 1])
      }
  }
  return { depth, aliases }
}

/** Undefined where aliases lead round in a circle or expand beyond the limit. */
function build(document: Document.Parsed): Node | undefined {
  const anchors = new Map<string, ParsedNode>()
  const open = new Set<ParsedNode>()
  let count = 0
  const convert = (node: ParsedNode | null | undefined, at: Range): Node | undefined => {
    if (++count > mostNodes) return undefined
    if (!node) return { kind: 'scalar', value: null, text: '', ...at }
    const range = toRange(node.range)
    if (isAlias(node)) {
      const target = anchors.get(node.source)
      if (!target) return { kind: 'scalar', value: null, text: '', ...range }
      return open.has(target) ? undefined : convert(target, range)
    }
    if (node.anchor !== undefined) anchors.set(node.anchor, node)
    if (isScalar(node)) return scalar(node.value, range)
    open.add(node)
    const result = isSeq(node) ? list(node.items as ParsedNode[], range) : isMap(node) ? mapping(node.items as { key: ParsedNode; value: ParsedNode | null }[], range) : undefined
    open.delete(node)
    return result
  }
  const list = (children: readonly ParsedNode[], range: Range): Node | undefined => {
    const items: Node[] = []
    for (const child of children) {
      const item = convert(child, range)
      if (!item) return undefined
      items.push(item)
    }
    return { kind: 'list', items, ...range }
  }
  const mapping = (pairs: readonly { key: ParsedNode; value: ParsedNode | null }[], range: Range): Node | undefined => {
    const entries: Entry[] = []
    for (const pair of pairs) {
      const key = convert(pair.key, range)
      const value = convert(pair.value, key ?? range)
      if (!key || !value) return undefined
      if (key.kind === 'scalar') entries.push({ key, value })
    }
    return { kind: 'mapping', entries, ...range }
  }
  return convert(document.contents, { start: 0, end: 0 })
}

const scalar = (value: unknown, range: Range): ScalarNode => {
  const known = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : value === null || value === undefined ? null : String(value)
  return { kind: 'scalar', value: known, text: known === null ? '' : String(known), ...range }
}

const toRange = (range: readonly [number, number, number] | null | undefined): Range => ({ start: range?.[0] ?? 0, end: range?.[1] ?? 0 })

const firstLine = (message: string) => message.split('\n', 1)[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? message
