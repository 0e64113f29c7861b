import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { memoryStore, type Store } from '../engine/cache.ts'
import { keyOfPath, takeSnapshot } from '../system/snapshot.ts'
import { contentKeys, remember, rememberTogether } from './remember.ts'

let root = ''
let made: string[] = []
const written = new Map<string, string>()
let store: Store

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shiplock-remember-'))
  written.clear()
  const memory = memoryStore()
  store = { ...memory, set: (key, value) => { written.set(key, value); memory.set(key, value) } }
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const write = (files: Readonly<Record<string, string>>) => {
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text)
}

async function recall({ key = 'k', make = (path: string, text: string) => `${path} ${text}` } = {}): Promise<Record<string, string>> {
  const snapshot = takeSnapshot(root, join(root, '..', `${root.split('/').at(-1)}.index`))
  rmSync(join(root, '..', `${root.split('/').at(-1)}.index`), { force: true })
  if (!snapshot.ok) throw new Error(snapshot.failure.message)
  made = []
  const found: Record<string, string> = {}
  const makeAll = async function* (paths: readonly string[]) {
    for (const path of paths) {
      made.push(path)
      yield [path, make(path, readFileSync(join(root, path), 'utf8'))] as const
    }
  }
  const whenChanged = (path: string) => new Error(`${path} changed`)
  for await (const [path, text] of remember({ check: 'c', key, paths: [...snapshot.value.files.keys()], snapshot: snapshot.value, store, make: makeAll, contentKey: contentKeys(snapshot.value, whenChanged) })) found[path] = text
  return found
}

test('only what is new is made, and what was made is given again', async () => {
  write({ 'a.ts': '1', 'b.ts': '2', 'c.ts': '3' })
  const first = await recall()
  expect(made.toSorted()).toEqual(['a.ts', 'b.ts', 'c.ts'])
  expect(await recall()).toEqual(first)
  expect(made).toEqual([])
  write({ 'b.ts': 'another' })
  expect(await recall()).toEqual({ ...first, 'b.ts': 'b.ts another' })
  expect(made).toEqual(['b.ts'])
})

test('another key, and the same content under another name, are something else', async () => {
  write({ 'a.ts': '1' })
  await recall()
  await recall({ key: 'other' })
  expect(made).toEqual(['a.ts'])
  write({ 'd.ts': '1' })
  expect((await recall())['d.ts']).toBe('d.ts 1')
  expect(made).toEqual(['d.ts'])
})

test('what a file holds is not in the store, not even as it is spelled there', async () => {
  const secret = 'correct-horse-battery-staple'
  write({ 'a.ts': secret, 'token-as-a-name.ts': '' })
  await recall()
  const kept = [...written.values()].join()
  expect(kept.length).toBeGreaterThan(0)
  expect(kept).not.toContain('token-as-a-name')
  expect([secret, Buffer.from(secret).toString('base64').slice(2, -4)].filter((text) => kept.includes(text) || Buffer.from(kept, 'base64').includes(text))).toEqual([])
})

test('an entry that was changed, or put in the place of another file, is made again', async () => {
  write({ 'a.ts': 'same', 'b.ts': 'same', 'c.ts': '3' })
  const first = await recall()
  for (const [key, value] of written) {
    const shelf = JSON.parse(value) as Record<string, [string, string]>
    const names = ['a.ts', 'b.ts', 'c.ts'].map(keyOfPath)
    const [a, b, c] = names.map((name) => shelf[name]!) as [[string, string], [string, string], [string, string]]
    const damaged = `${c[1].startsWith('A') ? 'B' : 'A'}${c[1].slice(1)}`
    store.set(key, JSON.stringify(Object.fromEntries(names.map((name, at) => [name, [[a[0], b[1]], [b[0], a[1]], [c[0], damaged]][at]]))))
  }
  expect(await recall()).toEqual(first)
  expect(made.toSorted()).toEqual(['a.ts', 'b.ts', 'c.ts'])
})

test('many files share an entry, few entries are written for one change', async () => {
  write(Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}.ts`, String(index)])))
  await recall()
  const entries = written.size
  expect(entries).toBeLessThanOrEqual(8)
  written.clear()
  write({ 'f7.ts': 'x' })
  await recall()
  expect(written.size).toBe(1)
})

/** What is made of all files of the tree together, and whether it had to be. */
async function recallTogether(key = 'k'): Promise<{ text: string; isMade: boolean }> {
  const snapshot = takeSnapshot(root, join(root, '..', `${root.split('/').at(-1)}.index`))
  rmSync(join(root, '..', `${root.split('/').at(-1)}.index`), { force: true })
  if (!snapshot.ok) throw new Error(snapshot.failure.message)
  let isMade = false
  const paths = [...snapshot.value.files.keys()]
  const make = async () => {
    isMade = true
    return `made of ${paths.map((path) => `${path} ${readFileSync(join(root, path), 'utf8')}`).join(', ')}`
  }
  const text = await rememberTogether({ check: 'c', key, paths, snapshot: snapshot.value, store, contentKey: contentKeys(snapshot.value, (path) => new Error(`${path} changed`)) }, make)
  return { text, isMade }
}

test('what was made of files together is made again when one of them, or the key, is another', async () => {
  write({ 'a.ts': '1', 'b.ts': '2' })
  expect(await recallTogether()).toEqual({ text: 'made of a.ts 1, b.ts 2', isMade: true })
  expect(await recallTogether()).toEqual({ text: 'made of a.ts 1, b.ts 2', isMade: false })
  expect(await recallTogether('other')).toEqual({ text: 'made of a.ts 1, b.ts 2', isMade: true })
  write({ 'b.ts': 'another' })
  expect(await recallTogether()).toEqual({ text: 'made of a.ts 1, b.ts another', isMade: true })
})

test('what was made of files together is sealed, and an entry that was changed is made again', async () => {
  write({ 'a.ts': 'correct-horse', 'b.ts': '2' })
  await recallTogether()
  expect(written.size).toBe(1)
  for (const [key, value] of written) {
    expect([value, Buffer.from(value, 'base64').toString('latin1')].filter((text) => text.includes('correct-horse'))).toEqual([])
    store.set(key, `${value.startsWith('A') ? 'B' : 'A'}${value.slice(1)}`)
  }
  expect(await recallTogether()).toEqual({ text: 'made of a.ts correct-horse, b.ts 2', isMade: true })
})
