import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ownerRuleOf, ownsPath, parseCodeOwners } from './code-owners.ts'

test.each([
  ['*', ['a', '.github/workflows/a.yml', 'a/b'], []],
  ['*.js', ['a.js', 'src/a.js', 'src/.hidden/a.js'], ['a.jsx', 'a.js.map']],
  ['/build/logs/', ['build/logs/a', 'build/logs/deep/a'], ['build/logs', 'src/build/logs/a', 'build/a']],
  ['docs/*', ['docs/a.md'], ['docs/deep/a.md', 'src/docs/a.md']],
  ['/*', ['a', '.env'], ['src/a']],
  ['apps/', ['apps/a', 'src/apps/a', 'src/apps/deep/a'], ['apps', 'webapps/a']],
  ['/docs/', ['docs/a', 'docs/deep/a'], ['src/docs/a']],
  ['/scripts', ['scripts', 'scripts/a'], ['src/scripts']],
  ['**/logs', ['logs', 'logs/a', 'deep/logs/a', 'a/b/logs'], ['mylogs']],
  ['src/**/test', ['src/test/a', 'src/a/b/test'], ['test', 'src/tests']],
  ['.github/', ['.github/workflows/a.yml', 'src/.github/a'], ['github/a']],
  ['/.github/', ['.github/a'], ['src/.github/a']],
  ['shiplock.config.ts', ['shiplock.config.ts', 'app/shiplock.config.ts'], ['shiplock.config.ts.bak', 'xshiplock.config.ts']],
  ['/shiplock.*', ['shiplock.config.ts', 'shiplock.waivers.yaml'], ['app/shiplock.config.ts']],
  ['a?c', ['abc', 'src/abc'], ['a/c', 'ac']],
  ['/', [], []],
])('%s names these and not those', (pattern, these, those) => {
  expect(these.filter((path) => !ownsPath(pattern, path))).toEqual([])
  expect(those.filter((path) => ownsPath(pattern, path))).toEqual([])
})

test('the last line that names a path decides, also where it names nobody', () => {
  const rules = parseCodeOwners('* @everyone\n\n/src/ @org/src @ann\n/src/free/\n# /src/ @nobody\n/src/a.ts ann@example.test # who wrote it\r\n')
  expect(['README.md', 'src/b.ts', 'src/free/b.ts', 'src/a.ts'].map((path) => ownerRuleOf(rules, path))).toMatchObject([
    { owners: ['@everyone'], line: 1 },
    { owners: ['@org/src', '@ann'], line: 3 },
    { owners: [], line: 4 },
    { owners: ['ann@example.test'], line: 6 },
  ])
  expect(ownerRuleOf(parseCodeOwners('/src/ @ann'), 'README.md')).toBeUndefined()
})

test('lines that GitHub skips are skipped: the one above still decides', () => {
  for (const line of ['!/src/ @eve', '/sr[c]/ @eve', '/src/ eve', '/src/ @eve eve', '/src/ @-eve', '/src/ @']) expect(ownerRuleOf(parseCodeOwners(`* @ann\n${line}`), 'src/a')).toMatchObject({ owners: ['@ann'] })
})

test('a space or a # behind a backslash is part of the pattern', () => {
  expect(parseCodeOwners('/a\\ b @ann\n\\#c @ann #d')).toMatchObject([{ pattern: '/a b', owners: ['@ann'] }, { pattern: '#c', owners: ['@ann'] }])
})

test('whatever the file holds, reading and matching it ends, and quickly', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('*', '**', '/', 'a', '?', ' @ann', '\\', '#', '\n', '[')).map((parts) => parts.join('')), fc.array(fc.constantFrom('a', 'b', '/')).map((parts) => parts.join('')), (text, path) => {
      ownerRuleOf(parseCodeOwners(text), path)
    }),
  )
  expect(ownsPath('*a'.repeat(200), 'a'.repeat(2000) + 'b')).toBe(false)
})
