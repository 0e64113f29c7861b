import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { takeSnapshot } from './snapshot.ts'
import { runOnTree, type Workspace } from './workspace.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'workspace-'))
  writeFileSync(join(root, 'a.js'), 'one')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function workspace(onUnconfined: () => void): Workspace {
  const snapshot = takeSnapshot(root)
  if (!snapshot.ok) throw new Error(snapshot.failure.message)
  return { snapshot: snapshot.value, confinement: { kind: 'unconfined', why: 'a test' }, scratchParent: join(root, '.shiplock/scratch'), programs: [], isUntrusted: false, onUnconfined }
}

test('it tells when code of the repository begins to run without a wall, and again when that has ended', async () => {
  const mark = join(root, 'mark')
  const told: boolean[] = []
  const command = { argv: ['node', '-e', `require('fs').rmSync(${JSON.stringify(mark)})`], in: 'scratch', executes: true } as const
  const result = await runOnTree(workspace(() => {
    told.push(existsSync(mark))
    writeFileSync(mark, '')
  }), command)
  // The code took the mark away; it is made again behind it.
  expect([result.kind === 'exited' && result.exitCode, told, existsSync(mark)]).toEqual([0, [false, false], true])
})

test('of what executes nothing of the repository it tells nothing', async () => {
  let isTold = false
  await runOnTree(workspace(() => (isTold = true)), { argv: ['node', '-e', ''], in: 'scratch', executes: false })
  expect(isTold).toBe(false)
})
