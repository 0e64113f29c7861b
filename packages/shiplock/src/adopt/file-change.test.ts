import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeChanges, undoChanges, type FileChange } from './file-change.ts'

let root: string
let state: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shiplock-init-'))
  state = join(root, '.shiplock')
  mkdirSync(state)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const create = (path: string, text = `${path}\n`): FileChange => ({ path, kind: 'create', text, why: '' })
const read = (path: string) => readFileSync(join(root, path), 'utf8')

test('what was written is taken back, folders that were made for it too, and what was added to a file alone', () => {
  writeFileSync(join(root, '.dockerignore'), 'dist')
  expect(makeChanges(root, state, [create('a.ts'), create('.github/workflows/x.yml'), { path: '.dockerignore', kind: 'append', text: '.shiplock/\n', why: '' }])).toMatchObject({ ok: true })
  expect(read('.dockerignore')).toBe('dist\n.shiplock/\n')
  expect(undoChanges(root, state)).toMatchObject({ ok: true, value: { left: [] } })
  expect([existsSync(join(root, 'a.ts')), existsSync(join(root, '.github')), read('.dockerignore')]).toEqual([false, false, 'dist'])
  expect(undoChanges(root, state)).toEqual({ ok: true, value: undefined })
})

test('a file that is there is never overwritten, and then nothing else is written either', () => {
  writeFileSync(join(root, 'b.ts'), 'mine')
  expect(makeChanges(root, state, [create('a.ts'), create('b.ts')])).toMatchObject({ ok: false, failure: { message: 'b.ts is there already' } })
  expect([existsSync(join(root, 'a.ts')), read('b.ts')]).toEqual([false, 'mine'])
})

test('what somebody changed since is left as it is', () => {
  makeChanges(root, state, [create('a.ts'), create('b.ts')])
  writeFileSync(join(root, 'a.ts'), 'edited')
  expect(undoChanges(root, state)).toMatchObject({ value: { removed: ['b.ts'], left: ['a.ts'] } })
  expect(read('a.ts')).toBe('edited')
})

test('where one file cannot be written none is left', () => {
  mkdirSync(join(root, 'c.ts', 'x'), { recursive: true })
  expect(() => makeChanges(root, state, [create('a.ts'), { ...create('c.ts/x/y'), path: 'a.ts/below' }])).toThrow()
  expect(existsSync(join(root, 'a.ts'))).toBe(false)
})

test('a link of the tree leads neither what is written nor what is taken back out of it', () => {
  const outside = mkdtempSync(join(tmpdir(), 'shiplock-outside-'))
  symlinkSync(outside, join(root, '.github'))
  expect(makeChanges(root, state, [create('.github/workflows/x.yml')])).toMatchObject({ ok: false, failure: { message: expect.stringContaining('symbolic link') } })
  rmSync(join(root, '.github'))
  makeChanges(root, state, [create('.github/x.yml')])
  rmSync(join(root, '.github'), { recursive: true })
  symlinkSync(outside, join(root, '.github'))
  writeFileSync(join(outside, 'x.yml'), '.github/x.yml\n')
  expect(undoChanges(root, state)).toMatchObject({ value: { removed: [], left: ['.github/x.yml'] } })
  expect(existsSync(join(outside, 'x.yml'))).toBe(true)
  rmSync(outside, { recursive: true })
})

test('a kill between the journal and the files leaves what can be taken back', () => {
  makeChanges(root, state, [create('a.ts'), create('b.ts')])
  // As if the second had not been reached.
  rmSync(join(root, 'b.ts'))
  expect(undoChanges(root, state)).toMatchObject({ value: { removed: ['a.ts'], left: [] } })
})

test('a journal that cannot be read takes nothing away', () => {
  makeChanges(root, state, [create('a.ts')])
  writeFileSync(join(state, 'init.json'), '{')
  expect(undoChanges(root, state)).toMatchObject({ ok: false, failure: { message: expect.stringContaining('cannot be read') } })
  expect(existsSync(join(root, 'a.ts'))).toBe(true)
})

test('a hook may be run', () => {
  makeChanges(root, state, [{ ...create('hooks/pre-push'), isExecutable: true }])
  expect(statSync(join(root, 'hooks/pre-push')).mode & 0o777).toBe(0o755)
  chmodSync(join(root, 'hooks/pre-push'), 0o644)
})
