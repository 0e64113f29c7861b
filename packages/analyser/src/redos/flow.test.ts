import { expect, test } from 'vitest'
import { analyse } from '../analyse.ts'
import type { FindingDraft } from '@shiplock/findings'
import { findingsOf } from '../findings.ts'

const found = (files: Readonly<Record<string, string>>): FindingDraft[] => {
  const texts = new Map(Object.entries(files))
  const sources = new Map([...texts].filter(([path]) => !path.endsWith('.json')))
  return findingsOf(analyse(sources, texts), sources).filter(({ rule }) => rule.startsWith('sast/redos-'))
}
const told = (files: Readonly<Record<string, string>>) => found(files).map(({ rule, confidence = 'high', location }) => `${rule.replace('sast/redos-', '')} ${confidence} ${location!.path}:${location!.startLine}`)
const handler = (body: string, before = '') => `${before}\nrequire('express')().get('/', (req, res) => {\n${body}\n})\n`

test.each([
  ['a literal', '', `/\\s+$/.test(req.query.q)`, 3],
  ['an expression in a constant', `const END = /\\s+$/`, `req.query.q.replace(END, '')`, 1],
  ['a table of expressions', `const rules = { block: { end: /\\s+$/ } }`, `rules.block.end.exec(req.query.q)`, 1],
  ['a field of a class', `class Lexer { end = /\\s+$/; read(text) { return this.end.exec(text) } }`, `new Lexer().read(req.query.q)`, 1],
  ['a parameter', `const matches = (text, expression) => text.match(expression)`, `matches(req.query.q, /\\s+$/)`, 3],
  ['an expression made of text', `const END = new RegExp('\\\\s+' + '$')`, `req.query.q.search(END)`, 1],
  ['an expression made of another', `const SPACE = /\\s+/, END = RegExp(SPACE.source + '$', 'g')`, `req.query.q.split(END)`, 1],
  ['lines of the text', '', `for (const line of req.body.split('\\n')) /\\s+$/.exec(line)`, 3],
])('input is followed to where %s is used, and the expression is named', (_, before, body, line) => {
  expect(told({ 'a.js': handler(body, before) })).toEqual([`polynomial high a.js:${line}`])
})

test('an expression of another file is told where it is written', () => {
  expect(told({ 'a.ts': handler(`if (END.test(req.query.q)) res.end()`, `import { END } from './rules'`), 'rules.ts': `export const END = /\\s+$/\n` })).toEqual(['polynomial high rules.ts:1'])
})

test.each([
  ['its length was limited', `if (req.query.q.length > 200) return; /\\s+$/.test(req.query.q)`],
  ['its length was compared', `if (req.query.q.length === 10) /\\s+$/.test(req.query.q)`],
  ['only its beginning is read', `/\\s+$/.test(req.query.q.slice(0, 200))`],
  ['only its end is read', `/\\s+$/.test(req.query.q.slice(-200))`],
  ['it is a number', `/\\s+$/.test(Number(req.query.q))`],
  ['an expression for short text matched all of it', `if (/^[\\w ]{1,40}$/.test(req.query.q)) /\\s+$/.test(req.query.q)`],
  ['the expression is not slow', `/^\\s+x/.test(req.query.q)`],
])('nothing is said where %s', (_, body) => {
  expect(told({ 'a.js': handler(body) })).toEqual([])
})

test('a limit on the length does not help against an exponential expression that reads 40 characters', () => {
  expect(told({ 'a.js': handler(`if (req.query.q.length < 40) /^(a+)+$/.test(req.query.q)`) })).toEqual(['exponential low a.js:3'])
  expect(told({ 'a.js': handler(`/^(a+)+$/.test(req.query.q)`) })).toEqual(['exponential high a.js:3'])
})

test('how sure it is depends on who gives the text', () => {
  const exported = (regex: string) => ({ 'index.js': `exports.parse = (text) => ${regex}.test(text)\n` })
  expect(told(exported('/^(a+)+$/'))).toEqual(['exponential medium index.js:1'])
  expect(told(exported('/\\s+$/'))).toEqual(['polynomial low index.js:1'])
  expect(told({ 'index.js': `const slow = /^(a+)+$/, long = /\\s+$/\n` })).toEqual(['exponential low index.js:1'])
})

test('the surest of several ways to an expression is told', () => {
  expect(told({ 'index.js': `const END = /\\s+$/\nexports.trim = (text) => END.test(text)\n${handler(`END.test(req.query.q)`)}` })).toEqual(['polynomial high index.js:1'])
})

test('the message shows a text, in which nothing acts on a terminal', () => {
  const [finding] = found({ 'a.js': handler(`/\\u001b+$/.test(req.query.q)`) })
  expect(finding?.message).toMatch(/\.repeat\(n\)/)
  expect(finding?.message).not.toMatch(/\p{Cc}/u)
})

test('expressions are found in tables that were merged, where one of the entries is a stand-in', () => {
  const lexer = `function noop() {}
noop.exec = noop
const block = { text: /\\s+$/, none: noop }
function merge(to) { for (let i = 1; i < arguments.length; i++) for (const key in arguments[i]) to[key] = arguments[i][key]; return to }
block.normal = merge({}, block)
exports.lex = (text) => { const rules = block.normal; const found = rules.text.exec(text); return found[0].split(/ *, */) }
`
  expect(told({ 'index.js': lexer }).toSorted()).toEqual(['polynomial low index.js:3', 'polynomial low index.js:6'])
})

test('what a class of the package has of its own is called by its users, also where its entry is built from the sources', () => {
  const source = `function Decimal() {}\nDecimal.of = function (text) { return /\\s+$/.test(text) }\nmodule.exports = { Decimal }\n`
  expect(told({ 'src/index.js': source, 'dist/index.js': 'module.exports = 1\n', 'package.json': '{"main":"dist/index.js"}' })).toEqual(['polynomial low src/index.js:2'])
})

test.each([
  ['the path of a request', `/^\\/v2\\/(.+?)\\/blobs\\/(.*)$/.test(req.url)`, 0],
  ['a header', `/^(.*)@(.*)$/.test(req.headers.from)`, 0],
  ['the path, decoded', `/^\\/v2\\/(.+?)\\/blobs\\/(.*)$/.test(decodeURIComponent(req.url))`, 1],
  ['a body', `/^\\/v2\\/(.+?)\\/blobs\\/(.*)$/.test(req.body)`, 1],
  ['the path of a request, where any other character will do', `/^(.*)a(.*)b$/.test(req.url)`, 1],
])('an expression that only a line break makes slow is told where there may be one: %s', (_, body, count) => {
  expect(told({ 'a.js': handler(body) })).toHaveLength(count as number)
})
