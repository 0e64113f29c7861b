import * as fc from 'fast-check'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { valueOf, type Value } from './literal.ts'
import { parseConfig } from './parse-config.ts'
import { sourceText } from './source-text.ts'

const read = (text: string) => parseConfig(sourceText('shiplock.config.ts', text))

async function valueFrom(text: string): Promise<Value> {
  const result = await read(text)
  if (!result.ok) throw new Error(JSON.stringify(result.failure))
  return valueOf(result.value)
}

async function refusals(text: string) {
  const result = await read(text)
  return result.ok ? [] : result.failure
}

describe('what is read', () => {
  test.each<[string, Value]>([
    ["import { defineConfig } from 'shiplock'\nexport default defineConfig({ a: 1 })", { a: 1 }],
    ["import { defineConfig as config, type UserConfig } from 'shiplock'\nexport default config({ a: 1 }) satisfies UserConfig", { a: 1 }],
    ["import type { UserConfig } from 'shiplock'\nexport default { a: 1 } as const satisfies UserConfig", { a: 1 }],
    ["import { defineConfig } from 'shiplock'\nconst config = defineConfig({ a: 1 });\nexport default config", { a: 1 }],
    ['export default ({ a: (1) })', { a: 1 }],
    ["export default [1, -1, 0x10, 1_000, 1e3, .5, true, false, null, undefined, 'a\\n', \"b\", `c\n`]", [1, -1, 16, 1000, 1000, 0.5, true, false, null, undefined, 'a\n', 'b', 'c\n']],
    ["const port = 80; const env = { A: 'a', B: 'b' }\nexport default { port, env: { ...env, B: 'c' }, again: env }", { port: 80, env: { A: 'a', B: 'c' }, again: { A: 'a', B: 'b' } }],
    ["const more: string[] = ['b']\nexport default ['a', ...more, ...['c']]", ['a', 'b', 'c']],
    ["export default { 'quoted-key': 1, 2: 3, constructor: 4, hasOwnProperty: 5 }", { 'quoted-key': 1, 2: 3, constructor: 4, hasOwnProperty: 5 }],
    ['#!/usr/bin/env node\n// a comment\nexport default {}', {}],
    ['\uFEFFexport default {}', {}],
  ])('%s', async (text, value) => expect(await valueFrom(text)).toEqual(value))

  test('any JSON value is itself, unless it holds the key __proto__, which is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 6 }), async (value) => {
        const json = JSON.stringify(value)
        const result = await read(`export default ${json}`)
        if (/"__proto__":/.test(json)) {
          expect(result).toMatchObject({ ok: false, failure: [{ message: expect.stringContaining('__proto__') }] })
        } else {
          expect(result.ok && valueOf(result.value)).toEqual(JSON.parse(json))
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('what is refused', () => {
  test.each([
    ['export default f()', 'a function call'],
    ['export default await f', '`await`'],
    ['export default { a: process.env.PORT }', 'a property of another object'],
    ["export default require('fs')", 'a function call'],
    ["export default import('node:fs')", 'an import'],
    ['export default new Date()', '`new`'],
    ['export default { a: () => 1 }', 'a function'],
    ['export default function () {}', 'not a function'],
    ['export default class {}', 'not a function, class'],
    ['export default { a: 1 + 1 }', 'a calculation'],
    ['export default { a: true ? 1 : 2 }', 'a condition'],
    ['export default { a: b ?? 1 }', 'a condition'],
    ['export default `a${1}`', 'a template with'],
    ['export default tag`a`', 'a tagged template'],
    ['export default (1, 2)', 'a sequence'],
    ['export default +1', 'an operator'],
    ['export default [1e999]', 'out of range'],
    ['export default [-1e999]', 'an operator'],
    ['export default [1n]', 'bigint'],
    ['export default [/a/]', 'a regular expression'],
    ['export default [NaN]', '`NaN` is not a constant declared above'],
    ['export default [1, , 2]', 'an empty place'],
    ['export default { get a() { return 1 } }', 'a getter'],
    ['export default { set a(b) {} }', 'a setter'],
    ['export default { a() {} }', 'a method'],
    ["export default { ['a']: 1 }", 'a computed key'],
    ['export default { __proto__: { a: 1 } }', '__proto__'],
    ['const __proto__ = {}; export default { __proto__ }', '__proto__'],
    ['export default { a: 1, a: 2 }', '`a` is there twice'],
    ["export default { a: 1, 'a': 2 }", '`a` is there twice'],
    ['const a = 1; export default { ...a }', 'only an object can be spread'],
    ['const a = {}; export default [...a]', 'only a list can be spread'],
    ['export default a; const a = 1', '`a` is not a constant declared above'],
    ['const a = a; export default a', '`a` is not a constant declared above'],
    ['const a = 1, a = 2; export default a', 'declared twice'],
    ['const { a } = { a: 1 }; export default a', 'declared by one name'],
    ['let a = 1; export default {}', 'only constants'],
    ['export const a = 1; export default {}', '`export const a = 1;`'],
    ['f(); export default {}', 'a function call'],
    ['globalThis.x = 1; export default {}', 'an assignment'],
    ['(() => { globalThis.x = 1 })(); export default {}', 'a function call'],
    ['if (true) {} export default {}', 'cannot be used here'],
    ["import fs from 'node:fs'; export default {}", 'only `shiplock` can be imported'],
    ["import './other.ts'; export default {}", 'only `shiplock` can be imported'],
    ["import data from './a.json' with { type: 'json' }; export default {}", 'only `shiplock` can be imported'],
    ["export * from 'node:fs'; export default {}", 'cannot be used here'],
    ['export default defineConfig({})', '`defineConfig` is not imported'],
    ["import type { defineConfig } from 'shiplock'; export default defineConfig({})", '`defineConfig` is not imported'],
    ["import { defineConfig } from 'shiplock'; export default defineConfig()", 'takes one object'],
    ["import { defineConfig } from 'shiplock'; export default defineConfig({}, {})", 'takes one object'],
    ["import { defineConfig } from 'shiplock'; export default { a: defineConfig({}) }", 'a function call'],
    ['export default {}; export default {}', 'second `export default`'],
    ['module.exports = {}', '`module.exports` is not read'],
    ['', 'no `export default`'],
    ['export default {', 'Expected'],
    ['export default { a: "x\n}', 'Unterminated string'],
    ['export default <div />', ''],
  ])('%s', async (text, message) => {
    const [first] = await refusals(text)
    expect(first?.message).toContain(message)
    expect(first?.range).toBeDefined()
  })

  test('says what to write instead of the environment', async () => {
    expect(await refusals('export default { port: process.env.PORT }')).toMatchObject([{ hint: expect.stringContaining('write the value itself; secrets') }])
  })

  test('names the constant that was meant', async () => {
    expect(await refusals('const port = 1\nexport default { port: prot }')).toMatchObject([{ hint: 'did you mean `port`?' }])
  })

  test('a constant that was refused is not complained about again where it is used', async () => {
    expect(await refusals('const port = f()\nexport default { port, again: port }')).toHaveLength(1)
  })

  test('all mistakes at once, in the order of the file, with lines and columns after characters of two code units', async () => {
    const found = await refusals("const a = '😀', b = f()\nexport default {\r\n  c: '😀', d: x(),\n  get e() { return 1 },\n}\nlet f = 1")
    expect(found.map(({ range }) => range)).toEqual([
      { startLine: 1, startColumn: 21, endLine: 1, endColumn: 24 },
      { startLine: 3, startColumn: 15, endLine: 3, endColumn: 18 },
      { startLine: 4, startColumn: 3, endLine: 4, endColumn: 23 },
      { startLine: 6, startColumn: 1, endLine: 6, endColumn: 10 },
    ])
  })

  test('constants that double again and again are stopped before they fill the memory', async () => {
    const lines = Array.from({ length: 40 }, (_, index) => `const a${index + 1} = [a${index}, a${index}]`)
    const found = await refusals(`const a0 = ['x', 'x']\n${lines.join('\n')}\nexport default { a: a40 }`)
    expect(found).toMatchObject([{ message: 'the config has more than 10000 values' }])
  })
})

describe('a config that an attacker wrote', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shiplock-config-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const write = `require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'ran'))}, '')`
  const dynamic = `import('node:fs').then((fs) => fs.writeFileSync(${JSON.stringify(join(folder, 'ran'))}, ''))`

  test.each([
    `${dynamic}\nexport default {}`,
    `export default (() => { ${write}; return {} })()`,
    `globalThis.attacked = 1\nexport default {}`,
    `export default { get service() { globalThis.attacked = 1; return {} } }`,
    `export default { toString() { globalThis.attacked = 1 }, [Symbol.toPrimitive]: () => (globalThis.attacked = 1) }`,
    `class A { static { globalThis.attacked = 1 } }\nexport default {}`,
    `export default { "__proto__": { attacked: 1 } }`,
    `export default { constructor: { prototype: { attacked: 1 } } }`,
    `await ${dynamic}\nexport default {}`,
    `const x = eval("globalThis.attacked = 1")\nexport default x`,
    `Object.prototype.attacked = 1\nexport default {}`,
  ])('does nothing: %s', async (text) => {
    const result = await read(text)
    if (result.ok) expect(Object.getPrototypeOf(valueOf(result.value))).toBe(Object.prototype)
    expect('attacked' in {}).toBe(false)
    expect('attacked' in globalThis).toBe(false)
    expect(readdirSync(folder)).toEqual([])
  })
})

test('never throws, whatever the text', async () => {
  const words = ['export default ', 'defineConfig(', 'const a = ', "import x from 'shiplock'", 'as const', 'async ', 'await ', 'class ']
  const signs = ['a', '1', '"b"', '`c`', '\n', '\ud800', '...', '=>', '= ', '${', '/*', ...'{}[](),:;-/<>@#.?']
  const soup = fc.array(fc.constantFrom(...words, ...signs), { maxLength: 40 }).map((parts) => parts.join(''))
  const garbage = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), soup, soup.map((text) => `export default ${text}`))
  await fc.assert(fc.asyncProperty(garbage, async (text) => void (await read(text))), { numRuns: 500 })
})
