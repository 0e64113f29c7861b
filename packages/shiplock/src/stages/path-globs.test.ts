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

const paths = ['a.ts', '.a.ts', 'src/a.ts', 'src/.hidden/a.ts', '.github/workflows/ci.yml', 'packages/x/package.json', 'a/.b/c/action.yml', 'Dockerfile', 'x/web.Dockerfile', '.devcontainer/Dockerfile', 'tsconfig.build.json', 'x/.dockerignore', '.eslintignore', 'main.tf', 'infra/prod.tfvars.json', 'package-lock.json', 'x/yarn.lock', 'README', '.oxlintrc.json', 'vite.config.ts']

test.each(checks.map((check) => [check.id, check.reads(check.options.parse({}))] as const))('the globs of %s choose the files that Node chooses', (_, globs) => {
  expect(paths.filter(globMatcher(globs))).toEqual(paths.filter((each) => globs.some((it) => matchesGlob(each, it))))
})

test('no glob matches nothing, and many braces are not expanded without end', () => {
  expect(globMatcher([])('a')).toBe(false)
  expect(globMatcher([`${'{a,b}'.repeat(12)}/*`])(`${'ab'.repeat(6)}/x`)).toBe(true)
})
