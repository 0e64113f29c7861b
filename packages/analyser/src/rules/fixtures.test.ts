import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { analyse } from '../analyse.ts'
import { findingsOf } from '../findings.ts'
import { rules } from './index.ts'

const filesBelow = (directory: string): string[] => readdirSync(directory).flatMap((name) => (statSync(join(directory, name)).isDirectory() ? filesBelow(join(directory, name)) : [join(directory, name)]))

for (const { id } of rules) {
  const directory = join(import.meta.dirname, id.replace('sast/', ''), 'fixtures')
  test(`${id} has a page, and of every bad fixture the one with its fix`, () => {
    expect(existsSync(join(directory, '..', `${id.replace('sast/', '')}.md`))).toBe(true)
    const named = (kind: string) => readdirSync(directory).flatMap((name) => (name.startsWith(`${kind}.`) ? name.slice(kind.length + 1) : []))
    expect(named('bad')).not.toEqual([])
    expect(named('bad').filter((name) => !named('ok').includes(name))).toEqual([])
    expect(readdirSync(directory).filter((name) => !/^(?:bad|ok)\./.test(name))).toEqual([])
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
