import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { findWaiverComments, mayWaive } from './waiver-comments.ts'

const all = async (text: string, path = 'a.ts') => (await findWaiverComments(path, text)).map(({ rules, reason, problem, covers }) => ({ rules, ...(reason !== undefined && { reason }), ...(problem && { problem }), covers }))

test.each([
  ['on the line itself', 'a() // shiplock-ignore sast/a -- why', { rules: ['sast/a'], reason: 'why', covers: [1] }],
  ['on the line above', '// shiplock-ignore sast/a -- why\na()', { rules: ['sast/a'], reason: 'why', covers: [1, 2] }],
  ['of several rules', 'a() // shiplock-ignore sast/a, lint/b -- why -- not', { rules: ['sast/a', 'lint/b'], reason: 'why -- not', covers: [1] }],
  ['as a block', '/** shiplock-ignore sast/a -- why */\na()', { rules: ['sast/a'], reason: 'why', covers: [1, 2] }],
  ['in JSX', '<p>\n{/* shiplock-ignore sast/a -- why */}\n<b/></p>', { rules: ['sast/a'], reason: 'why', covers: [2, 3] }],
  ['of nosec, on its line alone', '// nosec sast/a -- why\na()', { rules: ['sast/a'], reason: 'why', covers: [1] }],
  ['of nosec without a reason', 'a() // nosec: sast/a', { rules: ['sast/a'], problem: 'without-reason', covers: [1] }],
  ['without a rule', 'a() // shiplock-ignore -- why', { rules: [], reason: 'why', problem: 'without-rule', covers: [1] }],
  ['without anything', 'a() // shiplock-ignore', { rules: [], problem: 'without-rule', covers: [1] }],
  ['without a reason', 'a() // shiplock-ignore sast/a', { rules: ['sast/a'], problem: 'without-reason', covers: [1] }],
  ['with an empty reason', 'a() // shiplock-ignore sast/a --', { rules: ['sast/a'], problem: 'without-reason', covers: [1] }],
  ['with a reason whose dashes are missing', 'a() // shiplock-ignore sast/a it is fine', { rules: ['sast/a'], problem: 'without-reason', covers: [1] }],
  ['whose rules and reason cannot be told apart', 'a() // shiplock-ignore sast/a it is -- fine', { rules: ['sast/a'], problem: 'without-reason', covers: [1] }],
  ["of nosec as gosec writes it", 'a() // #nosec sast/a -- why', { rules: ['sast/a'], reason: 'why', covers: [1] }],
  ['of bare nosec', 'a() // nosec', { rules: [], problem: 'without-rule', covers: [1] }],
  ['of nosec with prose', 'a() // NOSEC this is fine', { rules: [], problem: 'without-rule', covers: [1] }],
])('a waiver %s', async (_, text, expected) => {
  expect(await all(text, text.includes('<p>') ? 'a.tsx' : 'a.ts')).toEqual([expected])
})

test.each([
  ['a string', 'a("// shiplock-ignore sast/a -- why")'],
  ['a template', 'a(`\n// shiplock-ignore sast/a -- why\n`)'],
  ['prose about it', '// write shiplock-ignore sast/a -- why'],
  ['prose about nosec', '// as in `x = 1 # nosec`'],
  ['another word', '// shiplock-ignored sast/a -- why'],
  ["Bandit's and gosec's own rules", '// nosec B101, B602\n// nosec G404\n// #nosec G404 -- why\n// nosec start_process_with_partial_path'],
])('%s is none', async (_, text) => {
  expect(await all(text)).toEqual([])
})

test('a rule may be named by its short number, one of another tool is left to that', async () => {
  const aliases = new Map([['SL101', 'sast/a']])
  const named = async (text: string) => (await findWaiverComments('a.ts', text, aliases)).map(({ rules, problem }) => ({ rules, problem }))
  expect(await named('a() // nosec SL101 -- why')).toEqual([{ rules: ['sast/a'], problem: undefined }])
  expect(await named('a() // nosec B602 SL101')).toEqual([{ rules: ['sast/a'], problem: 'without-reason' }])
  expect(await named('a() // shiplock-ignore SL101 -- why')).toEqual([{ rules: ['sast/a'], problem: undefined }])
  expect(await named('a() // nosec SL999 -- why')).toEqual([])
})

test('waivers below each other cover the same code', async () => {
  const text = '// shiplock-ignore sast/a -- why\n// shiplock-ignore sast/b -- why\na()\n'
  expect((await all(text)).map(({ covers }) => covers)).toEqual([[1, 3], [2, 3]])
})

test('the code that is covered is told without its white space and without the comment', async () => {
  const codes = async (text: string) => (await findWaiverComments('a.ts', text)).map(({ code }) => code)
  const [same] = await codes('x( y ) // shiplock-ignore sast/a -- why')
  expect(await codes('\n\n  x(y) // shiplock-ignore sast/a -- another reason')).toEqual([same])
  expect(await codes('x(z) // shiplock-ignore sast/a -- why')).not.toEqual([same])
})

