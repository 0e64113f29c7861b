import { expect, test } from 'vitest'
import { analyse } from './analyse.ts'
import { findingsOf } from './findings.ts'

/** The rules that say something of a package whose only file this is, each once. */
function rulesIn(text: string, path = 'index.js'): string[] {
  const texts = new Map([[path, text]])
  return [...new Set(findingsOf(analyse(texts, new Map()), texts).map(({ rule }) => rule.replace('sast/', '')))]
}

const serve = (body: string) => `const fs = require('fs'), path = require('path')\nrequire('http').createServer((req, res) => {\n${body}\n})`

test.each([
  ['joined only', `fs.readFile(path.join(root, req.url), done)`],
  ['checked as it came, where `..` is still in it', `const full = root + req.url; if (!full.startsWith(root)) return; fs.readFile(full, done)`],
  ['decoded after the check', `const full = path.join(root, req.url); if (full.indexOf(root) !== 0) return; fs.readFile(decodeURIComponent(full), done)`],
  ['rid of `..` before it is decoded', `fs.readFile(root + decodeURI(req.url.replace(/\\.\\./g, '')), done)`],
  ['looked through for a name by a loop that never runs', `let url = req.url; while (url.indexOf('..').length > 0) url = url.replace('..', ''); fs.readFile(root + url, done)`],
])('a path of a request is told where it is %s', (_, body) => {
  expect(rulesIn(serve(body))).toContain('path-traversal')
})

test.each([
  ['resolved, then checked', `const full = path.resolve(root, req.url); if (!full.startsWith(root + path.sep)) return; fs.readFile(full, done)`],
  ['checked in its resolved form, used in the other', `const file = path.join(root, req.url); const full = path.resolve(file); if (full.indexOf(root) !== 0) return; fs.readFile(file, done)`],
  ['checked joined, used as a field of the request', `const full = path.join(root, req.url); if (!full.startsWith(root)) return; fs.readFile(path.join(root, req.url) + '.html', done)`],
  ['compared by its beginning', `const full = path.normalize(root + req.url); if (full.slice(0, root.length) !== root) return; fs.readFile(full, done)`],
  ['checked by its way from the root', `const full = path.resolve(root, req.url); const way = path.relative(root, full); if (way.startsWith('..') || path.isAbsolute(way)) return; fs.readFile(full, done)`],
  ['rid of each `..` by a loop', `let url = req.url; while (url.indexOf('..') >= 0) url = url.replace('..', ''); fs.readFile(root + url, done)`],
  ['given to a package that checks its resolved form', `const full = path.resolve(root, req.url); if (!require('path-is-inside')(full, root)) return; fs.readFile(path.join(root, req.url), done)`],
])('nothing is said of a path that is %s', (_, body) => {
  expect(rulesIn(serve(body))).not.toContain('path-traversal')
})

test('a request is known by its place before the response, also behind what a server of one’s own is given', () => {
  expect(rulesIn(`const fs = require('fs')\nexports.handle = function (root, options, req, res) { fs.readFile(root + require('url').parse(req.url).pathname, () => {}) }`)).toContain('path-traversal')
})

test.each([
  ['an event of a parser', `parser.on('entry', (entry) => { entry.pipe(fs.createWriteStream(path.join(to, entry.path))) })`],
  ['an entry by its name, in a file about archives', `const tar = require('./tar'); function write(entry) { fs.writeFileSync(path.join(to, entry.fileName), entry.data) }`],
  ['the list of a library', `const Zip = require('adm-zip'); for (const item of new Zip(file).getEntries()) fs.writeFileSync(path.join(to, item.entryName), item.getData())`],
  ['a writer of another package', `const { Writer } = require('fstream'); parser.on('entry', (entry) => { entry.pipe(Writer({ path: path.join(to, entry.path) })) })`],
])('a name in an archive is followed to a path: %s', (_, body) => {
  const text = `const fs = require('fs'), path = require('path')\n${body}`
  expect(rulesIn(text)).toContain('zip-slip')
  expect(rulesIn(text.replaceAll(/path\.join\(to, (\w+\.\w+)\)/g, 'path.join(to, path.basename($1))'))).not.toContain('zip-slip')
})

test.each([
  ['a loop over arguments', `module.exports = function extend() { const target = arguments[0]; for (let i = 1; i < arguments.length; i++) { const from = arguments[i]; for (const key in from) { if (typeof from[key] === 'object') target[key] = extend(target[key] || {}, from[key]); else target[key] = from[key] } } return target }`],
  ['arguments as an array, the first taken off', `module.exports = function extend() { const args = [].slice.call(arguments); if (typeof args[0] === 'boolean') args.shift(); const to = args[0]; args.slice(1).forEach((from) => { for (const key in from) { if (typeof from[key] === 'object') extend(true, to[key], from[key]); else to[key] = from[key] } }); return to }`],
  ['a library that hands over value, key and this', `const forIn = require('for-in'); function merge(to, from) { forIn(from, copy, to); return to } function copy(value, key) { if (typeof value === 'object') merge(this[key], value); else this[key] = value } module.exports = merge`],
  ['a list of what is left to do', `module.exports = (to, from) => { const work = [{ to, from }]; while (work.length) { const one = work.pop(); for (const key of Object.keys(one.from)) { if (typeof one.from[key] === 'object') work.push({ to: one.to[key], from: one.from[key] }); else one.to[key] = one.from[key] } } }`],
  ['a path of names', `module.exports = (object, path, value) => { const names = path.split('.'); const last = names.pop(); for (const name of names) object = object[name] = object[name] || {}; object[last] = value }`],
])('a merge by %s reaches a prototype', (_, text) => {
  expect(rulesIn(text)).toContain('prototype-pollution')
})

