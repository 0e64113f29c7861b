import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { analyse } from '../analyse.ts'
import { findingsOf } from '../findings.ts'
import { NodeFacts, Links, Pairs } from './pairs.ts'

const number = fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 2 ** 31 - 1 }))

describe('tables of numbers', () => {
  test('pairs are numbered in the order in which they come, each once', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { maxLength: 200 }), (added) => {
        const pairs = new Pairs(16)
        const expected = new Map<string, number>()
        for (const [first, second] of added) {
          const key = `${first} ${second}`
          expect(pairs.find(first, second)).toBe(expected.get(key) ?? -1)
          if (!expected.has(key)) expected.set(key, expected.size)
          const id = pairs.add(first, second)
          expect([id, pairs.first(id), pairs.second(id), pairs.count]).toEqual([expected.get(key), first, second, expected.size])
        }
      }),
    )
  })

  test('a node lists its facts in the order in which they came', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), number), { maxLength: 200 }), (added) => {
        const facts = new NodeFacts(10, 16)
        const expected = Array.from({ length: 10 }, () => new Set<number>())
        for (const [node, term] of added) {
          facts.add(node, term)
          expected[node]!.add(term)
        }
        for (const [node, terms] of expected.entries()) expect([facts.sizes[node], facts.at(node).map((fact) => facts.termOf(fact))]).toEqual([terms.size, [...terms]])
      }),
    )
  })

  test('a link is kept once, also by its kind and by what that kind needs', () => {
    const links = new Links(4)
    expect([links.add(1, 2, 0, 0), links.add(1, 2, 0, 0), links.add(1, 2, 1, 0), links.add(1, 2, 1, 7), links.add(2, 1, 0, 0)]).toEqual([true, false, true, true, true])
    const of = (node: number) => {
      const found: number[][] = []
      for (let link = links.first[node]!; link >= 0; link = links.next[link]!) found.push([links.targets[link]!, links.kinds[link]!, links.data[link]!])
      return found
    }
    expect([of(1), of(2), of(0)]).toEqual([[[2, 0, 0], [2, 1, 0], [2, 1, 7]], [[1, 0, 0]], []])
  })
})

describe('what cannot reach a sink is not followed, and what can is', () => {
  const app = "const { exec } = require('child_process')\nconst app = require('express')()\n"
  const rulesOf = (text: string) => {
    const sources = new Map([['server.js', app + text]])
    return findingsOf(analyse(sources, new Map([['package.json', '{ "private": true }']]), { isPublished: () => false }), sources).map(({ rule }) => rule)
  }

  test('through an object that another name stands for, and that is filled behind it', () => {
    expect(rulesOf("app.get('/', (req) => { const a = {}; const b = a; b.dir = req.query.dir; exec(a.dir) })")).toContain('sast/command-injection')
  })

  test('through a parameter that a function fills', () => {
    expect(rulesOf("function fill(box, value) { box.dir = value }\napp.get('/', (req) => { const box = {}; fill(box, req.query.dir); exec(box.dir) })")).toContain('sast/command-injection')
  })

  test('from a name to the prototype that it was read by', () => {
    expect(rulesOf("app.post('/', (req) => { const all = {}; const one = all[req.body.name]; one[req.body.key] = req.body.value })")).toContain('sast/prototype-pollution')
  })

  test('behind a decoding that brings back what was excluded', () => {
    expect(rulesOf("const fs = require('fs')\napp.get('/', (req, res) => { fs.readFile('/srv/' + decodeURIComponent(req.params.name.replace(/[./]/g, '')), (_, data) => res.json(data)) })")).toContain('sast/path-traversal')
  })
})
