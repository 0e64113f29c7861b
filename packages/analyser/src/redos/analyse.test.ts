import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RegExpParser } from '@eslint-community/regexpp'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RegexAnalysis } from './analyse.ts'
import { analyseRegex } from './analyse.ts'
import type { Attack } from './attack.ts'
import { attackText } from './attack.ts'
import { patterns } from './patterns.testing.ts'
import { compile } from './program.ts'
import { charactersOf, simulate } from './simulate.ts'

const brief = ({ kind, degree }: RegexAnalysis) => (degree === undefined ? kind : `${kind} ${degree}`)

describe('what an expression costs', () => {
  test.each([
    // Two ways through a repetition.
    [String.raw`^(a+)+$`, '', 'exponential'],
    [String.raw`(a|aa)+$`, '', 'exponential'],
    [String.raw`(x+x+)+y`, '', 'exponential'],
    [String.raw`(a*)*b`, '', 'exponential'],
    [String.raw`^((ab)*)*c`, '', 'exponential'],
    [String.raw`^(.*)*$`, '', 'exponential'],
    [String.raw`(?=(a+)+b)`, '', 'exponential'],
    [String.raw`^([a-z]|[A-Z])+$`, 'i', 'exponential'],
    [String.raw`^([a-z]|\u212a)+$`, 'iu', 'exponential'],
    [String.raw`^(\p{L}+)+$`, 'u', 'exponential'],
    [String.raw`^([\p{L}--[a-z]]|é)+$`, 'v', 'exponential'],
    [String.raw`^(a{1,200}){1,200}$`, '', 'exponential'],
    [String.raw`^(?:[a-z]{1,3})+$`, '', 'exponential'],
    [String.raw`^(([a-z])+.)+[A-Z]([a-z])+$`, '', 'exponential'],
    // A search that begins anew at every character.
    [String.raw`\s+$`, '', 'polynomial 2'],
    [String.raw`^\s+|\s+$`, 'g', 'polynomial 2'],
    [String.raw`(\s*),`, '', 'polynomial 2'],
    [String.raw`<!--[\s\S]*?-->`, '', 'polynomial 2'],
    [String.raw`.*foo`, 's', 'polynomial 2'],
    [String.raw`^\s*x`, 'm', 'polynomial 2'],
    [String.raw`\B(?=(\d{3})+(?!\d))`, 'g', 'polynomial 2'],
    [String.raw`(?:(?=(a+))\1)+b`, '', 'polynomial 2'],
    [String.raw`\[(.*?)\]\((.*?)\)`, '', 'polynomial 3'],
    // Two repetitions beside each other.
    [String.raw`^\s*(.*?)\s*$`, '', 'polynomial 3'],
    [String.raw`^\d+\d*x`, '', 'polynomial 2'],
    [String.raw`^(?:a|ab)(?:b?c)*.*c*!`, '', 'polynomial 3'],
    // Of degree 5, which shows only in texts longer than the simulation allows.
    [String.raw`The statement conflicted with the constraint "(.*)" in database "(.*)", table "(.*)", column '(.*)'\.`, '', 'polynomial 4'],
    // Nothing that fails, or nothing that is ambiguous.
    [String.raw`a*`, '', 'safe'],
    [String.raw`(a+)+`, '', 'safe'],
    [String.raw`^[a-z]+$`, '', 'safe'],
    [String.raw`\s+$`, 'y', 'safe'],
    [String.raw`^\s+$`, '', 'safe'],
    [String.raw`\s{0,10}$`, '', 'safe'],
    [String.raw`x\s+$`, '', 'safe'],
    [String.raw`^(?:[\w-]+\.)*[\w-]+@`, '', 'safe'],
    [String.raw`^(?:a|b)+$`, '', 'safe'],
    [String.raw`^(?=(a+))\1b`, '', 'safe'],
    [String.raw`^(?:(?!-->).)*-->`, 's', 'safe'],
    [String.raw`\d{1,3}(\.\d{1,3}){3}$`, '', 'safe'],
    [String.raw`abc|def`, '', 'safe'],
    ['', '', 'safe'],
  ])('/%s/%s is %s', (pattern, flags, expected) => {
    expect(brief(analyseRegex(pattern, flags))).toBe(expected)
  })

  test.each([
    ['(', '', /not a valid expression/],
    ['a', 'uv', /flags/],
    ['a', 'q', /flags/],
    [String.raw`(?<=a.*)b`, '', /lookbehind/],
    [String.raw`^\p{RGI_Emoji}+$`, 'v', /list of strings/],
    [`${'('.repeat(600)}a*${')'.repeat(600)}`, '', /nested/],
    [`${'(?:'.repeat(250)}a*${')'.repeat(250)}`, '', /nested/],
    ['a'.repeat(60_000), '', /longer/],
    [`(?:${Array.from({ length: 5000 }, (_, i) => `w${i}`).join('|')})+x`, '', /more than/],
    [Array.from({ length: 30 }, (_, i) => String.raw`\p{sc=${['Latn', 'Grek', 'Cyrl', 'Armn', 'Hebr', 'Arab', 'Syrc', 'Thaa', 'Deva', 'Beng', 'Guru', 'Gujr', 'Orya', 'Taml', 'Telu', 'Knda', 'Mlym', 'Sinh', 'Thai', 'Laoo', 'Tibt', 'Mymr', 'Geor', 'Hang', 'Ethi', 'Cher', 'Ogam', 'Runr', 'Khmr', 'Mong'][i]}}*`.replace('Runr', 'Runic')).join(''), 'u', /properties/],
  ])('%.40s is unknown, and it is said why', (pattern, flags, reason) => {
    const analysis = analyseRegex(pattern, flags)
    expect(analysis.kind).toBe('unknown')
    expect(analysis.reason).toMatch(reason)
  })

  test('stops at the limits it is given', () => {
    expect(analyseRegex('^(a+)+$', '', { steps: 100 }).kind).toBe('unknown')
    expect(analyseRegex('^(a+)+$', '', { work: 1 }).kind).toBe('unknown')
    expect(analyseRegex('^(a+)+$', '', { edges: 1 }).kind).toBe('unknown')
  })

  test('answers where hundreds of repetitions follow one another, each of its own characters', () => {
    const pattern = Array.from({ length: 300 }, (_, i) => `[^${String.fromCodePoint(0x100 + i)}]+`).join('')
    expect(analyseRegex(`${pattern}$`, '').kind).toMatch(/polynomial|unknown/)
  })

  test('says which part is ambiguous, and names the parts', () => {
    const pattern = String.raw`^id:\s*(\w+\d*)*;$`
    const { start, end, reason } = analyseRegex(pattern, '')
    expect(pattern.slice(start, end)).toBe(String.raw`(\w+\d*)*`)
    expect(reason).toContain(String.raw`(\w+\d*)*`)
  })

  test('shows no character that a terminal would act on', () => {
    const { reason } = analyseRegex('^([\u001b\u202ea]+)+$', '')
    expect(reason).toContain(String.raw`([\u{1b}\u{202e}a]+)+`)
    expect(reason).not.toMatch(/\p{Cc}|\p{Cf}/u)
  })
})

