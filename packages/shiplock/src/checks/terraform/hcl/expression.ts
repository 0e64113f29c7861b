import type { Cursor } from './cursor.ts'
import type { Expression, ForExpression, ObjectEntry } from './syntax.ts'
import { readHeredoc, readQuoted } from './template.ts'

/** How strongly an operator binds (HCL specification, "Operations"). */
const strengths = new Map([['||', 1], ['&&', 2], ['==', 3], ['!=', 3], ['<', 4], ['>', 4], ['<=', 4], ['>=', 4], ['+', 5], ['-', 5], ['*', 6], ['/', 6], ['%', 6]])
const operatorSign = /\|\||&&|[=!]=|[<>]=?|[-+*/%]/y

/** Links in one chain (`a.b.c…`, `1 + 1 + …`), which nest in the tree though not in the text. */
const maxChain = 500

export function readExpression(cursor: Cursor): Expression {
  cursor.skip()
  const test = readBinary(cursor, 1)
  if (!cursor.take('?')) return test
  return enter(cursor, () => {
    const yes = readExpression(cursor)
    cursor.expect(':')
    const no = readExpression(cursor)
    return { kind: 'conditional', test, yes, no, start: test.start, end: no.end }
  })
}

/** A level deeper with lines' ends as they are meant around it. */
const enter = <T>(cursor: Cursor, read: () => T): T => cursor.nested(cursor.linesMatter, read)

/** Operators of at least that strength, those of one strength from the left. */
function readBinary(cursor: Cursor, weakest: number): Expression {
  let left = enter(cursor, () => readUnary(cursor))
  for (let links = 0; ; links++) {
    const operator = cursor.peek(operatorSign)
    const strength = strengths.get(operator ?? '')
    if (operator === undefined || strength === undefined || strength < weakest) return left
    if (links > maxChain) cursor.failAtLimit(`an expression of more than ${maxChain} parts`)
    cursor.expect(operator)
    const right = readBinary(cursor, strength + 1)
    left = { kind: 'binary', operator, left, right, start: left.start, end: right.end }
  }
}

function readUnary(cursor: Cursor): Expression {
  cursor.skip()
  const start = cursor.position
  for (const operator of ['-', '!']) {
    if (!cursor.take(operator)) continue
    const of = enter(cursor, () => readUnary(cursor))
    return { kind: 'unary', operator, of, start, end: of.end }
  }
  return readTraversal(cursor, readTerm(cursor))
}

function readTerm(cursor: Cursor): Expression {
  const start = cursor.position
  if (cursor.isAt('"')) return readQuoted(cursor)
  if (cursor.isAt('<<')) return readHeredoc(cursor)
  if (cursor.take('(')) {
    const inner = cursor.nested(false, () => {
      const value = readExpression(cursor)
      cursor.expect(')')
      return value
    })
    return { ...inner, isInParentheses: true, start, end: cursor.position }
  }
  if (cursor.take('[')) return readList(cursor, start)
  if (cursor.take('{')) return readObject(cursor, start)
  const number = cursor.takeNumber()
  if (number !== undefined) return { kind: 'literal', value: number, start, end: cursor.position }
  const name = cursor.takeIdentifier() ?? cursor.fail('expected an expression')
  return readNamed(cursor, name, start)
}

const words = new Map<string, boolean | null>([['true', true], ['false', false], ['null', null]])

function readNamed(cursor: Cursor, first: string, start: number): Expression {
  let name = first
  // `provider::google::name_from_id(…)`
  while (cursor.take('::')) name += `::${cursor.takeIdentifier() ?? cursor.fail('expected the name of a function')}`
  const end = cursor.position
  if (cursor.take('(')) return readCall(cursor, name, start)
  cursor.position = end
  const value = words.get(name)
  return value === undefined ? { kind: 'name', name, start, end } : { kind: 'literal', value, start, end }
}

function readCall(cursor: Cursor, name: string, start: number): Expression {
  return cursor.nested(false, () => {
    const args: Expression[] = []
    let isExpanded = false
    while (!cursor.take(')')) {
      args.push(readExpression(cursor))
      isExpanded = cursor.take('...')
      if (cursor.take(',') && !isExpanded) continue
      cursor.expect(')')
      break
    }
    return { kind: 'call', name, args, isExpanded, start, end: cursor.position }
  })
}

