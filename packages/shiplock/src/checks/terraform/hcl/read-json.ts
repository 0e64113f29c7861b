import type { Result } from '@shiplock/findings'
import { parseTree, type Node, type ParseError } from 'jsonc-parser'
import { Cursor } from './cursor.ts'
import { SyntaxProblem, type Block, type Body, type Expression, type Span } from './syntax.ts'
import { readTemplate, template } from './template.ts'

const maxDepth = 200

/** How many levels of keys are labels (Terraform, "JSON Configuration Syntax"); 0 for all others. */
const labelCounts = new Map([['resource', 2], ['data', 2], ['ephemeral', 2], ['module', 1], ['variable', 1], ['output', 1], ['provider', 1], ['backend', 1], ['dynamic', 1], ['provisioner', 1]])

/**
 * JSON does not say which object is a block and which a value: only a provider's schema does. So each object is both
 * here, and who asks decides.
 */
export function readJson(text: string): Result<Body, SyntaxProblem> {
  try {
    refuseDeep(text)
    const errors: ParseError[] = []
    const root = parseTree(text, errors, { disallowComments: true })
    const [error] = errors
    if (error) throw new SyntaxProblem('this is no JSON', error.offset)
    if (root?.type !== 'object') throw new SyntaxProblem('expected a JSON object', 0)
    return { ok: true, value: toBody(root) }
  } catch (error) {
    if (error instanceof SyntaxProblem) return { ok: false, failure: error }
    throw error
  }
}

/** The JSON parser recurses; so it must not see what would end its stack. */
function refuseDeep(text: string): void {
  let depth = 0
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\\n]|\\.)*"|[[\]{}]/g)) {
    if (token === '[' || token === '{') depth++
    else if (token === ']' || token === '}') depth--
    if (depth > maxDepth) throw new SyntaxProblem(`nested more than ${maxDepth} levels deep`, index, true)
  }
}

const spanOf = ({ offset, length }: Node): Span => ({ start: offset, end: offset + length })

function* properties(node: Node): Generator<readonly [name: string, key: Node, value: Node, property: Node]> {
  for (const property of node.children ?? []) {
    const [key, value] = property.children ?? []
    if (!key || !value) throw new SyntaxProblem('a property without a value', property.offset)
    if (key.value !== '//') yield [String(key.value), key, value, property]
  }
}

function toBody(node: Node): Body {
  const attributes = [...properties(node)].map(([name, , value, property]) => ({ name, value: toExpression(value), ...spanOf(property) }))
  const blocks = [...properties(node)].flatMap(([name, key, value]) => [...toBlocks(value, { type: name, labels: [], header: spanOf(key) }, labelCounts.get(name) ?? 0)])
  return { attributes, blocks }
}

function* toBlocks(node: Node, head: Pick<Block, 'type' | 'labels' | 'header'>, labelsLeft: number): Generator<Block> {
  if (node.type === 'array') for (const item of node.children ?? []) yield* toBlocks(item, head, labelsLeft)
  else if (node.type === 'object' && labelsLeft === 0) yield { ...head, body: toBody(node), ...spanOf(node) }
  else if (node.type === 'object')
    for (const [name, key, value] of properties(node)) yield* toBlocks(value, { ...head, labels: [...head.labels, name], header: spanOf(key) }, labelsLeft - 1)
}

function toExpression(node: Node): Expression {
  const span = spanOf(node)
  if (node.type === 'string') return placedAt(readText(String(node.value)), span)
  if (node.type === 'array') return { kind: 'list', items: (node.children ?? []).map(toExpression), ...span }
  if (node.type === 'object')
    return { kind: 'object', entries: [...properties(node)].map(([name, key, value]) => ({ key: { kind: 'literal', value: name, ...spanOf(key) }, value: toExpression(value) })), ...span }
  const value: unknown = node.value
  return { kind: 'literal', value: typeof value === 'number' || typeof value === 'boolean' ? value : null, ...span }
}

/** A string that is no template (a regular expression in a description) is only text to us. */
function readText(text: string): Expression {
  try {
    return template(readTemplate(new Cursor(text)), 0, text.length)
  } catch (error) {
    if (error instanceof SyntaxProblem) return { kind: 'template', parts: [undefined], start: 0, end: text.length }
    throw error
  }
}

/** Escapes in JSON shift what is inside a string, so all of it is where the string is. */
function placedAt<T>(value: T, span: Span): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item: unknown) => placedAt(item, span)) as T
  const placed = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, placedAt(item, span)]))
  return (placed['start'] === undefined ? placed : { ...placed, ...span }) as T
}
