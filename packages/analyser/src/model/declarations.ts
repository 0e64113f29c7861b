import type { Node, Statement } from './ast.ts'
import { variableOf } from './ast.ts'
import type { Builder } from './builder.ts'
import type { Environment } from './environment.ts'
import { declareFunction } from './functions.ts'
import { statement } from './statements.ts'

type Block = readonly (Statement | Node)[]

/** A function declaration whose body is still to be read, and where it is used first: offset in the text. */
interface Declared {
  readonly start: number
  readonly end: number
  readonly reads: readonly number[]
  readonly read: (createdIn: Environment | undefined, createdAt: number) => void
  firstUse: number
}

/** Function declarations hold from the start of their block; their bodies are read when everything around them is known. */
export function hoist(b: Builder, body: Block): void {
  for (const { read } of declare(b, body)) b.later.push(() => read(undefined, 0))
}

/**
 * The statements of a block. A function that is declared in a function is read where it is used first: until then it has not been
 * called, and what was checked before that is checked for it as well.
 */
export function block(b: Builder, body: Block): void {
  const declared = declare(b, body)
  if (b.fn.outer !== undefined && declared.length > 0) noteFirstUses(declared)
  const waiting = declared.toSorted((one, other) => other.firstUse - one.firstUse || other.start - one.start)
  for (const child of body) {
    while (waiting.length > 0 && waiting.at(-1)!.firstUse < child.end) waiting.pop()!.read(b.env, child.start)
    statement(b, child)
  }
  for (const { read } of waiting.toReversed()) b.later.push(() => read(undefined, 0))
}

/** Where one of them is used in another one, that one's first use counts. `declared`: in the order of the text. */
function noteFirstUses(declared: readonly Declared[]): void {
  const usedIn = new Map<Declared, Declared[]>()
  for (const one of declared)
    for (const at of one.reads) {
      const user = around(declared, at)
      if (!user) one.firstUse = Math.min(one.firstUse, at)
      else if (usedIn.has(user)) usedIn.get(user)!.push(one)
      else usedIn.set(user, [one])
    }
  for (const first of declared.filter(({ firstUse }) => firstUse < Infinity).toSorted((one, other) => one.firstUse - other.firstUse)) {
    const work = [first]
    for (let user = work.pop(); user; user = work.pop())
      for (const used of usedIn.get(user) ?? [])
        if (used.firstUse > first.firstUse) {
          used.firstUse = first.firstUse
          work.push(used)
        }
  }
}

/** The one of them that a place of the text stands in. */
function around(declared: readonly Declared[], at: number): Declared | undefined {
  let low = 0
  let high = declared.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (declared[middle]!.end <= at) low = middle + 1
    else high = middle
  }
  const found = declared[low]
  return found && found.start <= at ? found : undefined
}

function declare(b: Builder, body: Block): Declared[] {
  const declared: Declared[] = []
  for (const child of body) {
    const ast = child.type === 'ExportNamedDeclaration' || child.type === 'ExportDefaultDeclaration' ? child.declaration : child
    if (ast?.type !== 'FunctionDeclaration') continue
    const { model, read } = declareFunction(b, ast)
    const variable = ast.id && variableOf(ast.id)
    // A name that is given something else as well may stand for another function.
    declared.push({ start: ast.start, end: ast.end, reads: variable?.definitions === 1 ? (variable.reads ?? []) : [], read, firstUse: Infinity })
    if (variable) {
      b.write(variable, model.node, ast.id!)
      b.functionOf.set(variable, model)
    }
    if (child.type === 'ExportDefaultDeclaration') b.store(b.exports, 'default', model.node, child)
  }
  return declared
}
