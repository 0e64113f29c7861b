import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { analyse } from '../analyse.ts'
import { findingsOf } from '../findings.ts'
import { rules } from './index.ts'

const filesBelow = (directory: string): string[] => readdirSync(directory).flatMap((name) => (statSync(join(directory, name)).isDirectory() ? filesBelow(join(directory, name)) : [join(directory, name)]))

for (const { id } of rules) {
  const directory = join(import.meta.dirname, id.replace('sast/', ''), 'fixtures')
  test(`${id} has a page, and fixtures of both kinds`, () => {
    expect(existsSync(join(directory, '..', `${id.replace('sast/', '')}.md`))).toBe(true)
    expect(new Set(readdirSync(directory).map((name) => name.split('.')[0]))).toEqual(new Set(['bad', 'ok']))
  })
  for (const name of readdirSync(directory)) {
    test(`${id}: ${name}`, () => {
      const texts = new Map(filesBelow(join(directory, name)).map((path) => [relative(join(directory, name), path), readFileSync(path, 'utf8')]))
      const found = findingsOf(analyse(texts, texts), texts).filter(({ rule }) => rule === id)
      if (name.startsWith('ok.')) expect(found).toEqual([])
      else expect(found.length).toBeGreaterThan(0)
    })
  }
}