test('each language has its own marks', async () => {
  expect(await all('# shiplock-ignore dockerfile/root -- why\nUSER root', 'Dockerfile')).toMatchObject([{ covers: [1, 2] }])
  expect(await all('a: b # shiplock-ignore workflows/x -- why', 'a.yml')).toMatchObject([{ covers: [1] }])
  expect(await all('<!-- shiplock-ignore sast/a -- why -->\n<a>', 'a.html')).toMatchObject([{ reason: 'why', covers: [1, 2] }])
  expect(await all('-- shiplock-ignore sast/a -- why\nselect 1', 'a.sql')).toMatchObject([{ reason: 'why', covers: [1, 2] }])
  expect(await all('#!/usr/bin/env node\na() // shiplock-ignore sast/a -- why', 'bin/tool')).toMatchObject([{ reason: 'why', covers: [2] }])
  expect(await all('x = 1  # type: ignore # nosec sast/a', 'a.py')).toMatchObject([{ rules: ['sast/a'] }])
})

test.each([
  ['// eslint-disable-next-line no-eval -- why\neval(x)', 'eslint-disable-next-line no-eval', 'eval(x)'],
  ['// @ts-expect-error it is wrong\neval(x)', '@ts-expect-error it is wrong', 'eval(x)'],
  ['eval(x) // biome-ignore lint/security: why', 'biome-ignore lint/security: why', 'eval(x)//'],
])('what another tool is told is known with the code that it covers: %j', async (text, told, code) => {
  expect(await findWaiverComments('a.ts', text)).toMatchObject([{ kind: 'tool', rules: [], told, code: createHash('sha256').update(code).digest('hex').slice(0, 32), covers: [] }])
})

test.each([
  ['without a blank', '/*eslint-disable*/', 'eslint-disable'],
  ['on a line of its own', '/*\n  eslint-disable\n*/', 'eslint-disable'],
  ['behind stars', '/**\n * eslint-disable no-eval\n */', 'eslint-disable no-eval'],
  ['with its rules on several lines', '/* eslint-disable no-eval,\n   no-new */', 'eslint-disable no-eval, no-new'],
  ['as a setting of a rule', '/*  eslint "no-eval": 0 */', 'eslint "no-eval": 0'],
  ['to TSLint', '// tslint:disable:no-eval', 'tslint:disable:no-eval'],
  ['to oxlint', '// oxlint-disable-line', 'oxlint-disable-line'],
  ['to Biome, for all of it', '// biome-ignore-all lint: old', 'biome-ignore-all lint: old'],
  ['to TypeScript, in any case', '// @TS-NoCheck', '@TS-NoCheck'],
  ['to TypeScript, with three slashes and a colon', '///@ts-ignore: old', '@ts-ignore: old'],
  ['to TypeScript, on the last line', '/* the types are old\n * @ts-expect-error */', '@ts-expect-error'],
])('what another tool is told is noticed %s', async (_, comment, told) => {
  const text = `${comment}\neval(x)\n`
  expect(await findWaiverComments('a.ts', text)).toMatchObject([{ kind: 'tool', told }])
  expect(mayWaive('a.ts', Buffer.from(text))).toBe(true)
})

test.each([
  ['main.tf', 'resource "a" "b" {\n  # for now, checkov:skip=CKV_GCP_6: later\n  c = 1\n}\n', 'checkov:skip=CKV_GCP_6:'],
  ['main.tf', 'a = 1 // old tfsec:ignore:a trivy:ignore:b\n', 'tfsec:ignore:a trivy:ignore:b'],
  ['Dockerfile', '#bridgecrew:skip=CKV_DOCKER_3\nUSER root\n', 'bridgecrew:skip=CKV_DOCKER_3'],
])('what Trivy and Checkov are told in %s is noticed anywhere in a comment', async (path, text, told) => {
  expect(await findWaiverComments(path, text)).toMatchObject([{ kind: 'tool', told }])
})

test('prose about ESLint tells it nothing', async () => {
  expect(await findWaiverComments('a.ts', '// eslint objects to this\n/* eslint is told elsewhere */\n')).toEqual([])
})

test('one that moves is another one, where it then covers other code', async () => {
  const codeOf = async (text: string, path = 'a.ts') => (await findWaiverComments(path, text))[0]?.code
  const rest = '/* eslint-disable */\n\n'
  expect(await codeOf(`a()\n${rest}b()\n`)).not.toBe(await codeOf(`${rest}a()\nb()\n`))
  expect(await codeOf(`${rest}a()\n`)).not.toBe(await codeOf(`${rest}a()\n`, 'b.ts'))
  expect(await codeOf(`${rest}a()\n`)).toBe(await codeOf(`\n  ${rest}a()\nb()\n`))
  const next = (line: string) => `a() // eslint-disable-next-line\n${line}\n`
  expect(await codeOf(next('b()'))).not.toBe(await codeOf(next('eval(x)')))
  const skip = (name: string) => `resource "a" "${name}" {\n  #checkov:skip=CKV_GCP_6:why\n\n  x = 1\n}\n`
  expect(await codeOf(skip('one'), 'a.tf')).not.toBe(await codeOf(skip('two'), 'a.tf'))
})

test('thousands of comments for the rest of a file cost no more than a moment', async () => {
  expect(await findWaiverComments('a.ts', '/* eslint-disable */ x()\n'.repeat(40_000))).toHaveLength(40_000)
}, 20_000)

test('what is told at length is told apart to its end', async () => {
  const told = async (end: string) => (await findWaiverComments('a.ts', `/* eslint-disable ${'no-eval, '.repeat(40)}${end} */`))[0]?.told
  expect(await told('no-new')).not.toBe(await told('no-void'))
})

test.each([['shiplock-ignore'], ['nosec']])('a %s before many blanks and a line break of another kind is read at once', async (word) => {
  expect(await findWaiverComments('a.ts', `a() // ${word}${' \t'.repeat(50_000)}x\r\u2028y`)).toBeDefined()
})
