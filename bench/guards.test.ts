import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { guards } from './guards.list.ts'

const root = join(import.meta.dirname, '..')

/** Text of each file that a guard is in, read once; undefined where there is none. */
const texts = new Map([...new Set(guards.map(({ file }) => file))].map((file) => [file, existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined] as const))

test('the text of every listed guard is in its file, once', () => {
  const misfits = guards.flatMap(({ name, file, remove }) => {
    const text = texts.get(file)
    const times = text === undefined ? 0 : text.split(remove).length - 1
    return text !== undefined && times === 1 ? [] : [`${name}: ${text === undefined ? `there is no ${file}` : `${times} times in ${file}: ${remove}`}`]
  })
  expect(misfits).toEqual([])
})

test('what is put in the place of a guard is something else', () => {
  expect(guards.filter(({ remove, replacement }) => remove === '' || remove === replacement).map(({ name }) => name)).toEqual([])
})

test('the tests that are to notice are there, and no two guards have one name', () => {
  expect(guards.filter(({ test: file }) => !existsSync(join(root, file))).map(({ name, test: file }) => `${name}: ${file}`)).toEqual([])
  expect(guards.map(({ name }) => name).filter((name, index, all) => all.indexOf(name) !== index)).toEqual([])
})
