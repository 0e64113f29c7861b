import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { git } from '../system/tree-listing.ts'
import { openChange, openRepository } from './session.ts'

let directory: string
let root: string
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'session-')))
  root = join(directory, 'tree')
  mkdirSync(join(root, 'ci'), { recursive: true })
  writeFileSync(join(root, 'ci/sl.ts'), 'export default {}\n')
  writeFileSync(join(directory, 'sl.ts'), 'export default {}\n')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const named = (config: string) => ({ cwd: root, format: 'pretty' as const, config })

test('a config is called as git calls it, however --config names it, since that name tells who owns it', async () => {
  for (const path of ['ci/sl.ts', './ci/sl.ts', 'ci/../ci//sl.ts', join(root, 'ci/sl.ts')]) expect(await openRepository(named(path))).toMatchObject({ configPath: 'ci/sl.ts', configOption: 'ci/sl.ts' })
})

test('a config from outside of the repository judges no change', async () => {
  git(root, ['init', '--quiet'])
  git(root, ['add', '.'])
  git(root, ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '-m', 'x'])
  for (const path of [join(directory, 'sl.ts'), '../sl.ts']) await expect(openChange({ ...named(path), since: 'HEAD' })).rejects.toMatchObject({ exitCode: 3 })
  expect((await openChange({ ...named(join(root, 'ci/sl.ts')), since: 'HEAD' })).base).toBeDefined()
})
