import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const repository = join(import.meta.dirname, '../..')

/** The items of OWASP ASVS 5.0.0 that apply to a service without accounts, with their levels. */
const items: readonly (readonly [item: string, level: number])[] = `
  1.2.1 1, 1.2.4 1, 2.2.1 1, 2.2.2 1, 2.4.1 2, 3.2.1 1, 3.3.1 1, 3.3.2 2, 3.3.3 2, 3.3.4 2,
  3.4.1 1, 3.4.2 1, 3.4.3 2, 3.4.4 2, 3.4.5 2, 3.4.6 2, 3.4.8 3, 3.5.1 1, 3.5.3 1, 4.1.1 1, 4.1.3 2, 4.1.4 3, 11.5.1 2, 12.2.1 1,
  12.3.1 2, 13.2.2 2, 13.3.1 2, 13.4.1 1, 13.4.2 2, 13.4.4 2, 13.4.5 2, 14.3.2 2, 15.1.1 1, 15.1.2 2, 15.2.1 1, 15.2.3 2, 15.2.4 3,
  16.2.1 2, 16.3.3 2, 16.4.1 2, 16.5.1 2, 16.5.2 2, 16.5.4 3`
  .split(',')
  .map((pair) => {
    const [item = '', level] = pair.trim().split(' ')
    return [item, Number(level)]
  })

interface Row {
  readonly item: string
  readonly level: number
  readonly done: string
  readonly proof: string
}

const rows: readonly Row[] = readFileSync(join(repository, 'docs/asvs.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => {
    const [item = '', level = '', , done = '', proof = ''] = line.split(' | ').map((cell) => cell.replace(/^\| ?| ?\|$/g, '').trim())
    return { item, level: Number(level), done, proof }
  })

/** The tests that a file names as a string, which is how each begins. */
const namesOf = (file: string): string => readFileSync(join(repository, file), 'utf8').replaceAll("\\'", "'")

test('docs/asvs.md lists every item once, with its level', () => {
  expect(rows.map(({ item, level }) => [item, level])).toEqual(items)
})

test('each item is proven by tests that exist, or says who else provides it', () => {
  for (const { item, done, proof } of rows) {
    const named = Array.from(proof.matchAll(/`([^`]+)`: "([^"]+)"/g), ([, file = '', name = '']) => ({ file, name }))
    // All of the cell, so that a proof with a slip of the pen is not simply overlooked.
    expect(named.map(({ file, name }) => `\`${file}\`: "${name}"`).join('; '), item).toBe(proof)
    if (named.length === 0) expect(done, `${item} has no test`).toMatch(/^Not here: /)
    for (const { file, name } of named) {
      const isThere = ["'", '"', '`'].some((quote) => namesOf(file).includes(`(${quote}${name}${quote}`))
      expect(isThere, `${item}: no test "${name}" in ${file}`).toBe(true)
    }
  }
})
