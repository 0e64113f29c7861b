import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { assemble, createLayout, findManifest, removeReference, verifyBlob, type Descriptor, type Layout } from '@shiplock/image'
import { expect, onTestFinished, test } from 'vitest'
import { takeSnapshot } from '../system/snapshot.ts'
import { openStateDirectory } from '../system/state-directory.ts'
import { pruneImages } from './prune-images.ts'

function rig() {
  const root = mkdtempSync(join(tmpdir(), 'prune-images-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const [state, snapshot] = [openStateDirectory(root), takeSnapshot(root)]
  if (!state.ok || !snapshot.ok) throw new Error('no state')
  const notes: string[] = []
  const store = join(root, 'cache/shiplock/debs')
  const prune = () => pruneImages({ state: state.value, workspace: { snapshot: snapshot.value, confinement: { kind: 'unconfined', why: 'a test' }, scratchParent: root, programs: [], isUntrusted: false }, environment: { XDG_CACHE_HOME: join(root, 'cache') } }, (text) => notes.push(text))
  return { state: state.value, store, notes, prune }
}

const make = async (layout: Layout, text: string, cacheDir: string): Promise<Descriptor> =>
  (await assemble({ layout, cacheDir, platform: { os: 'linux', architecture: 'amd64' }, layers: [{ name: text, entries: [{ kind: 'file', path: 'a', mode: 0o444, content: Buffer.from(text) }] }], config: { entrypoint: ['a'], user: '1', workingDir: '/' }, created: 0, reference: `todo:${text}` })).manifest

/** As if nobody had touched anything below for that long. */
function age(directory: string, days: number): void {
  const time = new Date(Date.now() - days * 24 * 60 * 60 * 1000)
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) if (entry.isFile()) utimesSync(join(entry.parentPath, entry.name), time, time)
}

test('an image that no name leads to goes after a month, unless a revision of the local target runs it', async () => {
  const { state, notes, prune } = rig()
  const layout = await createLayout(state.layout)
  const [named, runs, gone] = [await make(layout, 'named', state.layers), await make(layout, 'runs', state.layers), await make(layout, 'gone', state.layers)]
  for (const name of ['runs', 'gone']) await removeReference(layout, `todo:${name}`)
  const service = join(state.local, 'services/todo/service.json')
  mkdirSync(dirname(service), { recursive: true })
  writeFileSync(service, JSON.stringify({ revisions: [{ image: `todo@${runs.digest}` }] }))
  age(state.layout, 29)
  await prune()
  await verifyBlob(layout, gone)
  age(state.layout, 31)
  await prune()
  await expect(verifyBlob(layout, gone)).rejects.toMatchObject({ code: 'blob-missing' })
  for (const it of [named, runs]) await verifyBlob(layout, it)
  expect(await findManifest(layout, 'todo:named')).toMatchObject({ digest: named.digest })
  expect(notes).toEqual([])
})

test('packages that nobody used for three months go, and a checkout that made no image gets none', async () => {
  const { state, store, notes, prune } = rig()
  mkdirSync(store, { recursive: true })
  for (const [name, days] of [['a', 91], ['b', 89]] as const) {
    const file = join(store, `${name.repeat(64)}.deb`)
    writeFileSync(file, '')
    const time = new Date(Date.now() - days * 24 * 60 * 60 * 1000)
    utimesSync(file, time, time)
  }
  await prune()
  expect([readdirSync(store), readdirSync(state.path).includes('layout'), notes]).toEqual([[`${'b'.repeat(64)}.deb`], false, []])
})

test('a layout that is damaged is told, and is nobody’s failure', async () => {
  const { state, notes, prune } = rig()
  await createLayout(state.layout)
  writeFileSync(join(state.layout, 'index.json'), '{')
  await prune()
  expect(notes).toEqual([expect.stringContaining('could not be tidied up')])
})
