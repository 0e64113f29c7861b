import fc from 'fast-check'
import { expect, test } from 'vitest'
import { analyseModels } from './analyse.ts'
import { findingsOf } from './findings.ts'
import { linkModules } from './flow/modules.ts'
import type { FileModel } from './model/file-model.ts'
import { decodeModel, headOf } from './model/encoded.ts'
import { modelFile } from './model/model-file.ts'
import { modelFiles } from './node.ts'
import { programs, type Files } from './programs.testing.ts'

const documents = new Map<string, string>()
const models = (files: Files) => Object.entries(files).map(([path, text]) => modelFile(path, text))
const findings = (list: readonly FileModel[], files: Files) => findingsOf(analyseModels(list, linkModules(list.map(headOf), documents)), new Map(Object.entries(files)))

test('random programs are read, to the same findings whatever the order of their files', () => {
  let read = 0
  let found = 0
  fc.assert(
    fc.property(programs, fc.infiniteStream(fc.nat()), (files, order) => {
      const made = models(files)
      const shuffled = made.map((model) => ({ model, key: order.next().value })).toSorted((a, b) => a.key - b.key).map(({ model }) => model)
      const first = findings(made, files)
      expect(findings(shuffled, files)).toEqual(first)
      for (const { location } of first) expect(location!.startLine).toBeGreaterThan(0)
      read += made.filter(({ problems }) => problems.length === 0).length / made.length
      found += first.length > 0 ? 1 : 0
    }),
    { numRuns: 100 },
  )
  // The programs are ones, and have flaws: else nothing would be shown by this.
  expect(read).toBeGreaterThan(70)
  expect(found).toBeGreaterThan(20)
}, 120_000)

test('random programs are modelled alike by any number of workers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(programs, { minLength: 3, maxLength: 3 }), async (some) => {
      const texts = new Map<string, string>(some.flatMap((files, index) => Object.entries(files).map(([path, text]) => [`p${index}/${path}`, text] as const)))
      const modelled = async (workers: number) => {
        const all: (readonly [string, string])[] = []
        for await (const one of modelFiles([...texts.keys()], { read: async (path) => texts.get(path)!, size: (path) => texts.get(path)!.length, workers })) all.push(one)
        return all
      }
      expect(await modelled(2)).toEqual(await modelled(0))
    }),
    { numRuns: 5 },
  )
}, 120_000)

test('any text at all is read or refused', () => {
  const pieces = fc.constantFrom('(', ')', '{', '}', '[', ']', '`', '${', "'", '"', '/', '*/', '/*', '//', '<a>', '</a>', 'if', 'else ', 'function ', '=>', 'class ', '\n', ';', ',', 'a', '0', '.', '?', ':', '=', '\\', '\u2028', '\0', '\ud800', 'export ', 'import ', 'await ', '<script>', '</script>', '{@html ', '<%- ', '<%= ', '<% ', '%>', '{{', '{{{', '}}', '}}}', '{{#each ', '{% for a in ', ' %}', '| safe', '!{', 'each a in ', '+a', 'p!= ', '  ')
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), fc.constantFrom('a.js', 'a.ts', 'a.tsx', 'a.vue', 'a.svelte', 'a.html', 'bin/a', 'a.ejs', 'a.eta', 'a.pug', 'a.hbs', 'a.mustache', 'a.njk', 'a.liquid'), (parts, path) => {
      const files = { [path]: parts.join('') }
      expect(findings(models(files), files)).toBeInstanceOf(Array)
    }),
    { numRuns: 500 },
  )
}, 60_000)

const handler = (body: string) => `require('express')().get('/', (req, res) => { ${body} })\n`
const sink = `require('child_process').exec(req.query.dir)`

/** Each holds one flaw behind what is to be got past, so that what was not read shows. */
test.each<[string, Files]>([
  ['a generated file of 4 MB', { 'a.js': `${Array.from({ length: 40_000 }, (_, index) => `exports.table${index} = { id: ${index}, name: 'entry ${index}', next: ${index + 1} } // generated`).join('\n')}\n${handler(sink)}` }],
  ['a cycle of 300 modules', Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`m${index}.js`, `const next = require('./m${(index + 1) % 300}')\nexports.run = (dir) => ${index === 299 ? `require('child_process').exec(dir)` : 'next.run(dir)'}\n${index === 0 ? handler(`next.run(req.query.dir)`) : ''}`]))],
  ['a switch of 20,000 cases', { 'a.js': handler(`switch (req.query.kind) { ${Array.from({ length: 20_000 }, (_, index) => `case ${index}: res.locals.kind = ${index}; break`).join('\n')} }\n${sink}`) }],
  ['a sum of 3,000 terms', { 'a.js': handler(`const text = ${Array.from({ length: 3000 }, () => `'a'`).join(' +\n')} + req.query.dir\nrequire('child_process').exec(text)`) }],
  ['an array of 100,000 entries', { 'a.js': handler(`const list = [${Array.from({ length: 100_000 }, (_, index) => `'${index}'`).join(',\n')}]\n${sink}`) }],
  ['conditions that alternate, 60 deep', { 'a.js': handler(`if (${Array.from({ length: 60 }, (_, index) => index).reduce((text, index) => `(${text} ${index % 2 === 0 ? '&&' : '||'} ask(req.query.dir, ${index}))`, '1')}) ${sink}`) }],
  ['a condition of 500 terms', { 'a.js': handler(`if (${Array.from({ length: 500 }, (_, index) => `req.query.dir !== '${index}'`).join(' &&\n')}) ${sink}`) }],
  ['types alone beside it', { 'types.ts': Array.from({ length: 5000 }, (_, index) => `export interface T${index} { a: T${index + 1}; b: string }`).join('\n'), 'a.js': handler(sink) }],
  ['10,000 functions that call each other', { 'a.js': `${Array.from({ length: 10_000 }, (_, index) => `function f${index}(x) { return f${(index * 7 + 1) % 10_000}(x) }`).join('\n')}\n${handler(`f0(req.query.dir)\n${sink}`)}` }],
  ['a file that is no program beside it', { 'b.js': 'const = {', 'a.js': handler(sink) }],
])('%s does not keep what stands behind it from being found', async (_, files) => {
  // As the check does it: what is too deep for the stack of this thread is tried on a larger one.
  const list: FileModel[] = []
  for await (const [, model] of modelFiles(Object.keys(files), { read: async (path) => files[path]!, size: (path) => files[path]!.length })) list.push(decodeModel(model))
  expect(findings(list, files).map(({ rule }) => rule)).toContain('sast/command-injection')
}, 60_000)
