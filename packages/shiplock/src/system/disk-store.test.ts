import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DiskStore } from './disk-store.ts'
import { isNoSpace, writeAtomically } from './files.ts'

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

test('a process that is killed while it writes leaves the old content or the new', async () => {
  const file = join(directory, 'file')
  const size = 4_000_000
  const script = `const { writeAtomically } = await import(${JSON.stringify(join(import.meta.dirname, 'files.ts'))})
    const contents = Array.from({ length: 10 }, (_, i) => Buffer.alloc(${size}, i))
    for (let i = 0; ; i++) {
      writeAtomically(${JSON.stringify(file)}, contents[i % 10])
      console.log(i)
    }`
  for (let round = 0; round < 5; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'close')
    const content = readFileSync(file)
    expect([content.length, content.equals(Buffer.alloc(size, content[0]))]).toEqual([size, true])
  }
})

test('a failed write leaves the old content and no temporary file', () => {
  const file = join(directory, 'file')
  writeAtomically(file, 'old')
  expect(() => writeAtomically(join(file, 'below-a-file'), 'x')).toThrow()
  mkdirSync(join(directory, 'folder'))
  expect(() => writeAtomically(join(directory, 'folder'), 'x')).toThrow('EISDIR')
  expect(readdirSync(directory)).toEqual(['file', 'folder'])
  expect(readFileSync(file, 'utf8')).toBe('old')
})

test('an artifact is there or it is not', () => {
  const store = new DiskStore(directory)
  expect([store.hasArtifact(directory), store.hasArtifact(join(directory, 'gone'))]).toEqual([true, false])
})

test.runIf(existsSync('/dev/full'))('a disk that is full is told from other trouble', () => {
  const thrown = (path: string): unknown => {
    try {
      return writeFileSync(path, 'x')
    } catch (error) {
      return error
    }
  }
  expect([isNoSpace(thrown('/dev/full')), isNoSpace(thrown(join(directory, 'no/such/folder')))]).toEqual([true, false])
})
