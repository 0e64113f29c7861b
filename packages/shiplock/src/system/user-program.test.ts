import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { findConfinement } from './confinement.ts'
import { listPastContents } from './history.ts'
import { git, listTree } from './tree-listing.ts'
import { findUserProgram, pathOutside } from './user-program.ts'

let root: string
let system: string
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'user-program-')))
  system = process.env['PATH'] ?? ''
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(root, { recursive: true, force: true })
})

const names = ['git', 'bwrap', 'npm', 'mine'] as const
const marker = () => join(root, 'ran')

function bring(directory: string): string {
  mkdirSync(directory, { recursive: true })
  for (const name of names) {
    writeFileSync(join(directory, name), `#!/bin/sh\necho ${name} >> ${marker()}\n`)
    chmodSync(join(directory, name), 0o755)
  }
  return directory
}

test('programs that a dependency brings under the names of git, bwrap and npm never run, though npm put them first', async ({ signal }) => {
  spawnSync('git', ['init', '--quiet'], { cwd: root })
  const path = `${bring(join(root, 'node_modules/.bin'))}:${system}`
  vi.stubEnv('PATH', path)
  expect(git(root, ['rev-parse', '--show-cdup'])).toBe('\n')
  expect(listTree(root).ok).toBe(true)
  expect((await listPastContents({ root }, signal)).ok).toBe(true)
  await findConfinement(root, { PATH: path })
  expect(findUserProgram(root, 'npm', path)).not.toContain(root)
  expect(existsSync(marker())).toBe(false)
})

test('nor those of the folders above, of a relative PATH, or behind a link into the tree', () => {
  const inner = join(root, 'sub/inner')
  mkdirSync(inner, { recursive: true })
  const above = bring(join(root, 'node_modules/.bin'))
  const linked = join(root, 'linked')
  mkdirSync(linked)
  bring(join(inner, 'bin'))
  symlinkSync(join(inner, 'bin/mine'), join(linked, 'mine'))
  for (const path of [above, join(inner, 'bin'), 'sub/inner/bin', '', linked, join(root, 'gone')]) expect(findUserProgram(inner, 'mine', path)).toBeUndefined()
  expect(pathOutside(inner, `${above}:.:${linked}:/usr/bin`)).toBe(`${linked}:/usr/bin`)
})

test('those of the user are found, also below a node_modules that is not of this repository', () => {
  const elsewhere = bring(join(root, 'tools/node_modules/.bin'))
  const tree = join(root, 'tree')
  mkdirSync(tree)
  expect(findUserProgram(tree, 'mine', `/nowhere:${elsewhere}`)).toBe(join(elsewhere, 'mine'))
})
