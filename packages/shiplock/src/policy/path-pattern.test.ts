import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isOnePath, matchesPath } from './path-pattern.ts'

test.each([
  ['src/a.ts', 'src/a.ts', true],
  ['src/*.ts', 'src/a.ts', true],
  ['src/*.ts', 'src/deep/a.ts', false],
  ['src/**', 'src/deep/a.ts', true],
  ['src/**', 'src', false],
  ['src/**', 'srcs/a.ts', false],
  ['**/a.ts', 'a.ts', true],
  ['**/a.ts', 'src/deep/a.ts', true],
  ['**/a.ts', 'src/ba.ts', false],
  ['src/**/a.ts', 'src/a.ts', true],
  ['src/**/b/*.ts', 'src/x/y/b/a.ts', true],
  ['**', '.github/workflows/ci.yml', true],
  ['app/[id]/page.tsx', 'app/[id]/page.tsx', true],
  ['app/[id]/page.tsx', 'app/i/page.tsx', false],
  ['src/{a,b}.ts', 'src/a.ts', false],
  ['src/a?.ts', 'src/ab.ts', true],
  ['src?a.ts', 'src/a.ts', false],
  ['src/a**.ts', 'src/abc.ts', true],
  ['src/a**.ts', 'src/a/b.ts', false],
  ['', 'a', false],
])('%j and %j: %s', (pattern, path, expected) => {
  expect(matchesPath(path, pattern)).toBe(expected)
})

test('a path without stars names itself and nothing else', () => {
  const path = fc.array(fc.stringMatching(/^[\w.[\]{}()!+@-]+$/), { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))
  fc.assert(
    fc.property(path, path, (one, other) => {
      expect(isOnePath(one)).toBe(true)
      expect(matchesPath(one, one)).toBe(true)
      expect(matchesPath(other, one)).toBe(other === one)
      expect(matchesPath(`${one}/${other}`, `${one}/**`)).toBe(true)
      expect(matchesPath(`${one}/${other}`, `**/${other}`)).toBe(true)
    }),
  )
})

test('no pattern takes long', () => {
  const path = `${'a/'.repeat(2000)}${'a'.repeat(200)}`
  for (const pattern of ['{1..100000}', '{a,b}'.repeat(200), '*a'.repeat(500), '**/a/'.repeat(300), '+(+(+(a)))b']) matchesPath(path, pattern)
})
