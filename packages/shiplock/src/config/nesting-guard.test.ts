import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { findExcess } from './nesting-guard.ts'
import { parseConfig } from './parse-config.ts'
import { sourceText } from './source-text.ts'

/** Each of these ends an unguarded process with a segmentation fault. */
const deep: Record<string, string> = {
  parentheses: `export default ${'('.repeat(50_000)}`,
  'closed parentheses': `export default ${'('.repeat(50_000)}1${')'.repeat(50_000)}`,
  lists: `export default ${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  objects: `export default ${'{a:'.repeat(50_000)}1${'}'.repeat(50_000)}`,
  operators: `export default ${'!'.repeat(100_000)}1`,
  arrows: `export default ${'a=>'.repeat(50_000)}1`,
  conditions: `export default ${'a?b:'.repeat(50_000)}1`,
  'else if': `${'if(a);else '.repeat(50_000)};`,
  labels: `${'a:'.repeat(50_000)};`,
  types: `type A = ${'A<0,'.repeat(50_000)}0`,
  templates: `export default ${'`${'.repeat(50_000)}`,
  'brackets behind a regular expression that looks like a string': `x = /"/;${'('.repeat(50_000)}`,
  'brackets behind a string without an end': `'\n${'('.repeat(50_000)}`,
  'brackets that strings seem to close': `export default ${'(")",'.repeat(50_000)}`,
  'brackets that others seem to close': `export default ${'(]'.repeat(50_000)}`,
}

test.each(Object.entries(deep))('%s nested without end are refused with their place', async (_name, text) => {
  const read = await parseConfig(sourceText('shiplock.config.ts', text))
  expect(read.ok).toBe(false)
  if (!read.ok) expect(read.failure).toMatchObject([{ message: expect.stringMatching(/nested more than|more than 2500 words/), range: { startLine: expect.any(Number) } }])
})

test.each(['(]', '({)', "/'/;(')'", '`${(`)', "'\n(')"])('a bracket that only seems to be closed stays open: %j', (text) => {
  expect(findExcess(text.repeat(300))?.message).toBe('brackets are nested more than 200 deep')
})

test('text inside strings, templates and comments does not count', () => {
  const brackets = '([{'.repeat(5_000)
  expect(findExcess(`// ${brackets}\n/* ${brackets} */ export default ['${brackets}', "${brackets}\\"(", \`${brackets}\\\`$(\`]`)).toBeUndefined()
})

test('a config as long as they get passes', () => {
  const entries = Array.from({ length: 600 }, (_, index) => `  KEY_${index}: 'value (${index}`.concat("',\n")).join('')
  expect(findExcess(`export default {\n${entries}}`)).toBeUndefined()
})

test('never throws and always ends, whatever the text', () => {
  const pieces = fc.constantFrom("'", '"', '`', '/', '//', '/*', '*/', '\\', '\n', '\r', '${', '}', '(', ')', 'a', ' ', '\u2028', '\ud800', '#!')
  fc.assert(fc.property(fc.array(pieces, { maxLength: 200 }), (parts) => void findExcess(parts.join(''))))
})
