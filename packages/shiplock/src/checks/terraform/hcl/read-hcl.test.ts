import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { positionAt } from '../source-file.ts'
import { readHcl } from './read-hcl.ts'
import { readJson } from './read-json.ts'
import { disagreement } from './second-opinion.ts'
import type { Body } from './syntax.ts'

function read(text: string): Body {
  const result = readHcl(text)
  if (!result.ok) throw new Error(`${result.failure.message} at ${result.failure.at}`)
  return result.value
}

test('every attribute and block is where it is written', () => {
  const text = `# one
resource "a" "b" { /* two
three */
  x = <<-EOT
    } \${"}"}
    x = 1
  EOT
  y = "\${lookup({ a = "}" }, "a")}" // four
}\r
c {}
`
  const { blocks } = read(text)
  const [a, c] = blocks
  expect(blocks.map(({ header }) => text.slice(header.start, header.end))).toEqual(['resource "a" "b"', 'c'])
  expect(a?.body.attributes.map(({ start, end }) => text.slice(start, end))).toEqual([
    'x = <<-EOT\n    } ${"}"}\n    x = 1\n  EOT',
    'y = "${lookup({ a = "}" }, "a")}"',
  ])
  expect(positionAt({ text }, c?.start ?? 0)).toEqual({ line: 10, column: 1 })
})

test.for<[string, string]>([
  ['a string that is not closed', 'x = "a\n'],
  ['a heredoc that is not closed', 'x = <<EOT\na\n'],
  ['a block that is not closed', 'x {\n'],
  ['a comment that is not closed', 'x = 1 /* y\n'],
  ['two attributes of one name', 'x = 1\nx = 2\n'],
  ['two attributes on one line', 'x { a = 1, b = 2 }\n'],
  ['a value without a name', '= 1\n'],
  ['nothing after the equals sign', 'x =\n'],
  ['an escape that is none', 'x = "\\q"\n'],
])('%s is refused here as it is there', async ([, text]) => {
  expect(readHcl(text).ok).toBe(false)
  expect(await disagreement(text, undefined)).toMatchObject({ line: expect.any(Number) })
})

test.for<[string, string, string]>([
  ['brackets', '[', ']'],
  ['parentheses', '(', ')'],
  ['objects', '{ a = ', '}'],
  ['templates', '"${', '}"'],
  ['negations', '!', ''],
  ['conditions', 'a ? b : ', ''],
])('%s nested without end are refused and end no stack', ([, open, close]) => {
  const result = readHcl(`x = ${open.repeat(100_000)}1${close.repeat(100_000)}\n`)
  expect(result).toMatchObject({ ok: false, failure: { message: expect.stringContaining('levels deep') } })
})

test.for<[string, string]>([['members', '.a'], ['indices', '[0]'], ['sums', ' + 1']])('%s chained without end are refused', ([, link]) => {
  expect(readHcl(`x = a${link.repeat(100_000)}\n`)).toMatchObject({ ok: false, failure: { message: expect.stringContaining('parts') } })
})

test('where the two read a value differently, it is said which', async () => {
  expect(await disagreement('a {\n  x = 1\n}\n', read('a {\n  x = 2\n}\n'))).toEqual({ message: 'Terraform and Shiplock read a.0.x differently' })
  expect(await disagreement('x = 1\n', undefined)).toEqual({ message: 'Terraform can read it, Shiplock cannot' })
})

test('a megabyte that never closes is read in linear time', () => {
  for (const text of ['x = "' + '$'.repeat(1_000_000), 'x = <<A\n' + ' A B\n'.repeat(200_000), '/*'.repeat(500_000), 'a '.repeat(500_000), 'x = [' + '\n'.repeat(1_000_000)]) {
    expect(readHcl(text).ok).toBe(false)
  }
})

