import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { createCheckRig } from '../../testing/check-fixtures.ts'
import { findMarkers, secretsByPattern, secretsByShape } from './find-by-pattern.ts'
import { findSecrets } from './find-secrets.ts'
import secrets from './index.ts'
import { patterns } from './patterns.ts'

const root = resolve(import.meta.dirname, '../../../../..')
const committed = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0').filter((path) => path !== '' && !/\.(?:png|wasm|gz|webp)$/.test(path))
const files = committed.flatMap((path) => {
  try {
    return [[path, readFileSync(join(root, path), 'utf8')] as const]
  } catch {
    // Removed from the tree, or a directory of another repository.
    return []
  }
})
const isFixture = (path: string) => /\/checks\/[^/]+\/fixtures\//.test(path)

test('no committed file holds the whole shape of a token: a host that looks for secrets would refuse the push', () => {
  const rules = patterns.filter(({ isRandom, id }) => isRandom === true || id === 'secrets/private-key')
  const found = files.flatMap(([path, text]) => [...rules.flatMap((rule) => [...secretsByPattern(rule, text, false)]), ...secretsByShape(text, findMarkers(text))].map(({ rule }) => `${path}: ${rule.id}`))
  expect(found).toEqual([])
})

test('the check finds nothing in the fixtures of checks, although none is left out', async () => {
  const found = await Promise.all(files.filter(([path]) => isFixture(path)).map(async ([path, text]) => (await findSecrets(path, text)).map(({ rule }) => `${path}: ${rule}`)))
  expect(found.flat()).toEqual([])
})

test('a fixture is put together before a check looks at it', async () => {
  await using rig = await createCheckRig(join(import.meta.dirname, 'fixtures/bad.tokens/tree'), { packages: false })
  expect(readFileSync(join(rig.root, 'src/clients.ts'), 'utf8')).not.toContain('SPLIT')
  const { outcome } = await rig.run(secrets)
  expect(outcome.kind === 'completed' && outcome.findings.length).toBeGreaterThan(10)
})
