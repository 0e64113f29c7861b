import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { createCheckRig } from '../testing/check-fixtures.ts'
import { andExcluded, unlessAllExcluded, withoutExcluded } from './exclusion.ts'
import { registry } from './registry.ts'

async function run(check: keyof typeof registry, files: Readonly<Record<string, string>>, options: object) {
  await using rig = await createCheckRig(undefined, { packages: false })
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(rig.root, path)), { recursive: true })
    writeFileSync(join(rig.root, path), content)
  }
  const { outcome, summary } = await rig.run(registry[check], { options })
  return { outcome, summary }
}

test.each([
  ['dockerfile', { 'service/Dockerfile': 'FROM node:latest\n' }, 'service/Dockerfile'],
  ['workflows', { '.github/workflows/ci.yml': 'on: push\n' }, '.github/workflows/ci.yml'],
  ['terraform', { 'infra/main.tf': 'resource "a" "b" {}\n' }, 'infra/main.tf'],
  ['sast', { 'src/a.ts': 'eval(process.argv[2])\n' }, 'src/a.ts'],
  ['secrets', { 'a/b.txt': 'nothing\n', 'c.txt': 'nothing\n' }, 'a/b.txt and 1 more'],
  ['repository', { '.env': 'A=1\n' }, '.env'],
  ['dependencies', { 'a/package.json': '{ "dependencies": { "left-pad": "*" } }' }, 'a/package.json'],
] as const)('%s is skipped where the config leaves it nothing, never "no findings"', async (check, files, named) => {
  expect((await run(check, files, { exclude: ['**'] })).outcome).toEqual({ kind: 'skipped', reason: `checks.${check}.exclude leaves out every file that it would look at: ${named}` })
})

test('what is only there for tests may be left out, and the summary says so', async () => {
  const files = { 'src/fixtures/a/Dockerfile': 'FROM node:latest\n', 'src/fixtures/b/Dockerfile': 'FROM node:latest\n' }
  expect(await run('dockerfile', files, { exclude: ['**/fixtures/**'] })).toEqual({ outcome: { kind: 'completed', findings: [] }, summary: 'no Dockerfile, 2 excluded' })
})

test('what has something left is looked at, and the summary tells how much is not', async () => {
  const files = { 'Dockerfile': 'FROM scratch\n', 'old/Dockerfile': 'FROM node:latest\n' }
  expect((await run('dockerfile', files, { exclude: ['old/*'] })).summary).toBe('1 file, 1 excluded')
})

test('a folder that is to be looked at and has no Terraform is skipped', async () => {
  expect((await run('terraform', { 'main.tf': 'locals {}\n' }, { directory: 'infra' })).outcome).toEqual({ kind: 'skipped', reason: 'infra has no Terraform' })
})

test('stars of what is excluded see hidden names, as those of what is chosen do', () => {
  const exclusion = withoutExcluded(['a/.b/c.ts', '.d/e.ts', 'f.ts'], ['*/**'])
  expect([exclusion, andExcluded(exclusion), unlessAllExcluded('sast', exclusion)]).toEqual([{ kept: ['f.ts'], excluded: ['a/.b/c.ts', '.d/e.ts'] }, ', 2 excluded', undefined])
})
