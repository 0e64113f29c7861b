import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDiagnostics } from './tsc-output.ts'

const parse = (output: string, ...files: string[]) =>
  parseDiagnostics(output, { root: '/home/ada/shop', project: 'tsconfig.json', has: (path) => files.includes(path) })

test('an error has its place, and the indented lines below it are its detail', () => {
  expect(
    parse(
      "src/a.ts(3,14): error TS2322: Type 'A' is not assignable to type 'B'.\n  Types of property 'x' are incompatible.\n    Type '1' is not assignable to type '2'.\n",
    ),
  ).toEqual([
    {
      rule: 'types/error',
      message: "TS2322: Type 'A' is not assignable to type 'B'.",
      location: { path: 'src/a.ts', startLine: 3, startColumn: 14 },
      detail: "  Types of property 'x' are incompatible.\n    Type '1' is not assignable to type '2'.",
    },
  ])
})

test('an error without a place is at the project', () => {
  expect(parse("error TS18003: No inputs were found in config file '/home/ada/shop/tsconfig.json'.")).toEqual([
    { rule: 'types/config', message: "TS18003: No inputs were found in config file 'tsconfig.json'.", location: { path: 'tsconfig.json' } },
  ])
})

test('an unknown option is a mistake of the configuration, a JSON module of the wrong shape is not', () => {
  expect(
    parse("tsconfig.json(1,24): error TS5023: Unknown compiler option 'strickt'.\ndata.json(1,1): error TS2322: no").map(
      ({ rule }) => rule,
    ),
  ).toEqual(['types/config', 'types/error'])
})

test('a path and a message that look like a place do not move the error', () => {
  const path = 'odd(1,2): error TS1: /a.ts'
  const [finding] = parse(`${path}(7,3): error TS2322: Type '"b.ts(9,9): error TS9: x"' is wrong.`, path, 'b.ts')
  expect(finding?.location).toEqual({ path, startLine: 7, startColumn: 3 })
  expect(finding?.message).toBe(`TS2322: Type '"b.ts(9,9): error TS9: x"' is wrong.`)
})

test('whatever the compiler prints, a place counts from one line on and every line of an error is kept or is detail', () => {
  const line = fc.oneof(
    fc.string(),
    fc
      .tuple(fc.string(), fc.nat(), fc.nat(), fc.string())
      .map(([path, row, column, text]) => `${path}(${row},${column}): error TS${row}: ${text}`),
  )
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      for (const { location, message } of parse(lines.join('\n'))) {
        expect(location?.path).not.toBe('')
        expect(message).toMatch(/^TS\d+: /)
      }
    }),
  )
})
