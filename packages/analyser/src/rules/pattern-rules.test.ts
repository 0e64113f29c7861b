import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { analyse } from '../analyse.ts'
import { findingsOf } from '../findings.ts'
import { rules } from './index.ts'

const filesBelow = (directory: string): string[] => readdirSync(directory).flatMap((name) => (statSync(join(directory, name)).isDirectory() ? filesBelow(join(directory, name)) : [join(directory, name)]))

for (const { id, find } of rules) {
  if (!find) continue
  const directory = join(import.meta.dirname, id.replace('sast/', ''))
  test(`${id} has a page, and fixtures of both kinds`, () => {
    expect(existsSync(join(directory, `${id.replace('sast/', '')}.md`))).toBe(true)
    const names = readdirSync(join(directory, 'fixtures'))
    expect(names.filter((name) => name.startsWith('bad.')).length).toBeGreaterThanOrEqual(2)
    expect(names.filter((name) => name.startsWith('ok.')).length).toBeGreaterThanOrEqual(2)
  })
  for (const name of readdirSync(join(directory, 'fixtures'))) {
    test(`${id}: ${name}`, () => {
      const root = join(directory, 'fixtures', name)
      const texts = new Map(filesBelow(root).map((path) => [relative(root, path), readFileSync(path, 'utf8')]))
      const found = findingsOf(analyse(texts, texts), texts).filter(({ rule }) => rule === id)
      if (name.startsWith('ok.')) expect(found).toEqual([])
      else expect(found.length).toBeGreaterThan(0)
    })
  }
}

test('a credential that is found is not shown', () => {
  const texts = new Map([['a.js', `const jwt = require('jsonwebtoken')\nconst key = 'kept by nobody'; exports.sign = (claims) => jwt.sign(claims, key)\nnew (require('pg').Pool)({ host: 'db.example.test', user: 'shop', password: 'k3pt-by-nobody' })\n`]])
  const found = findingsOf(analyse(texts, texts), texts).filter(({ rule }) => rule === 'sast/hard-coded-credentials')
  expect(found.length).toBe(2)
  expect(JSON.stringify(found)).not.toMatch(/kept by nobody|k3pt/)
  expect(found[0]!.snippet).toBe('const key = ***; exports.sign = (claims) => jwt.sign(claims, key)')
})
