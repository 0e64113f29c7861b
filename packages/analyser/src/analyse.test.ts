import { expect, test } from 'vitest'
import { analyse } from './analyse.ts'
import { findingsOf } from './findings.ts'

/** `rule@file:line` of each finding in a program given as files. */
function found(files: Readonly<Record<string, string>>, documents: Readonly<Record<string, string>> = {}): string[] {
  const texts = new Map(Object.entries(files))
  return findingsOf(analyse(texts, new Map(Object.entries(documents))), texts).map(({ rule, location }) => `${rule.replace('sast/', '')}@${location!.path}:${location!.startLine}`)
}

const handler = (body: string) => `const cp = require('child_process')\nrequire('express')().get('/', (req, res) => {\n${body}\n})\n`

test.each([
  ['a field of the query', `cp.exec('ls ' + req.query.dir)`],
  ['a destructured field', `const { dir } = req.query; cp.exec(\`ls \${dir}\`)`],
  ['a field of an object', `const job = { dir: req.query.dir }; cp.exec(job.dir)`],
  ['a value handed to a closure', `const dir = req.query.dir; [1].forEach(() => cp.exec(dir))`],
  ['an element of an array', `for (const dir of req.query.dirs) cp.exec(dir)`],
  ['a promise', `Promise.resolve(req.query.dir).then((dir) => cp.exec(dir))`],
  ['a promise of its own', `new Promise((resolve) => resolve(req.query.dir)).then((dir) => cp.exec(dir))`],
  ['what a function gives back', `const id = (x) => x; cp.exec(id(req.query.dir))`],
  ['text taken apart and joined', `cp.exec(req.query.dirs.split(',').map((dir) => dir.trim()).join(' '))`],
  ['a variable that was harmless before', `let dir = 'x'; if (Math.random()) dir = req.query.dir; cp.exec(dir)`],
  ['a variable of a loop', `let line = ''; for (const dir of req.query.dirs) line += dir; cp.exec(line)`],
  ['a check whose result nobody asks for', `/^[a-z]+$/.test(req.query.dir); cp.exec(req.query.dir)`],
])('%s is followed to a command', (_, body) => {
  expect(found({ 'a.js': handler(body) })).toEqual(['command-injection@a.js:3'])
})

test.each([
  ['it matches an expression for words', `if (/^[a-z]+$/.test(req.query.dir)) cp.exec('ls ' + req.query.dir)`],
  ['the handler returned otherwise', `const dir = req.query.dir; if (!/^[a-z]+$/.test(dir)) return; cp.exec(dir)`],
  ['a list has it', `if (['a', 'b'].includes(req.query.dir)) cp.exec(req.query.dir)`],
  ['it equals a constant', `switch (req.query.dir) { case 'a': cp.exec(req.query.dir) }`],
  ['it is a number by then', `cp.exec('kill ' + Number(req.query.pid))`],
  ['a function has checked it', `function isDir(x) { return /^[a-z]+$/.test(x) } if (isDir(req.query.dir)) cp.exec(req.query.dir)`],
  ['a function has thrown otherwise', `function check(x) { if (!/^[a-z]+$/.test(x)) throw new Error() } const dir = req.query.dir; check(dir); cp.exec(dir)`],
  ['all else was removed from it', `const dir = req.query.dir.replace(/[^a-z]/g, ''); cp.exec(dir)`],
  ['it was overwritten', `let dir = req.query.dir; dir = 'x'; cp.exec(dir)`],
  ['it is an argument of a program without a shell', `cp.execFile('ls', ['--', req.query.dir])`],
])('nothing is said of a command where %s', (_, body) => {
  expect(found({ 'a.js': handler(body) }).filter((it) => it.startsWith('command'))).toEqual([])
})

test('a value is followed through three files, by import, export and re-export', () => {
  const files = {
    'routes.ts': `import { Router } from 'express'\nimport { list } from './service'\nRouter().get('/', (req, res) => { list(req.query.dir as string) })\n`,
    'service.ts': `export * from './shell'\n`,
    'shell.ts': `import { exec } from 'node:child_process'\nexport function list(dir: string) {\n  exec(\`ls \${dir}\`)\n}\n`,
  }
  expect(found(files)).toEqual(['command-injection@shell.ts:3'])
})

test('a call gets back what it handed over, not what another call did', () => {
  const body = `const same = (x) => x\nconst mine = same('ls')\nsame(req.query.dir)\ncp.exec(mine)`
  expect(found({ 'a.js': handler(body) })).toEqual([])
})

