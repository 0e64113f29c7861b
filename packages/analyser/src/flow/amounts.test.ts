import { expect, test } from 'vitest'
import { analyse } from '../analyse.ts'
import { findingsOf } from '../findings.ts'

const found = (body: string): number => {
  const texts = new Map([['a.js', `const zlib = require('zlib')\nrequire('express')().post('/', (req, res) => {\n${body}\n})\n`]])
  return findingsOf(analyse(texts, new Map()), texts).filter(({ rule }) => rule === 'sast/resource-exhaustion').length
}

test('what the users of a package hand over is asked for its type before it becomes a buffer', () => {
  const exported = (text: string) => {
    const texts = new Map([['index.js', text]])
    return findingsOf(analyse(texts, new Map()), texts).flatMap(({ rule, confidence }) => (rule === 'sast/resource-exhaustion' ? confidence : []))
  }
  expect(exported('module.exports = (part) => new Buffer(part)\n')).toEqual(['low'])
  expect(exported("module.exports = (part) => new Buffer(typeof part === 'number' ? String(part) : part)\n")).toEqual([])
  expect(exported('module.exports = (count) => new Array(count)\n')).toEqual([])
})

test.each([
  ['a buffer of an untrusted size', `Buffer.alloc(req.body.size)`, 1],
  ['a buffer of what is no number by then', `const { part } = req.body; if (typeof part !== 'number') new Buffer(part)`, 0],
  ['a buffer of what was made text', `let { part } = req.body; if (typeof part === 'number') part = part.toString(); new Buffer(part)`, 0],
  ['an archive that may unpack to any size', `zlib.gunzipSync(req.body)`, 1],
  ['an archive with a limit', `zlib.gunzipSync(req.body, { maxOutputLength: 1_000_000 })`, 0],
])('%s', (_, body, count) => {
  expect(found(body)).toBe(count)
})