const merge = (guard: string, rest = '') => `${rest}\nmodule.exports = function merge(to, from, options) { Object.keys(from).forEach((key) => { ${guard}; if (typeof to[key] === 'object') merge(to[key], from[key], options); else to[key] = from[key] }) }`

test.each([
  ['compares', merge(`if (key === '__proto__' || key === 'constructor') return`)],
  ['compares where an option says so', merge(`if (!options.isUnsafe && key === '__proto__') return`)],
  ['compares and looks at what is there', merge(`if (key === '__proto__' || (key === 'constructor' && typeof to[key] === 'function')) throw new Error('no')`)],
  ['asks a function where an option says so', merge(`if (options.isSafe !== false && isUnsafeKey(key)) return`, `const isUnsafeKey = (key) => ['__proto__', 'constructor', 'prototype'].indexOf(key) !== -1`)],
  ['asks a list', merge(`if (['__proto__', 'prototype'].includes(key)) return`)],
  ['asks a set', merge(`if (forbidden.has(key)) return`, `const forbidden = new Set(['__proto__', 'prototype'])`)],
  ['asks an expression made of text', merge(`if (forbidden.test(key)) return`, `const forbidden = new RegExp('^(__proto__|constructor)$')`)],
  ['compares what is there with the prototype of all', merge(`if (to[key] === Object.prototype) return`)],
  ['switches', merge(`switch (key) { case '__proto__': case 'constructor': return }`)],
  ['asks whether the target has it', merge(`if (!Object.prototype.hasOwnProperty.call(to, key)) { to[key] = from[key]; return }`)],
])('a merge that %s is left alone', (_, text) => {
  expect(rulesIn(text)).not.toContain('prototype-pollution')
})

test('no name leads from an object without prototype to one', () => {
  const group = (made: string) => `module.exports = (rows) => { const groups = ${made}; for (const { kind, name, value } of rows) { if (!groups[kind]) groups[kind] = Object.create(null); groups[kind][name] = value } return groups }`
  expect(rulesIn(group('{}'))).toContain('prototype-pollution')
  expect(rulesIn(group('Object.create(null)'))).not.toContain('prototype-pollution')
})

test.each([
  ['a word without what a shell reads', `if (/[;&|$\`<>(){}\\n"'\\\\ ]/.test(dir)) return; require('child_process').exec('ls ' + dir)`, false],
  ['spawn with a shell', `require('child_process').spawn('ls', [dir], { shell: true })`, true],
  ['spawn with a shell switched off', `require('child_process').spawn('ls', [dir], { shell: false })`, false],
  ['spawn of a program that the user names', `require('child_process').spawn(dir, [])`, false],
  ['a promise of exec', `require('bluebird').promisifyAll(require('child_process')).execAsync('ls ' + dir)`, true],
  ['shelljs', `require('shelljs').exec('ls ' + dir)`, true],
  ['shelljs with a quoted word', `require('shelljs').exec('ls ' + require('shell-quote').quote([dir]))`, false],
  ['a word that an expression made of text admits', `if (!new RegExp('^[a-z]+$').test(dir)) return; require('child_process').exec('ls ' + dir)`, false],
])('%s in a library', (_, call, isFound) => {
  expect(rulesIn(`module.exports = (dir) => { ${call} }`).includes('command-injection')).toBe(isFound)
})

test.each([
  ['text', `new Function('return ' + text)()`, true],
  ['JSON of it', `new Function('return ' + JSON.stringify(text))()`, false],
])('%s that is made to code', (_, call, isFound) => {
  expect(rulesIn(`module.exports = (text) => ${call}`).includes('code-injection')).toBe(isFound)
})

const runs = `const cp = require('child_process');`

