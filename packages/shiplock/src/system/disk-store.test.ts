import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DiskStore } from './disk-store.ts'
import { writeAtomically } from './files.ts'

let directory: string
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'store-'))))
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const key = 'ab'.repeat(32)
const pathOf = () => join(directory, 'ab', key.slice(2))

test('what was set is got, by another store on the same directory too', () => {
  new DiskStore(directory).set(key, 'value\nwith ünicode')
  expect(new DiskStore(directory).get(key)).toBe('value\nwith ünicode')
  expect(new DiskStore(directory).get('cd'.repeat(32))).toBeUndefined()
})

test('a damaged, cut or emptied entry is a miss and is dropped', () => {
  const store = new DiskStore(directory)
  for (const damage of [(text: string) => text.replace('value', 'walue'), (text: string) => text.slice(0, -1), () => '']) {
    store.set(key, 'value')
    writeFileSync(pathOf(), damage(readFileSync(pathOf(), 'utf8')))
    expect(store.get(key)).toBeUndefined()
    expect(readdirSync(join(directory, 'ab'))).toEqual([])
  }
})

test('a key that is no hash is refused, since it would be a path of the caller’s making', () => {
  const store = new DiskStore(directory)
  for (const bad of ['../../etc/passwd', '', 'AB', `${key}/x`]) expect(() => store.set(bad, 'x')).toThrow('not a hash')
})

test('what nobody used for long is pruned', () => {
  const store = new DiskStore(directory)
  store.set(key, 'value')
  store.prune(1000, Date.now() + 500)
  expect(store.get(key)).toBe('value')
  store.prune(1000, Date.now() + 5000)
  expect(store.get(key)).toBeUndefined()
})

test('a process that is killed while it writes leaves the old content', () => {
  const file = join(directory, 'file')
  const script = `const { writeAtomically } = await import(${JSON.stringify(join(import.meta.dirname, 'files.ts'))}); for (let i = 0; ; i++) writeAtomically(${JSON.stringify(file)}, String(i % 10).repeat(200_000))`
  for (let round = 0; round < 5; round++) {
    try {
      execFileSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 250 + 20 * round, killSignal: 'SIGKILL', stdio: 'ignore' })
    } catch {
      // Killed, as it should be.
    }
    expect(readFileSync(file, 'utf8')).toMatch(/^(\d)\1{199999}$/)
  }
})

test('a failed write leaves the old content and no temporary file', () => {
  const file = join(directory, 'file')
  writeAtomically(file, 'old')
  expect(() => writeAtomically(join(file, 'below-a-file'), 'x')).toThrow()
  expect(readdirSync(directory)).toEqual(['file'])
  expect(readFileSync(file, 'utf8')).toBe('old')
})