describe('the page of the rules', () => {
  const rows = readFileSync(join(import.meta.dirname, '../rules/redos-exponential/redos-exponential.md'), 'utf8').matchAll(/^\| `(?<slow>\S+)` \| (?:`(?<fixed>\S+)`)?/gm)
  const examples = [...rows].map(({ groups }) => ({ slow: groups?.['slow']?.replaceAll(String.raw`\|`, '|') ?? '', fixed: groups?.['fixed'] })).filter(({ slow }) => !slow.startsWith('sast/'))

  test('has examples', () => expect(examples.length).toBeGreaterThanOrEqual(5))

  test.each(examples)('calls $slow slow, and what it is replaced with is not', ({ slow, fixed }) => {
    expect(analyseRegex(slow, '').kind).toMatch(/polynomial|exponential/)
    if (fixed !== undefined) expect(analyseRegex(fixed, '').kind).toBe('safe')
  })
})

/** The steps of the simulated matcher on an attack. */
function stepsOf(pattern: string, flags: string, attack: Attack, times: number): number {
  const ast = new RegExpParser({ ecmaVersion: 2025 }).parsePattern(pattern, 0, pattern.length, { unicode: flags.includes('u'), unicodeSets: flags.includes('v') })
  const program = compile(ast, { flags, maxInstructions: 10_000 })
  return simulate(program, charactersOf(attackText(attack, times), program.unicode), 3_000_000).steps
}

test('whatever the pattern, the analysis ends with an answer, the same each time, and what it calls vulnerable grows faster than the input', () => {
  fc.assert(
    fc.property(patterns, ([pattern, flags]) => {
      const analysis = analyseRegex(pattern, flags, { steps: 300_000 })
      expect(analyseRegex(pattern, flags, { steps: 300_000 })).toEqual(analysis)
      if (analysis.kind !== 'polynomial' && analysis.kind !== 'exponential') return
      const attack = analysis.attack as Attack
      const steps = [1, 2, 4, 8, 16, 32, 64, 128, 256].map((times) => stepsOf(pattern, flags, attack, times))
      expect(Math.max(...steps.slice(1).map((count, index) => count / (steps[index] as number)))).toBeGreaterThan(2.5)
    }),
    { numRuns: 400 },
  )
})

test('text that is no pattern is answered too', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), fc.constantFrom('', 'u', 'v', 'i', 'x'), (pattern, flags) => {
      expect(['safe', 'polynomial', 'exponential', 'unknown']).toContain(analyseRegex(pattern, flags, { steps: 300_000 }).kind)
    }),
    { numRuns: 1000 },
  )
})
