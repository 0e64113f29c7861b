import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { analyse } from '../analyse.ts'
import { findingsOf } from '../findings.ts'

/** Fixtures of the rules on what services do with requests. */
const own = ['nosql-injection', 'server-side-request-forgery', 'xml-external-entity', 'mass-assignment', 'query-injection']

const filesBelow = (directory: string): string[] => readdirSync(directory).flatMap((name) => (statSync(join(directory, name)).isDirectory() ? filesBelow(join(directory, name)) : [join(directory, name)]))

for (const rule of own) {
  const directory = join(import.meta.dirname, rule, 'fixtures')
  for (const name of readdirSync(directory)) {
    test(`${rule}: ${name}`, () => {
      const texts = new Map(filesBelow(join(directory, name)).map((path) => [relative(join(directory, name), path), readFileSync(path, 'utf8')]))
      const found = findingsOf(analyse(texts, texts), texts).filter((finding) => finding.rule === `sast/${rule}`)
      if (name.startsWith('ok.')) expect(found).toEqual([])
      else expect(found.length).toBeGreaterThan(0)
    })
  }
}
