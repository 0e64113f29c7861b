import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createConfusables, isOneSlipApart } from './confusable.ts'
import { confusionOf } from './known-names.ts'

test.for([
  ['crossenv', 'cross-env'],
  ['lodahs', 'lodash'],
  ['lodashs', 'lodash'],
  ['1odash', 'lodash'],
  ['reаct', 'react'],
  ['react-dom-js', 'react-dom'],
  ['noderequest', 'request'],
  ['node-axios', 'axios'],
  ['jquery.js', 'jquery'],
  ['mongose', 'mongoose'],
  ['electorn', 'electron'],
  ['axois', 'axios'],
  ['rimarf', 'rimraf'],
  ['babelcli', '@babel/cli'],
  ['types-node', '@types/node'],
  ['@type/node', '@types/node'],
  ['@bable/core', '@babel/core'],
  ['import-from-fresh', undefined],
  ['fresh-import', 'import-fresh'],
])('%s is taken for %s', ([name, popular]) => {
  expect(confusionOf(name!)?.name).toBe(popular)
})

test('what many install is meant, and so is what is like nothing', () => {
  expect(['lodash', 'preact', 'lodash-es', '@types/node', 'node-fetch', 'json-parser', 'koa', 'coa', 'zod', 'shop-of-ours', '@ours/lodash', '@turbo/linux-64', '', '@', '@/'].filter((name) => confusionOf(name) !== undefined)).toEqual([])
})

test('a slip is one letter lost, doubled, put in, exchanged with the next one or with its neighbour on the keyboard', () => {
  const near = ['expres', 'exppress', 'epxress', 'exoress', 'expriss', 'express1']
  const far = ['express', 'expxress1', 'exqress', 'xepress1', 'ssepxre', 'exprs']
  expect(near.filter((name) => !isOneSlipApart(name, 'express'))).toEqual([])
  expect(far.filter((name) => isOneSlipApart(name, 'express'))).toEqual([])
})

test('slips are mutual, and each is at most one edit of Damerau and Levenshtein', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 's', 'd', 'e', 'm'), maxLength: 6 })
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(isOneSlipApart(a, b)).toBe(isOneSlipApart(b, a))
      if (isOneSlipApart(a, b)) expect(distance(a, b)).toBe(1)
      else if (a.length !== b.length) expect(distance(a, b)).not.toBe(1)
    }),
    { numRuns: 2000 },
  )
})

test('whatever a name is, it is answered', () => {
  const of = createConfusables({ imitated: ['lodash', '@types/node'], meant: new Set() })
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (name) => void of(name)))
})

/** Optimal string alignment, by the textbook. */
function distance(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (_unused, j) => (i === 0 ? j : j === 0 ? i : 0)))
  for (let i = 1; i <= a.length; i += 1)
    for (let j = 1; j <= b.length; j += 1) {
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? table[i - 2]![j - 2]! + 1 : Infinity
      table[i]![j] = Math.min(table[i - 1]![j]! + 1, table[i]![j - 1]! + 1, table[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1), swapped)
    }
  return table[a.length]![b.length]!
}