test('a merge that takes over every name is told, one that leaves out __proto__ is not', () => {
  const merge = (guard: string) => `module.exports = function merge(to, from) { for (const key in from) { ${guard} if (typeof to[key] === 'object') merge(to[key], from[key]); else to[key] = from[key] } return to }\n`
  expect(found({ 'index.js': merge('') })).toEqual(['prototype-pollution@index.js:1'])
  expect(found({ 'index.js': merge(`if (key === '__proto__') continue;`) })).toEqual([])
})

test('parameters of what nobody else can call are not untrusted, input of requests still is', () => {
  const sources = new Map([['index.js', `${handler(`cp.exec(req.query.dir)`)}exports.pack = (name) => require('child_process').exec(name)\n`]])
  const lines = (isPublished: boolean) => findingsOf(analyse(sources, new Map(), { isPublished: () => isPublished }), sources).map(({ location }) => location!.startLine)
  expect([lines(true), lines(false)]).toEqual([[3, 5], [3]])
})

test('the result does not depend on the order in which files are given', () => {
  const files = { 'a.js': handler(`require('./b').run(req.query.dir)`), 'b.js': `exports.run = (dir) => require('child_process').exec(dir)\n` }
  expect(found(Object.fromEntries(Object.entries(files).toReversed()))).toEqual(found(files))
})

test.each([
  ['a sum of 100,000 terms', `const x = ${Array.from({ length: 100_000 }, () => "'a'").join(' + ')}\n`],
  ['nesting 10,000 deep', `const x = ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`],
  ['a chain of 20,000 calls', `x${'.a()'.repeat(20_000)}\n`],
  ['a switch of 20,000 cases', `switch (x) { ${Array.from({ length: 20_000 }, (_, index) => `case ${index}: y = ${index}; break`).join('\n')} }\n`],
])('%s neither ends nor hangs the analysis', (_, text) => {
  expect(found({ 'a.js': text })).toEqual([])
})

test('`this` in a method of a prototype is an instance, also where nobody in the program calls it', () => {
  const text = `const cp = require('child_process')
function Tool() {}
Tool.prototype.same = function (text) { return text }
Tool.prototype.run = function (req, res) { cp.exec(this.same(req.query.dir)) }
exports.Tool = Tool
`
  expect(found({ 'a.js': text })).toContain('command-injection@a.js:4')
})

test('a class of many methods keeps them all apart', () => {
  const methods = Array.from({ length: 100 }, (_, index) => `Tool.prototype.m${index} = function (text) { return ${index === 0 ? 'text' : 'this.m0(1)'} }`).join('\n')
  const text = `const cp = require('child_process')
function Tool() {}
Tool.prototype.run = function (req, res) { cp.exec(this.m0(req.query.dir)); cp.exec(this.m99(req.query.dir)) }
${methods}
exports.Tool = Tool
`
  expect(found({ 'a.js': text })).toContain('command-injection@a.js:3')
})

test('of several ways the shortest is drawn, from where the input comes in, through calls as they were called', () => {
  const text = `const cp = require('child_process')
function keep(o, v) { o.v = v; return o }
function visit(tree, name) {
  if (tree.left) visit(tree.left, tree.name)
  if (tree.right) visit(tree.right, keep({}, tree).v.name)
  cp.exec('ls ' + name)
}
require('express')().get('/', (req) => visit(req.body.tree, 'x'))
`
  const texts = new Map([['a.js', text]])
  const [finding] = findingsOf(analyse(texts, new Map()), texts)
  expect(finding!.flow!.map(({ location, code }) => `${location.startLine} ${code}`)).toEqual(['8 req.body.tree', '3 tree', '4 tree.name', '3 name', "6 exec('ls ' + name)"])
})

test('what a user of a package hands to a function comes back to him, not to the program that calls it as well', () => {
  const wrap = `const { exec } = require('child_process')\nconst ok = (value) => ({ value })\nexports.ok = ok\n`
  expect(found({ 'a.js': `${wrap}exports.list = () => exec('ls ' + ok(process.title).value)\n` }).filter((one) => one.startsWith('command'))).toEqual([])
  expect(found({ 'a.js': `${wrap}exports.list = (dir) => exec('ls ' + ok(dir).value)\n` }).filter((one) => one.startsWith('command'))).toEqual(['command-injection@a.js:4'])
  // What he left behind in an object is there for all of its methods.
  const kept = `${wrap}exports.List = class {\n  constructor(dir) { this.dir = dir }\n  at() { return this.dir }\n  run() { exec('ls ' + this.at()) }\n}\n`
  expect(found({ 'a.js': kept }).filter((one) => one.startsWith('command'))).toEqual(['command-injection@a.js:7'])
})
