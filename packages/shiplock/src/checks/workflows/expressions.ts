import { Lexer, Parser, type Expr } from '@actions/expressions'
import { Binary, ContextAccess, FunctionCall, Grouping, IndexAccess, Literal, Logical, Star, Unary } from '@actions/expressions/ast'
import { TokenType } from '@actions/expressions/lexer'
import { admits } from './admission.ts'
import type { Range, ScalarNode } from './tree.ts'
import type { Comparison, ContextPath, Call, Expression } from './workflow.ts'

const contexts = ['github', 'env', 'vars', 'job', 'jobs', 'steps', 'runner', 'secrets', 'strategy', 'matrix', 'needs', 'inputs']
const functions = ['hashFiles', 'always', 'success', 'failure', 'cancelled'].map((name) => ({ name, minArgs: 0, maxArgs: 255 }))

/** The expressions of a scalar, at their places in the file: the n-th `${{` of the value is the n-th of its source text. */
export function expressionsIn(node: ScalarNode, text: string): Expression[] {
  if (!node.text.includes('${{')) return []
  const raw = scan(text.slice(node.start, node.end))
  const found = scan(node.text)
  return found.map(({ source }, index) => {
    const place = raw.length === found.length ? raw[index] : undefined
    const range = place ? { start: node.start + place.start, end: node.start + place.end } : { start: node.start, end: node.end }
    return { ...readExpression(source), ...range }
  })
}

/** An expression without its place. */
export function readExpression(source: string): Omit<Expression, keyof Range> {
  const tree = parse(source)
  const below = [...within(tree)]
  return { source, isValid: tree !== undefined, values: valuePaths(tree), paths: allPaths(tree), comparisons: below.flatMap(comparisonsOf), calls: below.flatMap(callsOf), admits: (event) => admits(tree, event, pathOf) }
}

function comparisonsOf(tree: Expr): Comparison[] {
  if (!(tree instanceof Binary)) return []
  const operator = tree.operator.type === TokenType.EQUAL_EQUAL ? '==' : tree.operator.type === TokenType.BANG_EQUAL ? '!=' : undefined
  const path = pathOf(tree.left) ?? pathOf(tree.right)
  const literal = literalOf(tree.right) ?? literalOf(tree.left)
  return operator && path !== undefined && literal !== undefined ? [{ path, operator, literal }] : []
}

function callsOf(tree: Expr): Call[] {
  if (!(tree instanceof FunctionCall)) return []
  return [{ name: tree.functionName.lexeme.toLowerCase(), arguments: tree.args.map((argument) => ({ path: pathOf(argument), literal: literalOf(argument) })) }]
}

/** GitHub refuses longer ones, and `validity.ts` says so; what is nested in them would fill the stack. */
const longest = 21_000

function parse(source: string): Expr | undefined {
  if (source.length > longest) return undefined
  try {
    return new Parser(new Lexer(source).lex().tokens, contexts, functions).parse()
  } catch {
    // The library's only way to say that an expression is not valid; `validity.ts` reports it with its message.
    return undefined
  }
}

function scan(text: string): (Range & { source: string })[] {
  const found: (Range & { source: string })[] = []
  let from = 0
  for (let start = text.indexOf('${{', from); start !== -1; start = text.indexOf('${{', from)) {
    const end = closing(text, start + 3)
    if (end === undefined) return found
    found.push({ source: text.slice(start + 3, end).trim(), start, end: end + 2 })
    from = end + 2
  }
  return found
}

/** `}}` within a string literal does not close. */
function closing(text: string, from: number): number | undefined {
  let isString = false
  for (let index = from; index < text.length; index++) {
    if (text[index] === "'") isString = !isString
    else if (!isString && text[index] === '}' && text[index + 1] === '}') return index
  }
  return undefined
}

/** The contexts whose text can be part of the result. A comparison's is not: its result is true or false. */
function valuePaths(tree: Expr | undefined): ContextPath[] {
  if (tree instanceof Grouping) return valuePaths(tree.group)
  if (tree instanceof Logical) {
    // What `a && b` leaves of `a` is empty, false or zero.
    const operands = tree.operator.type === TokenType.AND ? tree.args.slice(-1) : tree.args
    return operands.flatMap(valuePaths)
  }
  if (tree instanceof FunctionCall) return yieldsText(tree.functionName.lexeme) ? tree.args.flatMap(valuePaths) : []
  const path = pathOf(tree)
  return path === undefined ? [] : [path]
}

const yieldsText = (name: string) => /^(?:format|join|tojson|fromjson|case)$/i.test(name)

/** Every context that an expression looks at, for whatever purpose. */
function allPaths(tree: Expr | undefined): ContextPath[] {
  const path = pathOf(tree)
  const below = childrenOf(tree).flatMap(allPaths)
  return path === undefined ? below : [path, ...below.filter((other) => !path.startsWith(other))]
}

function* within(tree: Expr | undefined): Generator<Expr> {
  if (!tree) return
  yield tree
  for (const child of childrenOf(tree)) yield* within(child)
}

function childrenOf(tree: Expr | undefined): Expr[] {
  if (tree instanceof Grouping) return [tree.group]
  if (tree instanceof Logical) return tree.args
  if (tree instanceof Binary) return [tree.left, tree.right]
  if (tree instanceof Unary) return [tree.expr]
  if (tree instanceof FunctionCall) return tree.args
  if (tree instanceof IndexAccess) return [tree.expr, tree.index]
  return []
}

function pathOf(tree: Expr | undefined): ContextPath | undefined {
  if (tree instanceof ContextAccess) return tree.name.lexeme.toLowerCase()
  if (tree instanceof FunctionCall && /^fromjson$/i.test(tree.functionName.lexeme)) return pathOf(tree.args[0])
  if (!(tree instanceof IndexAccess)) return undefined
  const parent = pathOf(tree.expr)
  if (parent === undefined) return undefined
  if (tree.index instanceof Star) return `${parent}.*`
  const index = literalOf(tree.index)
  return index === undefined ? `${parent}.?` : /^\d+$/.test(index) ? `${parent}.*` : `${parent}.${index.toLowerCase()}`
}

function literalOf(tree: Expr | undefined): string | undefined {
  return tree instanceof Literal ? tree.literal.coerceString() : undefined
}
