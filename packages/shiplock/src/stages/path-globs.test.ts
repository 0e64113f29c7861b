import { matchesGlob } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { checks } from '../checks/registry.ts'
import { globMatcher } from './path-globs.ts'

const name = fc.array(fc.constantFrom('a', 'b', '.', '-', 'ts', 'A', ' ', '+'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')).filter((text) => text !== '.' && text !== '..')
const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'))

const piece = fc.constantFrom('a', 'b', '.', '-', 'ts', 'A', ' ', '+', '*', '*', '{a,b}', '{a,.b,*}', '{a/b,ts}', '{a,{b,ts}}', '{,a}', '{a}', '{1..3}', '{', '}', ',', '?', '[ab]', '!', '\\', '@(a)', '+')
const part = fc.oneof(fc.constant('**'), fc.constant('*'), fc.array(piece, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')))
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

test('stars see what is hidden where they are to, and nothing else changes', () => {
  // A dot at the start of a name is no dot then.
  const plain = (text: string) => text.replaceAll(/(^|\/)\./g, '$1b')
  const dotless = glob.filter((it) => !/[{}]/.test(it) && (it.match(/\*+/g)?.length ?? 0) <= 4)
  fc.assert(
    fc.property(dotless, fc.array(path, { minLength: 1, maxLength: 12 }), (it, some) => {
      const matches = globMatcher([it], { isHiddenSeen: true })
      if (!/^[\w\-.*/ +]+$/.test(it) || /\.\/|\/\/|\.$/.test(`${it}/`)) return
      for (const each of some) if (matchesGlob(each, it)) expect(matches(each)).toBe(true)
      if (/(?:^|\/)\./.test(it)) return
      for (const each of some) expect(matches(each)).toBe(matchesGlob(plain(each), it) || matches(each) && !matchesGlob(each, it) && /(?:^|\/)\./.test(each))
    }),
    { numRuns: 1000 },
  )
  expect(['.a/.b/.c/Dockerfile', '.a/main.tf', 'x/.svc/package-lock.json'].map(globMatcher(['**/Dockerfile', '**/*.tf', '**/package-lock.json'], { isHiddenSeen: true }))).toEqual([true, true, true])
  expect(globMatcher(['**/*.tf'])('.a/main.tf')).toBe(false)
})

const paths = ['a.ts', '.a.ts', 'src/a.ts', 'src/.hidden/a.ts', '.github/workflows/ci.yml', 'packages/x/package.json', 'a/.b/c/action.yml', 'Dockerfile', 'x/web.Dockerfile', '.devcontainer/Dockerfile', 'tsconfig.build.json', 'x/.dockerignore', '.eslintignore', 'main.tf', 'infra/prod.tfvars.json', 'package-lock.json', 'x/yarn.lock', 'README', '.oxlintrc.json', 'vite.config.ts']

test.each(checks.map((check) => [check.id, check.reads(check.options.parse({}))] as const))('the globs of %s choose the files that Node chooses', (_, globs) => {
  expect(paths.filter(globMatcher(globs))).toEqual(paths.filter((each) => globs.some((it) => matchesGlob(each, it))))
})

test('no glob matches nothing, and many braces are not expanded without end', () => {
  expect(globMatcher([])('a')).toBe(false)
  expect(globMatcher([`${'{a,b}'.repeat(12)}/*`])(`${'ab'.repeat(6)}/x`)).toBe(true)
})