const name = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,6}$/).filter((it) => !['for', 'true', 'false', 'null'].includes(it))
const plainText = fc.string({ unit: fc.constantFrom('a', 'é', '😀', ' ', '{', '}', '#', '/', '*', '$', '%', '=', '[', '\t', '0') })
const withoutTemplates = (text: string) => text.replace(/[$%]+(?:\{|$)/g, '')
const quoted = plainText.map((text) => `"${text.replace(/[$%]+\{/g, (sign) => `${sign.at(-2) ?? ''}${sign.slice(-2)}`)}"`)
const comment = fc.constantFrom('', '', '', ' # } "', ' // {', ' /* " */')

const { expression } = fc.letrec<{ expression: string; template: string }>((tie) => ({
  template: fc.tuple(plainText, tie('expression'), fc.constantFrom('', '~')).map(([text, inner, strip]) => `"${withoutTemplates(text)}\${${strip}${inner.includes('\n') ? '1' : inner}${strip}}\\n\\"\\u00e9$\${x}"`),
  expression: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(quoted, name.map((it) => `var.${it}`), fc.nat().map(String), fc.constantFrom('true', 'null', '-1', '1.5e3', '!false')),
    tie('template'),
    fc.array(tie('expression'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    fc.array(tie('expression'), { maxLength: 3 }).map((items) => `[\n${items.map((item) => `  ${item}, # ]\n`).join('')}]`),
    fc.array(fc.tuple(name, tie('expression'), fc.constantFrom('=', ':')), { maxLength: 3 }).map((entries) => `{\n${entries.map(([key, value, sign]) => `  ${key} ${sign} ${value} // }\n`).join('')}}`),
    fc.tuple(tie('expression'), tie('expression')).map(([left, right]) => `(${left} == ${right})`),
    fc.tuple(name, tie('expression')).map(([it, arg]) => `${it}(${arg}, [])`),
    fc.tuple(tie('expression'), tie('expression'), tie('expression')).map(([a, b, c]) => `(${a}) ? ${b} : ${c}`),
    tie('expression').map((item) => `[for k, v in [${item}] : v if true]`),
    tie('expression').map((item) => `{ for k, v in [${item}] : k => v... }`),
    tie('expression').map((item) => `[${item}][0].a.0[*].b`),
  ),
}))

const heredoc = fc.tuple(fc.constantFrom('', '-'), fc.array(plainText.map(withoutTemplates))).map(([dash, lines]) => `<<${dash}EOT\n${lines.map((line) => `  ${line}\n`).join('')}  EOT`)
const attribute = fc.tuple(name, fc.oneof({ weight: 4, arbitrary: expression }, { weight: 1, arbitrary: heredoc }), comment).map(([it, value, end]) => `${it} = ${value}${value.endsWith('EOT') ? '' : end}\n`)
const distinct = (lines: readonly string[]) => [...new Map(lines.map((line) => [/^[\w-]+/.exec(line)?.[0] ?? '', line])).values()].join('')

const { body } = fc.letrec<{ body: string; block: string }>((tie) => ({
  block: fc.tuple(name, fc.array(name.map((it) => `"${it}"`), { maxLength: 2 }), tie('body')).map(([type, labels, inner]) => `b${labels.length}_${type} ${labels.join(' ')} {\n${inner}}\n`),
  body: fc.oneof({ maxDepth: 3 }, fc.array(attribute, { maxLength: 4 }).map(distinct), fc.tuple(fc.array(attribute, { maxLength: 3 }).map(distinct), fc.array(tie('block'), { maxLength: 2 })).map(([attributes, blocks]) => attributes + blocks.join('\n# between\n'))),
}))

test('what is written at random is seen by both with the same blocks, attributes and values', async () => {
  await fc.assert(
    fc.asyncProperty(body, fc.constantFrom('\n', '\r\n'), async (text, newLine) => {
      const source = text.replaceAll('\n', newLine)
      expect(await disagreement(source, read(source))).toBeUndefined()
    }),
    { numRuns: 150 },
  )
})

const sample = 'resource "a" "b" {\n  x = "s${var.x}t" # hi\n  y = [1, true, { a = "b", "c" : 2 }]\n  d = <<-EOT\n    %{ if a }x%{ endif }\n  EOT\n  z = var.a ? -1 : c[0].*.d\n  e { f = g(h...) }\n}\n'

test('what is broken at random is refused or read alike, and never throws', async () => {
  const edit = fc.tuple(fc.nat(sample.length), fc.nat(4), fc.constantFrom('', '"', '${', '%{', '}', '{', '[', ']', '(', '\n', '<<A\n', '/*', '#', '\\', '=', '.', ',', '?', ':', '-', '\r', '*', '~', 'for '))
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
      const text = edits.reduce((before, [at, length, piece]) => before.slice(0, at) + piece + before.slice(at + length), sample)
      const result = readHcl(text)
      const other = await disagreement(text, result.ok ? result.value : undefined)
      // Where they differ it is said; here no difference is known.
      expect(other?.message ?? '').not.toMatch(/differently|Shiplock cannot/)
    }),
    { numRuns: 500 },
  )
})

test('blocks of one type with different numbers of labels are told, and do not end the parser for the files after', async () => {
  const text = 'a {\n  b {\n  }\n  b "x" {\n  }\n}\n'
  expect(await disagreement(text, read(text))).toEqual({ message: 'blocks of one type have different numbers of labels: b.x' })
  expect(await disagreement('a = 1\n', read('a = 1\n'))).toBeUndefined()
})

test('a NUL character, which the two parsers take differently, is never passed over', async () => {
  const text = 'd = <<-EOT\n  x\n  E\0OT\n  EOT\n'
  const result = readHcl(text)
  const other = await disagreement(text, result.ok ? result.value : undefined)
  expect(result.ok && other === undefined).toBe(false)
})

test('JSON that is broken at random is refused or read, and never throws', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.tuple(fc.json(), fc.nat(), fc.string()).map(([json, at, piece]) => json.slice(0, at) + piece + json.slice(at))), (text) => {
    expect(readJson(text).ok).toBe(readJson(text).ok)
  }))
  expect(readJson('{"a":'.repeat(100_000))).toMatchObject({ ok: false, failure: { isLimit: true } })
  expect(readJson(JSON.stringify({ a: '${' + '('.repeat(100_000), b: '%{ if' }))).toMatchObject({ ok: true })
})
