import { expect, test } from 'vitest'
import { analyse } from '../analyse.ts'
import { readerOf } from './reading.ts'

/** What is known of field `secure` of the options that `use` is called with. */
function secureOf(files: Readonly<Record<string, string>>) {
  const reader = readerOf(analyse(new Map(Object.entries(files)), new Map()))
  const [call] = reader.callsNamed('use')
  const { constants, isOpen } = reader.read(call!.args[0], 'secure')
  return { values: constants.map(({ value }) => value).toSorted(), isOpen, isLacking: reader.isLacking(call!.args[0], 'secure') }
}

const known = (...values: readonly unknown[]) => ({ values, isOpen: false, isLacking: false })
const open = (...values: readonly unknown[]) => ({ values, isOpen: true, isLacking: false })

test.each([
  ['is written in the literal', `use({ secure: false })`, known(false)],
  ['is a constant of its own', `const secure = false; use({ secure })`, known(false)],
  ['is set later', `const options = {}; options.secure = false; use(options)`, known(false)],
  ['is overwritten later', `const options = { secure: false }; options.secure = true; use(options)`, known(true)],
  ['is spread in', `const defaults = { secure: false }; use({ ...defaults, path: '/' })`, known(false)],
  ['is spread in before the last word', `const defaults = { secure: false }; use({ ...defaults, secure: true })`, known(true)],
  ['is spread in after the last word', `const defaults = { secure: false }; use({ secure: true, ...defaults })`, known(false, true)],
  ['is merged in', `const defaults = { secure: false }; use(Object.assign({}, defaults))`, known(false)],
  ['comes from a function', `function options() { return { secure: false } } use(options())`, known(false)],
  ['comes from a caller', `function start(options) { use(options) } start({ secure: false })`, known(false)],
  ['comes from what a function gives back', `const same = (x) => x; use(same({ secure: false })); same({ secure: true })`, known(false)],
  ['comes from what a function wraps', `const ok = (value) => ({ value }); const own = ok({ secure: false }); ok({ secure: true }); use(own.value)`, known(false)],
  ['is a choice', `use({ secure: x ? true : false })`, known(false, true)],
  ['has a default', `use({ secure: process.env.SECURE || false })`, open(false)],
  ['has a default in a parameter', `module.exports = ({ secure = false }) => use({ secure })`, open(false)],
  ['is not known', `module.exports = (options) => use(options)`, open()],
  ['is perhaps spread in', `module.exports = (options) => use({ ...options })`, open()],
  ['is missing', `use({ path: '/' })`, { values: [], isOpen: false, isLacking: true }],
  ['is missing in a variable', `const options = { path: '/' }; use(options)`, { values: [], isOpen: false, isLacking: true }],
])('a field that %s', (_, text, expected) => {
  expect(secureOf({ 'a.js': text })).toEqual(expected)
})

test('a field is read through the files that hand it on', () => {
  expect(secureOf({ 'a.js': `exports.options = { secure: false }`, 'b.js': `module.exports = require('./a')`, 'c.js': `const { options } = require('./b'); use(options)` })).toEqual(known(false))
})

test('a field that leads in circles is read to an end', () => {
  expect(secureOf({ 'a.js': `let a = {}, b = {}; for (;;) { a.secure = b; b.secure = a; a = b; b = a.secure; use(a) }` }).values).toEqual([])
})
