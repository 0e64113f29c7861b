import { symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Finding, RunRecord } from '@shiplock/findings'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

let repository: ScratchRepository
beforeEach(async () => {
  repository = await ScratchRepository.create({ 'shiplock.config.ts': 'export default { checks: { types: false } }\n' })
})
afterEach(() => repository.dispose())

async function check(args: readonly string[]) {
  const { exitCode, stdout, stderr } = await repository.shiplock(['check', '--format', 'json', ...args])
  const record: RunRecord = JSON.parse(stdout)
  return { exitCode, stderr, rules: record.stages.flatMap(({ outcome }): readonly Finding[] => (outcome?.kind === 'completed' ? outcome.findings : [])).map(({ rule }) => rule) }
}

const workflow = `name: ci
on: push
permissions:
  contents: write
jobs:
  build:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
      - run: npm ci
  other:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - name: Get it
        uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8
        with:
          fetch-depth: 0
      - run: npm ci
`

test('check --fix mends what is certain, says what it changed, and judges what is there afterwards', async () => {
  repository.write('src/mend.js', 'export const f = "a\\d"\n')
  repository.write('.github/workflows/ci.yml', workflow)
  repository.write('Dockerfile', 'FROM debian:12\nRUN apt-get update && apt-get install curl\n')
  repository.write('.gitignore', 'dist/')
  const before = await check([])
  for (const rule of ['workflows/persisted-credentials', 'dockerfile/apt-recommends', 'dockerfile/apt-assume-yes', 'repository/gitignore-env', 'repository/gitignore-node-modules', 'lint/error']) expect(before.rules).toContain(rule)
  const { stderr, rules } = await check(['--fix'])
  expect(stderr).toContain('Mended 4 files; git diff shows how.')
  expect(stderr).toMatch(/\.github\/workflows\/ci\.yml +\+3 -0\n/)
  expect(rules.filter((rule) => /persisted|apt-recommends|assume|gitignore|lint/.test(rule))).toEqual([])
  expect(repository.read('.github/workflows/ci.yml')).toBe(workflow.replace('# v5.0.0\n', '# v5.0.0\n        with:\n          persist-credentials: false\n').replace('          fetch-depth: 0\n', '          persist-credentials: false\n          fetch-depth: 0\n'))
  expect(repository.read('Dockerfile')).toMatch(/apt-get install (?:-y --no-install-recommends|--no-install-recommends -y) curl\n/)
  expect(repository.read('.gitignore').split('\n').filter((line) => line !== '').toSorted()).toEqual(['.env', 'dist/', 'node_modules/'])
  expect(repository.read('src/mend.js')).toBe('export const f = "ad"\n')
  // What is mended stays as it is.
  expect((await check(['--fix'])).stderr).toContain('Nothing was mended.')
})

test('what is waived, elsewhere than asked, or behind a link is left alone', async () => {
  const outside = join(tmpdir(), `shiplock-outside-${process.pid}.ignore`)
  writeFileSync(outside, 'dist/\n')
  repository.write('src/waived.js', 'export const f = "a\\d" // shiplock-ignore lint/error -- for the workshop\nexport const g = "a\\d"\n')
  repository.write('src/other.js', 'export const g = "a\\d"\n')
  repository.git('rm', '--quiet', '-f', '.gitignore')
  symlinkSync(outside, join(repository.root, '.gitignore'))
  const texts = () => ['src/waived.js', 'src/other.js', '.gitignore'].map((path) => repository.read(path))
  const before = texts()
  await check(['--fix', 'src/waived.js'])
  expect(texts()).toEqual(before)
  await check(['--fix'])
  expect(texts()).toEqual([before[0], 'export const g = "ad"\n', 'dist/\n'])
})

test('--fix and --watch do not go together', async () => {
  expect(await repository.shiplock(['check', '--fix', '--watch'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('do not go together') })
})
