import { RegExpParser } from '@eslint-community/regexpp'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { patterns } from './patterns.testing.ts'
import { compile } from './program.ts'
import { charactersOf, simulate } from './simulate.ts'
import { Unsupported } from './unsupported.ts'

/** Where the first match begins and ends, in the units that the program counts; undefined where the steps ran out. */
function simulated(pattern: string, flags: string, text: string): [number, number] | undefined {
  const ast = new RegExpParser({ ecmaVersion: 2025 }).parsePattern(pattern, 0, pattern.length, { unicode: flags.includes('u'), unicodeSets: flags.includes('v') })
  const program = compile(ast, { flags, maxInstructions: 10_000 })
  const { index, end, exhausted } = simulate(program, charactersOf(text, program.unicode), 50_000)
  return exhausted ? undefined : [index, end]
}

/** The same of the engine that runs this test. */
function real(pattern: string, flags: string, text: string): [number, number] {
  const match = new RegExp(pattern, flags).exec(text)
  if (!match) return [-1, -1]
  const unicode = /[uv]/.test(flags)
  const index = charactersOf(text.slice(0, match.index), unicode).length
  return [index, index + charactersOf(match[0], unicode).length]
}

describe('the simulator', () => {
  test.each([
    [String.raw`(a*)*b`, '', 'aaab'],
    [String.raw`(?:a|(b))+\1`, '', 'aba'],
    [String.raw`(z)((a+)?(b+)?(c))*`, '', 'zaacbbbcac'],
    [String.raw`(?<=(\d+)(\d+))$`, '', '1053'],
    [String.raw`(?<=\1(a))b`, '', 'aab'],
    [String.raw`(?=(a+))a*b\1`, '', 'baaabac'],
    [String.raw`(.*?)a(?!(a+)b\2c)\2(.*)`, '', 'baaabaac'],
    [String.raw`(?:(?=(a))|b)*?c`, '', 'bac'],
    [String.raw`(?:a?){3,50}?b`, '', 'aab'],
    [String.raw`(?:a{0,40}b?){30,90}c`, '', 'aabac'],
    [String.raw`\bfoo\B.`, 'i', 'a FOOd'],
    [String.raw`^b$`, 'm', 'a\nb\nc'],
    [String.raw`\u{1f600}+$`, 'u', 'x\u{1f600}\u{1f600}'],
    [String.raw`[^\ud83d]`, '', '\u{1f600}'],
    [String.raw`\w`, 'iu', '\u017f'],
    [String.raw`[^x]`, 'i', 'Xy'],
    [String.raw`ς`, 'iu', 'Σ'],
    [String.raw`(?i:a)b`, '', 'aBAb'],
    [String.raw`[\p{L}--[a-z]]\q{}`.replace(String.raw`\q{}`, ''), 'v', 'aé'],
    [String.raw`[\q{abc|d|}x]y`, 'v', 'abcy'],
    [String.raw`(?<a>x)|(?<a>y)\k<a>`, '', 'yy'],
    [String.raw`\p{Script=Greek}+`, 'u', 'abγδ'],
  ])('finds for /%s/%s in %j what the engine finds', (pattern, flags, text) => {
    expect(simulated(pattern, flags, text)).toEqual(real(pattern, flags, text))
  })

  test('finds the same match as the engine, whatever the pattern, the flags and the text', () => {
    fc.assert(
      fc.property(patterns, fc.string({ unit: fc.constantFrom('a', 'b', 'A', '0', ' ', '\n', '-', 'é', 'É', '\u{1f600}', '\ud83d'), maxLength: 12 }), ([pattern, flags], text) => {
        try {
          const found = simulated(pattern, flags, text)
          // The engine would go as long a way as the simulator, and has no limit.
          if (!found) return
          const expected = real(pattern, flags, text)
          // Between the halves of a character no text begins; engines differ in what they say of that place.
          if (/[uv]/.test(flags) && [found, expected].some((match) => isBetweenHalves(text, match[0]!))) return
          expect(found).toEqual(expected)
        } catch (error) {
          if (!(error instanceof Unsupported)) throw error
        }
      }),
      { numRuns: 3000 },
    )
  })
})

const isBetweenHalves = (text: string, at: number) => /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1))
