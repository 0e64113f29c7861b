import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { withFingerprints } from './fingerprint.ts'

const draft = (message: string, snippet: string, startLine = 1, path = 'a.ts') => ({ rule: 'lint/error', message, snippet, severity: 'high', confidence: 'high', location: { path, startLine } }) as const
const fingerprint = (...args: Parameters<typeof draft>) => withFingerprints([draft(...args)])[0]!.fingerprint

test('a finding keeps its fingerprint when lines move, code is reformatted or the file is renamed', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.stringMatching(/^\w+$/), { minLength: 1 }), fc.nat(), fc.stringMatching(/^\s*$/), (message, words, line, indent) => {
      const moved = fingerprint(message, `${indent}${words.join('  \t')}`, line + 1, 'renamed.ts')
      expect(moved).toBe(fingerprint(message, words.join(' ')))
    }),
  )
})

test('a copy of a flaw has a fingerprint of its own, and so has another rule’s finding at the same place', () => {
  const [first, copy] = withFingerprints([draft('m', 'x'), draft('m', 'x', 9)])
  expect(first!.fingerprint).not.toBe(copy!.fingerprint)
  expect(withFingerprints([{ ...draft('m', 'x'), rule: 'lint/warning' }])[0]!.fingerprint).not.toBe(first!.fingerprint)
})