test.each([
  ['a field that a constructor set and a method of the prototype reads', `${runs} function Git(dir) { this.dir = dir }; Git.prototype.tag = function () { cp.exec('cd ' + this.dir) }; module.exports = Git`],
  ['a field of a prototype under another name', `${runs} function Git(dir) { this.dir = dir }; const own = Git.prototype; own.tag = function () { cp.exec('cd ' + this.dir) }; module.exports = Git`],
  ['a list that methods fill and another one joins', `${runs} function Line() { this.words = [] }; Line.prototype.add = function (word) { this.words.push(word); return this }; Line.prototype.run = function () { cp.exec(this.words.join(' ')) }; module.exports = () => new Line()`],
  ['options that a package merged with defaults', `${runs} const extend = require('extend'); module.exports = (given) => { const options = extend({}, { a: 1 }, given); cp.exec('x ' + options.file) }`],
  ['options that an unknown function called merge merged', `${runs} module.exports = (given) => { const options = require('./lib/of-ours').merge({ a: 1 }, given); cp.exec('x ' + options.file) }`],
  ['an event of the program’s own', `${runs} const { EventEmitter } = require('events'); class Jobs extends EventEmitter { constructor() { super(); this.on('job', (file) => cp.exec('x ' + file)) } add(file) { this.emit('job', file) } }; module.exports = Jobs`],
  ['a property that is defined', `${runs} Object.defineProperty(exports, 'run', { value: function (file) { cp.exec('x ' + file) } })`],
  ['a getter that a compiler wrote', `${runs} function run(file) { cp.exec('x ' + file) }; Object.defineProperty(exports, 'run', { enumerable: true, get: function () { return run } })`],
])('a parameter of a library is followed to a command by %s', (_, text) => {
  expect(rulesIn(text)).toContain('command-injection')
})

test.each([
  ['the source of a built entry', { 'package.json': '{"name":"x","main":"dist/run.js"}', 'index.js': '', 'src/run.ts': `import { exec } from 'node:child_process'\nexport const run = (file: string) => exec('x ' + file)\n` }],
  ['files that nobody imports, where the entry is not there', { 'package.json': '{"name":"x","main":"dist/x.js","bin":"bin/x.js"}', 'bin/x.js': `require('../dist/x')\n`, 'src/run.ts': `import { exec } from 'node:child_process'\nexport const run = (file: string) => exec('x ' + file)\n` }],
])('a package exports %s', (_, files) => {
  const texts = new Map(Object.entries(files))
  const sources = new Map([...texts].filter(([path]) => path !== 'package.json'))
  expect(findingsOf(analyse(sources, texts), texts).map(({ rule }) => rule)).toContain('sast/command-injection')
})

test.each([
  ['a plug-in of jQuery', `(function ($) { $.fn.put = function (path, value) { let at = this.data(); const names = path.split('.'); for (let i = 0; i < names.length - 1; i++) at = at[names[i]]; at[names[names.length - 1]] = value } })(jQuery)`],
  ['a global that a script sets', `(function (w) { function merge(to, from) { for (const key in from) { if (typeof from[key] === 'object') merge(to[key], from[key]); else to[key] = from[key] } } w.Ours = { merge } })(window)`],
])('%s is what others call', (_, text) => {
  expect(rulesIn(text, 'ours.js')).toContain('prototype-pollution')
})

test('a command line is one by the package that takes it apart', () => {
  expect(rulesIn(`const argv = require('minimist')(process.argv.slice(2))\nrequire('child_process').exec('ls ' + argv.dir)`)).toContain('command-injection')
})

test('a symbol names one field, also of classes and across files', () => {
  const files = {
    'index.js': `const { kCommand, kOther } = require('./symbols')\nconst cp = require('child_process')\nmodule.exports = class { constructor(text) { this[kCommand] = 'ls'; this[kOther] = text } run() { cp.exec(this[kCommand]) } }\n`,
    'symbols.js': `module.exports = { kCommand: Symbol('command'), kOther: Symbol('other') }\n`,
  }
  const rules = (texts: Map<string, string>) => findingsOf(analyse(texts, new Map()), texts).map(({ rule }) => rule)
  expect(rules(new Map(Object.entries(files)))).toEqual([])
  expect(rules(new Map(Object.entries({ ...files, 'index.js': files['index.js'].replace('exec(this[kCommand])', 'exec(this[kOther])') })))).toEqual(['sast/command-injection'])
})

test.each(['#run', '[kRun]'])('a method %s is not for users of the package', (name) => {
  const text = `const cp = require('child_process'), kRun = Symbol('run')\nmodule.exports = class { run(text) { cp.exec(text) } start() { this.#run('ls') } #run(text) {} }`
  expect(rulesIn(text)).toContain('command-injection')
  expect(rulesIn(text.replace(' run(text)', ` ${name}(text)`).replace(' #run(text) {}', '').replace('this.#run', name === '#run' ? 'this.#run' : 'this[kRun]'))).toEqual([])
})

test('a list whose elements a function refuses one by one holds none of them afterwards', () => {
  const set = (check: string) => `exports.set = (object, path, value) => { const names = path.split('.'); ${check}; for (let i = 0; i < names.length - 1; i++) object = object[names[i]]; object[names[names.length - 1]] = value }`
  expect(rulesIn(set(''))).toContain('prototype-pollution')
  expect(rulesIn(set(`names.forEach((name) => { if (name === '__proto__') throw new Error('no') })`))).toEqual([])
})
