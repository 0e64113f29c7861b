import { describe, expect, test } from 'vitest'
import { analyse } from '../analyse.ts'
import { findingsOf } from '../findings.ts'

/** Whether a command is said to be untrusted in a handler with this body, and these declarations beside it. */
function isTold(body: string, beside = '', others: Readonly<Record<string, string>> = {}): boolean {
  const text = `const cp = require('child_process')\n${beside}\nrequire('express')().get('/', async (req, res) => {\nconst dir = req.query.dir\n${body}\n})\n`
  const texts = new Map(Object.entries({ 'a.js': text, ...others }))
  return findingsOf(analyse(texts, new Map()), texts).some(({ rule }) => rule === 'sast/command-injection')
}

const run = `cp.exec('ls ' + dir)`
const isWord = `const isWord = (text) => /^[a-z]+$/.test(text)`

/** Each is harmless in the second column, and not in the third, which looks almost the same. */
test.each([
  ['the answer of an async function is waited for, not only its promise', `if (!(await isWord(dir))) return; ${run}`, `if (!isWord(dir)) return; ${run}`, isWord.replace('(text) =>', 'async (text) =>')],
  ['an async function that throws is waited for', `await check(dir); ${run}`, `check(dir); ${run}`, `async function check(text) { if (!/^[a-z]+$/.test(text)) throw new Error('no') }`],
  ['a generator is no function that checks', `check(dir); ${run}`, `later(dir); ${run}`, `function check(text) { if (!/^[a-z]+$/.test(text)) throw new Error('no') } function* later(text) { if (!/^[a-z]+$/.test(text)) throw new Error('no') }`],
  ['every one of a list is asked at once, not by promises', `const all = req.query.dirs; if (!all.every(isWord)) return; cp.exec('ls ' + all.join(' '))`, `const all = req.query.dirs; if (!all.every(isLater)) return; cp.exec('ls ' + all.join(' '))`, `${isWord}; const isLater = async (text) => /^[a-z]+$/.test(text)`],
  ['a function called isAlpha does what it says', `if (!isAlpha(dir)) return; ${run}`, `if (!isAlphanumeric(dir)) return; ${run}`, `const isAlpha = (text) => /^[a-z]+$/i.test(text); const isAlphanumeric = (text) => text.length > 0`],
  ['a function called isUUID is that of a package', `if (!require('validator').isUUID(dir)) return; ${run}`, `if (!own.isUUID(dir)) return; ${run}`, `const own = { isUUID: (text) => typeof text === 'string' }`],
  ['a function called isUUID is known', `if (!require('some-package').isUUID(dir)) return; ${run}`, `if (!req.app.locals.isUUID(dir)) return; ${run}`, ''],
  ['a function called assert throws', `assert(/^[a-z]+$/.test(dir)); ${run}`, `invariant(/^[a-z]+$/.test(dir)); ${run}`, `function assert(is) { if (!is) throw new Error('no') } function invariant(is) { if (!is) console.warn('no') }`],
  ['assertions of Node throw, those of the console do not', `assert(/^[a-z]+$/.test(dir)); ${run}`, `console.assert(/^[a-z]+$/.test(dir)); ${run}`, `const assert = require('assert')`],
  ['an async function asserts only where it is waited for', `await ensure(/^[a-z]+$/.test(dir)); ${run}`, `ensure(/^[a-z]+$/.test(dir)); ${run}`, `async function ensure(is) { if (!is) throw new Error('no') }`],
  ['the list is the program’s', `if (!allowed.includes(dir)) return; ${run}`, `if (!req.body.allowed.includes(dir)) return; ${run}`, `const allowed = require('./allowed.json')`],
  ['the list is not filled by whoever asks', `const seen = new Set(['a', 'b']); if (!seen.has(dir)) return; ${run}`, `const seen = new Set(['a', 'b']); seen.add(req.query.also); if (!seen.has(dir)) return; ${run}`, ''],
  ['the list is not filled elsewhere by whoever asks', `if (!known.has(dir)) return; ${run}`, `if (!learnt.has(dir)) return; ${run}`, `const known = new Set(); const learnt = new Set(); require('express')().post('/', (req, res) => { learnt.add(req.body.dir) })`],
  ['text that is looked through is the program’s', `if (!'ls,cat'.includes(dir)) return; ${run}`, `if (!req.headers.commands.includes(dir)) return; ${run}`, ''],
  ['the table is the program’s', `if (!(dir in table)) return; ${run}`, `if (!(dir in req.body)) return; ${run}`, `const table = { a: 1 }`],
  ['what is read as a number is used as one', `if (Number.isNaN(parseInt(dir, 10))) return; cp.exec('ls ' + parseInt(dir, 10))`, `if (Number.isNaN(parseInt(dir, 10))) return; ${run}`, ''],
  ['the block that checks is left by its end alone', `check: { if (!/^[a-z]+$/.test(dir)) return; if (req.query.x) break check; res.end() } ${run}`, `check: { if (!/^[a-z]+$/.test(dir)) break check; res.end() } ${run}`, ''],
  ['a block within is left, not the one that checks', `outer: { inner: { if (req.query.x) break inner; res.end() } if (!/^[a-z]+$/.test(dir)) return; } ${run}`, `outer: { inner: { if (req.query.x) break outer; res.end() } if (!/^[a-z]+$/.test(dir)) return; } ${run}`, ''],
  ['a loop that checks is not left before it has', `for (const x of [1]) { if (!/^[a-z]+$/.test(dir)) return; ${run} }`, `for (const x of [1]) { if (!/^[a-z]+$/.test(dir)) break } ${run}`, ''],
  ['the check runs', `const check = () => { if (!/^[a-z]+$/.test(dir)) throw new Error('no') }; if (!/^[a-z]+$/.test(dir)) return; check(); ${run}`, `const check = () => { if (!/^[a-z]+$/.test(dir)) throw new Error('no') }; ${run}`, ''],
  ['the check runs before the use', `if (!/^[a-z]+$/.test(dir)) return; ${run}`, `${run}; if (!/^[a-z]+$/.test(dir)) return`, ''],
  ['the check runs before the use, not later', `if (!/^[a-z]+$/.test(dir)) return; ${run}`, `setTimeout(() => { if (!/^[a-z]+$/.test(dir)) throw new Error('no') }); ${run}`, ''],
  ['the handler ends where the check fails', `if (!/^[a-z]+$/.test(dir)) { res.end(); return } ${run}`, `if (!/^[a-z]+$/.test(dir)) res.status(400).end(); ${run}`, ''],
  ['it ends in each case', `if (!/^[a-z]+$/.test(dir)) { if (req.query.x) return; else throw new Error('no') } ${run}`, `if (!/^[a-z]+$/.test(dir)) { if (req.query.x) return } ${run}`, ''],
  ['what failed is not gone on with', `try { check(dir) } catch { return } ${run}`, `try { check(dir) } catch (error) { console.error(error) } ${run}`, `function check(text) { if (!/^[a-z]+$/.test(text)) throw new Error('no') }`],
  ['what runs at the end of a try may run without its check', `try { check(dir) } finally { res.end() } ${run}`, `try { check(dir) } finally { ${run} }`, `function check(text) { if (!/^[a-z]+$/.test(text)) throw new Error('no') }`],
  ['a function that is declared runs after the check', `if (!/^[a-z]+$/.test(dir)) return; list(); function list() { ${run} }`, `list(); if (!/^[a-z]+$/.test(dir)) return; function list() { ${run} }`, ''],
  ['a function that is declared is called by another one after the check', `function show() { list() } if (!/^[a-z]+$/.test(dir)) return; show(); function list() { ${run} }`, `function show() { list() } show(); if (!/^[a-z]+$/.test(dir)) return; function list() { ${run} }`, ''],
  ['a function that is declared is not handed over before the check', `if (!/^[a-z]+$/.test(dir)) return; setTimeout(list); function list() { ${run} }`, `const go = () => list(); setTimeout(go); if (!/^[a-z]+$/.test(dir)) return; function list() { ${run} }`, ''],
  ['a function that is declared sees the value that was checked', `let at = dir; if (!/^[a-z]+$/.test(at)) return; list(); function list() { cp.exec('ls ' + at) }`, `let at = dir; if (!/^[a-z]+$/.test(at)) return; setTimeout(list); at = req.query.other; function list() { cp.exec('ls ' + at) }`, ''],
  ['no function has changed what was checked', `let at = dir; if (!/^[a-z]+$/.test(at)) return; cp.exec('ls ' + at); setTimeout(() => { at = req.query.other })`, `let at = dir; const change = () => { at = req.query.other }; if (!/^[a-z]+$/.test(at)) return; change(); cp.exec('ls ' + at)`, ''],
  ['no function has changed what was checked, however often it runs', `let at = dir; if (!/^[a-z]+$/.test(at)) return; cp.exec('ls ' + at); setTimeout(() => { at = req.query.other })`, `let at = dir; if (!/^[a-z]+$/.test(at)) return; for (;;) { cp.exec('ls ' + at); const change = () => { at = req.query.other }; change() }`, ''],
  ['what it is equal to is the program’s', `if (dir !== current) return; ${run}`, `if (dir !== req.body.current) return; ${run}`, `const current = require('./settings').current()`],
  ['a name for a check is asked', `const isRight = /^[a-z]+$/.test(dir); if (!isRight) return; ${run}`, `const isRight = /^[a-z]+$/.test(dir); if (isRight) return; ${run}`, ''],
  ['a name for a check is about the same value', `let at = dir; const isRight = /^[a-z]+$/.test(at); if (!isRight) return; cp.exec('ls ' + at)`, `let at = 'x'; const isRight = /^[a-z]+$/.test(at); at = dir; if (!isRight) return; cp.exec('ls ' + at)`, ''],
  ['all functions that may be called check', `const check = req.query.x ? isWord : isName; if (!check(dir)) return; ${run}`, `const check = req.query.x ? isWord : isLong; if (!check(dir)) return; ${run}`, `${isWord}; const isName = (text) => /^[A-Z]+$/.test(text); const isLong = (text) => text.length > 3`],
  ['a function gives back what its check said', `if (!isFine(dir)) return; ${run}`, `if (!isLost(dir)) return; ${run}`, `${isWord}; const isFine = (text) => { return isWord(text) }; const isLost = (text) => { isWord(text); return true }`],
  ['a whole line is matched, not one of several', `if (!/^[a-z]+$/.test(dir)) return; ${run}`, `if (!/^[a-z]+$/m.test(dir)) return; ${run}`, ''],
  ['a group of what was found holds what it says', `const found = /^at:([a-z]+)$/.exec(dir); if (!found) return; cp.exec('ls ' + found[1])`, `const found = /^at:(.+)$/.exec(dir); if (!found) return; cp.exec('ls ' + found[1])`, ''],
  ['a named group of what was found, or nothing', `const { groups } = dir.match(/^at:(?<name>\\w+)/) ?? []; cp.exec('ls ' + groups.name)`, `const { groups } = dir.match(/^at:(?<name>\\S+)/) ?? []; cp.exec('ls ' + groups.name)`, ''],
  ['the second group is not the first', `const [, name, rest] = /^(\\w+) (.*)$/.exec(dir) ?? []; cp.exec('ls ' + name)`, `const [, name, rest] = /^(\\w+) (.*)$/.exec(dir) ?? []; cp.exec('ls ' + rest)`, ''],
  ['what stands behind the script of a shell is text to it', `cp.spawn('sh', ['-c', 'ls "$0"', dir])`, `cp.spawn('sh', ['-c', dir])`, ''],
  ['each way through an expression is anchored', `if (!/^(?:[a-z]+|[0-9]+)$/.test(dir)) return; ${run}`, `if (!/^[a-z]+|[0-9]+$/.test(dir)) return; ${run}`, ''],
])('%s', (_, harmless, harmful, beside) => {
  expect([isTold(harmless, beside), isTold(harmful, beside)]).toEqual([false, true])
})

