import type { Result } from '@shiplock/findings'
import { Cursor } from './cursor.ts'
import { readExpression } from './expression.ts'
import { SyntaxProblem, type Attribute, type Block, type Body } from './syntax.ts'
import { readQuoted } from './template.ts'

/** Reads HCL's native syntax with its places. What it accepts is compared with hcl2json (`second-opinion.ts`). */
export function readHcl(text: string): Result<Body, SyntaxProblem> {
  try {
    const cursor = new Cursor(text)
    const body = readBody(cursor, false)
    return { ok: true, value: body }
  } catch (error) {
    if (error instanceof SyntaxProblem) return { ok: false, failure: error }
    throw error
  }
}

function readBody(cursor: Cursor, isNested: boolean): Body {
  const attributes: Attribute[] = []
  const blocks: Block[] = []
  const names = new Set<string>()
  for (cursor.skipLines(); ; cursor.skipLines()) {
    const start = cursor.position
    if (start >= cursor.text.length) {
      if (isNested) cursor.fail('a block is not closed')
      return { attributes, blocks }
    }
    if (isNested && cursor.take('}')) return { attributes, blocks }
    const name = cursor.takeIdentifier() ?? cursor.fail('expected an attribute or a block')
    if (isAssignment(cursor)) {
      if (names.has(name)) cursor.fail(`${name} is set twice`, start)
      names.add(name)
      attributes.push(readAttribute(cursor, name, start))
    } else blocks.push(readBlock(cursor, name, start))
    expectEndOfLine(cursor)
  }
}

function isAssignment(cursor: Cursor): boolean {
  cursor.skip()
  return cursor.isAt('=') && !cursor.isAt('==')
}

function readAttribute(cursor: Cursor, name: string, start: number): Attribute {
  cursor.expect('=')
  const value = readExpression(cursor)
  return { name, value, start, end: value.end }
}

function readBlock(cursor: Cursor, type: string, start: number): Block {
  const labels: string[] = []
  let end = cursor.position
  for (cursor.skip(); !cursor.isAt('{'); cursor.skip()) {
    labels.push(readLabel(cursor))
    end = cursor.position
  }
  cursor.expect('{')
  const body = cursor.nested(true, () => (isOneLine(cursor) ? readOneLine(cursor) : readBody(cursor, true)))
  return { type, labels, body, header: { start, end: trimmed(cursor.text, start, end) }, start, end: cursor.position }
}

const trimmed = (text: string, start: number, end: number) => start + text.slice(start, end).trimEnd().length

function readLabel(cursor: Cursor): string {
  if (!cursor.isAt('"')) return cursor.takeIdentifier() ?? cursor.fail('expected a label or `{`')
  const start = cursor.position
  const label = readQuoted(cursor)
  return label.kind === 'literal' && typeof label.value === 'string' ? label.value : cursor.fail('a label holds no templates', start)
}

function isOneLine(cursor: Cursor): boolean {
  cursor.skip()
  return cursor.text[cursor.position] !== '\n'
}

/** `name { attribute = value }`: at most one attribute, and no block (HCL specification, "Blocks"). */
function readOneLine(cursor: Cursor): Body {
  if (cursor.take('}')) return { attributes: [], blocks: [] }
  const start = cursor.position
  const name = cursor.takeIdentifier() ?? cursor.fail('expected an attribute')
  if (!isAssignment(cursor)) cursor.fail('a block on one line holds one attribute and no block', start)
  const attribute = readAttribute(cursor, name, start)
  cursor.expect('}')
  return { attributes: [attribute], blocks: [] }
}

function expectEndOfLine(cursor: Cursor): void {
  cursor.skip()
  if (cursor.position < cursor.text.length && cursor.text[cursor.position] !== '\n') cursor.fail('expected the end of the line')
}
