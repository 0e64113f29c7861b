import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fixed, fixtures, found, planted, textsOf, vulnerable } from '../../scripts/planted.ts'

describe.each(readdirSync(fixtures))('%s', (service) => {
  const texts = textsOf(service)

  test('every planted flaw is found, and nothing else', () => {
    const changed = new Map([...texts].map(([path, text]) => [path, vulnerable(text)]))
    expect(found(changed).map(({ rule, path, line }) => `${rule} ${path}:${line}`).toSorted()).toEqual(planted(texts).toSorted())
  })

  test('most flaws lead across files', () => {
    const findings = found(new Map([...texts].map(([path, text]) => [path, vulnerable(text)])))
    expect(findings.filter(({ files }) => files > 1).length).toBeGreaterThan(findings.length / 3)
  })

  test('the fixed service is silent', () => {
    const changed = new Map([...texts].map(([path, text]) => [path, fixed(text)]))
    expect(found(changed).map(({ rule, path, line }) => `${rule} ${path}:${line}`)).toEqual([])
  })
})
