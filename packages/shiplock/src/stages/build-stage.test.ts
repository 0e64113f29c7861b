import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BlobStore } from '../system/blob-store.ts'
import type { Confinement } from '../system/confinement.ts'
import { createMask } from '../system/masking.ts'
import { takeSnapshot } from '../system/snapshot.ts'
import { buildStage, type BuildStageInput } from './build-stage.ts'

test('everything that a build depends on is in its fingerprint, and nothing else of the tree', async () => {
  const root = mkdtempSync(join(tmpdir(), 'build-stage-'))
  mkdirSync(join(root, 'src'))
  writeFileSync(join(root, 'package.json'), '{}')
  writeFileSync(join(root, 'notes.txt'), '')
  const build = (more: Partial<BuildStageInput> = {}, confinement: Confinement = { kind: 'bubblewrap', program: 'bwrap' }) => {
    const taken = takeSnapshot(root, join(root, '.shiplock/index.json'))
    if (!taken.ok) throw new Error(taken.failure.message)
    const workspace = { snapshot: taken.value, confinement, scratchParent: join(root, '.shiplock/scratch'), programs: [], isUntrusted: false }
    const { inputs } = buildStage({ workspace, mask: createMask({}), blobs: new BlobStore(join(root, '.shiplock/blobs')), directory: '.', script: 'build', files: ['dist/**'], reads: ['src/**'], ...more })
    return inputs
  }
  const first = build()
  const others = [build({ directory: 'src' }), build({ script: 'other' }), build({ script: null }), build({ files: ['out/**'] }), build({ reads: ['**'] }), build({ ignore: { path: '.dockerignore', text: '*.map', ignores: () => false } }), build({}, { kind: 'unconfined', why: 'a test' })]
  writeFileSync(join(root, 'README.md'), 'not read by the build')
  expect(await build()).toBe(first)
  writeFileSync(join(root, 'src/a.ts'), 'read by the build')
  expect(new Set([first, ...others, await build()]).size).toBe(others.length + 2)
  rmSync(root, { recursive: true })
})