function readTraversal(cursor: Cursor, term: Expression): Expression {
  let value = term
  for (let links = 0; ; links++) {
    if (links > maxChain) cursor.failAtLimit(`an expression of more than ${maxChain} parts`)
    const { start, end: before } = value
    if (cursor.take('[')) {
      const of = value
      value = cursor.nested(false, (): Expression => {
        if (cursor.take('*')) {
          cursor.expect(']')
          return { kind: 'splat', of, start, end: cursor.position }
        }
        const key = readExpression(cursor)
        cursor.expect(']')
        return { kind: 'index', of, key, start, end: cursor.position }
      })
    } else if (cursor.isNextDot()) {
      cursor.expect('.')
      value = readMember(cursor, value)
    } else {
      cursor.position = before
      return value
    }
  }
}

function readMember(cursor: Cursor, of: Expression): Expression {
  const { start } = of
  if (cursor.take('*')) return { kind: 'splat', of, start, end: cursor.position }
  const name = cursor.takeIdentifier()
  if (name !== undefined) return { kind: 'member', of, name, start, end: cursor.position }
  const from = cursor.position
  const digits = cursor.takeDigits() ?? cursor.fail('expected the name of an attribute')
  return { kind: 'index', of, key: { kind: 'literal', value: digits, start: from, end: cursor.position }, start, end: cursor.position }
}

function readList(cursor: Cursor, start: number): Expression {
  return cursor.nested(false, () => {
    if (cursor.peekIdentifier() === 'for') {
      const loop = readFor(cursor, ']', false)
      return { ...loop, start, end: cursor.position }
    }
    const items: Expression[] = []
    while (!cursor.take(']')) {
      items.push(readExpression(cursor))
      if (cursor.take(',')) continue
      cursor.expect(']')
      break
    }
    return { kind: 'list', items, start, end: cursor.position }
  })
}

function readObject(cursor: Cursor, start: number): Expression {
  return cursor.nested(true, () => {
    cursor.skipLines()
    if (isLoop(cursor)) {
      const loop = cursor.nested(false, () => readFor(cursor, '}', true))
      return { ...loop, start, end: cursor.position }
    }
    const entries: ObjectEntry[] = []
    for (cursor.skipLines(); !cursor.take('}'); cursor.skipLines()) {
      const key = readKey(cursor)
      if (!cursor.take('=')) cursor.expect(':')
      entries.push({ key, value: readExpression(cursor) })
      cursor.skip()
      if (!cursor.take(',') && !cursor.isAt('\n') && !cursor.isAt('}')) cursor.fail('expected a comma, a new line or `}`')
    }
    return { kind: 'object', entries, start, end: cursor.position }
  })
}

/** `for` may be a key too: `{ for = 1 }`. */
function isLoop(cursor: Cursor): boolean {
  if (cursor.peekIdentifier() !== 'for') return false
  const before = cursor.position
  cursor.takeIdentifier()
  const isFollowedByName = cursor.peekIdentifier() !== undefined
  cursor.position = before
  return isFollowedByName
}

/** A bare word is a string here; anything else is an expression. */
function readKey(cursor: Cursor): Expression {
  const key = readExpression(cursor)
  return key.kind === 'name' && !key.isInParentheses ? { kind: 'literal', value: key.name, start: key.start, end: key.end } : key
}

function readFor(cursor: Cursor, closing: string, isObject: boolean): ForExpression {
  cursor.takeIdentifier()
  const names = [cursor.takeIdentifier() ?? cursor.fail('expected a name after `for`')]
  if (cursor.take(',')) names.push(cursor.takeIdentifier() ?? cursor.fail('expected a second name after `for`'))
  if (cursor.takeIdentifier() !== 'in') cursor.fail('expected `in`')
  const collection = readExpression(cursor)
  cursor.expect(':')
  const first = readExpression(cursor)
  if (isObject) cursor.expect('=>')
  const value = isObject ? readExpression(cursor) : first
  const isGrouped = cursor.take('...')
  const condition = cursor.peekIdentifier() === 'if' ? (cursor.takeIdentifier(), readExpression(cursor)) : undefined
  cursor.expect(closing)
  return { kind: 'for', names, in: collection, value, isGrouped, ...(isObject && { key: first }), ...(condition && { condition }) }
}
