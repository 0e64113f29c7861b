import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decodeHead, decodeModel, encodedHead, encodeModel, headOf } from './encoded.ts'
import { modelFile } from './model-file.ts'

const sources = globSync('**/*.{ts,js}', { cwd: join(import.meta.dirname, '..') })

test('what is read of an encoded model is the model, for every file of the analyser and its fixtures', () => {
  expect(sources.length).toBeGreaterThan(150)
  for (const path of sources) {
    const model = modelFile(path, readFileSync(join(import.meta.dirname, '..', path), 'utf8'))
    const encoded = encodeModel(model)
    expect(decodeModel(encoded)).toEqual(model)
    expect(decodeHead(encodedHead(encoded))).toEqual(headOf(model))
  }
})

test.each([
  ['names and texts of any script, and control characters', 'const größe = { "\\u2028\\n": "日本語\\0" }\nexports["\\ud83d"] = größe.名 + `\\n${process.argv[2]}`\n'],
  ['guards of parameters', 'exports.f = (a, b) => { if (typeof a !== "number" || !["x"].includes(b)) return false\n return ask(a) && b }\n'],
  ['places far into a text', `${'//\n'.repeat(1_000_000)}exports.f = (a) => eval(a)\n`],
  ['nothing', ''],
  ['what cannot be read', 'const = 1'],
])('%s are encoded as well', (_, text) => {
  const model = modelFile('größe.js', text)
  expect(decodeModel(encodeModel(model))).toEqual(model)
})

test('a model takes a third of the room that it takes as JSON', () => {
  const model = modelFile('a.js', 'exports.total = (items) => items.reduce((sum, item) => sum + item.price * item.count, 0)\n'.repeat(100))
  expect(encodeModel(model).length).toBeLessThan(JSON.stringify(model).length / 3)
})