/** Whether a file is said to be chosen by whoever asks, in a handler with this body. */
const isChosen = (body: string): boolean => {
  const texts = new Map([['a.js', `const fs = require('fs'); const path = require('path'); const root = path.resolve('files')\nrequire('express')().get('/', (req, res) => {\nconst file = path.join(root, req.query.name)\n${body}\n})\n`]])
  return findingsOf(analyse(texts, new Map()), texts).some(({ rule }) => rule === 'sast/path-traversal')
}

test.each([
  ['of what was made before of what is checked', `const packed = file + '.gz'; if (!file.startsWith(root)) return; fs.readFile(packed)`, `const packed = file + '/../x.gz'; if (!file.startsWith(root)) return; fs.readFile(packed)`],
  ['also where a function of a package checks it', `const packed = \`${'${file}'}.gz\`; if (!require('path-is-inside')(file, root)) return; fs.readFile(packed)`, `const packed = \`${'${file}'}.gz\`; if (!require('path-is-inside')(root, file)) return; fs.readFile(packed)`],
  ['not of what something else is appended to', `const packed = file + '.gz'; if (!file.startsWith(root)) return; fs.readFile(packed)`, `const packed = file + req.query.ending; if (!file.startsWith(root)) return; fs.readFile(packed)`],
  ['of what its functions read', `if (file.slice(0, root.length) !== root) return; const packed = file + '.gz'; read(); function read() { fs.readFile(packed) }`, `const packed = file + '.gz'; read(); if (file.slice(0, root.length) !== root) return; function read() { fs.readFile(packed) }`],
])('a check of a path speaks %s', (_, harmless, harmful) => {
  expect([isChosen(harmless), isChosen(harmful)]).toEqual([false, true])
})

