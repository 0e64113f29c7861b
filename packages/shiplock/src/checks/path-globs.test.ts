import { matchesGlob } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { globPattern } from './check.ts'
import { globMatcher, isGlob } from './path-globs.ts'
import { checks } from './registry.ts'

const name = fc.array(fc.constantFrom('a', 'b', '.', '-', 'ts', 'A', ' ', '+'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')).filter((text) => text !== '.' && text !== '..')
const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'))

const piece = fc.constantFrom('a', 'b', '.', '-', 'ts', 'A', ' ', '+', '*', '*', '{a,b}', '{a,.b,*}', '{a/b,ts}', '{a,{b,ts}}', '{,a}', '{a}', '{1..3}', '{', '}', ',', '?', '?', '[ab]', '[a-b]', '[!a]', '[^a.]', '[.]', '[b-a]', '[', ']', '!', '#', '$', '^', '|', '\\', '@(a)', '+')
const part = fc.oneof(fc.constant('**'), fc.constant('*'), fc.constant('!(*.*)'), fc.array(piece, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')))
const glob = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'))

test('says of every glob and path what Node says', () => {
  fc.assert(
    fc.property(glob, fc.array(path, { minLength: 1, maxLength: 12 }), (it, paths) => {
      const matches = globMatcher([it])
      expect(paths.filter(matches)).toEqual(paths.filter((each) => matchesGlob(each, it)))
    }),
    { numRuns: 3000 },
  )
})

test('what a config may hold is matched without asking Node, and as it would', () => {
  const supported = glob.filter(isGlob)
  fc.assert(
    fc.property(supported, fc.array(path, { minLength: 1, maxLength: 12 }), (it, paths) => {
      expect(globPattern.safeParse(it).success).toBe(true)
      expect(paths.filter(globMatcher([it]))).toEqual(paths.filter((each) => matchesGlob(each, it)))
    }),
    { numRuns: 3000 },
  )
})

test.each([
  ['groups', '@(a|b)/x'],
  ['a group that repeats', '+(a)'],
  ['a negation', '!src/**'],
  ['a backslash', 'src\\**'],
  ['a range of numbers', 'a{1..3}'],
  ['a brace that does not close', 'a{b,c'],
  ['a brace that holds one choice', '{a}/b'],
  ['a bracket that does not close', 'a[b'],
  ['a range from back to front', '[z-a]'],
  ['a class of classes', '[[:alpha:]]'],
  ['a slash at its end', 'src/'],
  ['a slash at its beginning', '/src/**'],
  ['a dot for the root', './src/**'],
  ['a way out', '../src/**'],
  ['no name between slashes', 'src//a'],
  ['more than 6 braces', '{a,b}'.repeat(7)],
  ['more than 12 stars', '*a'.repeat(13)],
  ['a control character', 'a\nb'],
])('a config may not hold a glob with %s', (_, it) => {
  const parsed = globPattern.safeParse(it)
  expect(parsed.error?.issues[0]?.message).toMatch(/^must /)
})

test('stars and folders without end take no time without end', () => {
  const deep = `${'.a/'.repeat(1500)}x`
  for (const it of ['**/.*/**/.*/**/.*/**/*.tf', '**/.a/**/.a/**/.a/**/.a/**/y', `${'*a'.repeat(12)}b`]) expect(globMatcher([it], { isHiddenSeen: true })(deep)).toBe(false)
  expect(globMatcher([`${'*a'.repeat(12)}b`])('a'.repeat(250))).toBe(false)
  expect(globMatcher(['**/.a/**/.a/**/.a/**/.a/**/x'], { isHiddenSeen: true })(deep)).toBe(true)
})

test('a name that macOS takes apart is the same name', () => {
  expect(globMatcher(['docs/caf\u00E9/*.ts'])('docs/cafe\u0301/a.ts')).toBe(true)
  expect(globMatcher(['docs/cafe\u0301/?'])('docs/caf\u00E9/\u00E9')).toBe(true)
  expect(globMatcher(['DOCS/*'])('docs/a')).toBe(false)
})

test('stars see what is hidden where they are to, and nothing else changes', () => {
  // A dot at the start of a name is no dot then.
  const plain = (text: string) => text.replaceAll(/(^|\/)\./g, '$1b')
  const dotless = glob.filter((it) => !/[{}]/.test(it))
  fc.assert(
    fc.property(dotless, fc.array(path, { minLength: 1, maxLength: 12 }), (it, some) => {
      const matches = globMatcher([it], { isHiddenSeen: true })
      if (!isGlob(it)) return
      for (const each of some) if (matchesGlob(each, it)) expect(matches(each)).toBe(true)
      if (/(?:^|\/)\.|[[?]/.test(it)) return
      for (const each of some) expect(matches(each)).toBe(matchesGlob(plain(each), it) || matches(each) && !matchesGlob(each, it) && /(?:^|\/)\./.test(each))
    }),
    { numRuns: 1000 },
  )
  expect(['.a/.b/.c/Dockerfile', '.a/main.tf', 'x/.svc/package-lock.json'].map(globMatcher(['**/Dockerfile', '**/*.tf', '**/package-lock.json'], { isHiddenSeen: true }))).toEqual([true, true, true])
  expect(globMatcher(['**/*.tf'])('.a/main.tf')).toBe(false)
  expect(['.husky/pre-push', 'bin/tool', '.a', 'a.b'].map(globMatcher(['**/!(*.*)'], { isHiddenSeen: true }))).toEqual([true, true, false, false])
  expect(['.env', 'a/.env', '.a/x'].map(globMatcher(['?env', '**/[!a]env', '[.]a/*'], { isHiddenSeen: true }))).toEqual([true, true, true])
})

const paths = ['a.ts', '.a.ts', 'src/a.ts', 'src/.hidden/a.ts', '.github/workflows/ci.yml', 'packages/x/package.json', 'a/.b/c/action.yml', 'Dockerfile', 'x/web.Dockerfile', '.devcontainer/Dockerfile', 'tsconfig.build.json', 'x/.dockerignore', '.eslintignore', 'main.tf', 'infra/prod.tfvars.json', 'package-lock.json', 'x/yarn.lock', 'README', '.oxlintrc.json', 'vite.config.ts']

test.each(checks.map((check) => [check.id, check.reads(check.options.parse({}))] as const))('the globs of %s choose the files that Node chooses', (_, globs) => {
  expect(paths.filter(globMatcher(globs))).toEqual(paths.filter((each) => globs.some((it) => matchesGlob(each, it))))
})

test('no glob matches nothing, and many braces are not expanded without end', () => {
  expect(globMatcher([])('a')).toBe(false)
  expect(globMatcher([`${'{a,b}'.repeat(12)}/*`])(`${'ab'.repeat(6)}/x`)).toBe(true)
})