describe('across files', () => {
  const use = `if (!isAlpha(dir)) return; ${run}`
  const beside = `const { isAlpha } = require('./checks')`

  test('an imported function called isAlpha is judged by what it does', () => {
    expect(isTold(use, beside, { 'checks.js': `exports.isAlpha = (text) => /^[a-z]+$/.test(text)` })).toBe(false)
    expect(isTold(use, beside, { 'checks.js': `exports.isAlpha = (text) => true` })).toBe(true)
  })

  test('of a call that may mean more functions than are followed nothing is taken for checked', () => {
    const checks = (count: number) => `const all = [${Array.from({ length: count }, () => `(text) => /^[a-z]+$/.test(text)`).join(', ')}]; exports.isAlpha = (text) => all[text.length % ${count}](text)`
    expect(isTold(use, beside, { 'checks.js': checks(3) })).toBe(false)
    expect(isTold(use, beside, { 'checks.js': checks(30) })).toBe(true)
  })

  test('a list that the caller of a library hands over is his own word', () => {
    const text = `exports.run = (name, allowed) => { if (allowed.includes(name)) require('child_process').exec(name) }`
    const texts = new Map([['index.js', text]])
    expect(findingsOf(analyse(texts, new Map()), texts)).toEqual([])
    const open = new Map([['index.js', text.replace('if (allowed.includes(name))', '')]])
    expect(findingsOf(analyse(open, new Map()), open).map(({ rule }) => rule)).toEqual(['sast/command-injection'])
  })
})

test('checks that ask one another 10,000 deep end, are not believed, and are told', () => {
  const count = 10_000
  const checks = Array.from({ length: count }, (_, index) => `const f${index} = (text) => f${index + 1}(text)`).join('\n')
  const text = (first: number) => `${checks}\nfunction f${count}(text) { return /^[a-z]+$/.test(text) }\nrequire('express')().get('/', (req, res) => { if (f${first}(req.query.dir)) require('child_process').exec('ls ' + req.query.dir) })`
  const analysis = analyse(new Map([['a.js', text(0)]]), new Map())
  expect(analysis.bounds.get('guards')).toBeGreaterThan(0)
  expect(analysis.flows.map(({ sink }) => sink.name)).toEqual(['exec'])
}, 60_000)
