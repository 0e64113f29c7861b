import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isAffected, smallestFix } from './advisory.ts'
import { readCoreAdvisories } from './core-advisories.ts'

const entry = { cve: ['CVE-2026-1', 'CVE-2026-2'], ref: 'https://nodejs.org/en/blog/vulnerability/x', vulnerable: '20.x || 22.x', patched: '^20.20.2 || ^22.22.2', description: 'a flaw', affectedEnvironments: ['all'], severity: 'high' }

const read = (value: unknown) => {
  const result = readCoreAdvisories(value)
  if (!result.ok) throw new Error(result.failure)
  return result.value
}

test('Node’s own advisories say which versions are affected and which of them are mended', () => {
  const [{ advisory, ecosystem, name } = { advisory: undefined }] = read({ 170: entry })
  expect(ecosystem && name).toBe('node')
  expect(advisory).toMatchObject({ id: 'CVE-2026-1', aliases: ['CVE-2026-2', 'NODE-CORE-170'], severity: 'high', url: entry.ref })
  if (!advisory) throw new Error('none was read')
  expect(['20.0.0', '20.20.1', '22.22.1', '22.0.0-rc.1'].filter((version) => !isAffected(advisory, version))).toEqual([])
  expect(['18.0.0', '20.20.2', '22.22.2', '22.30.0', '24.0.0'].filter((version) => isAffected(advisory, version))).toEqual([])
  expect([smallestFix([advisory], '20.1.0'), smallestFix([advisory], '22.1.0')]).toEqual(['20.20.2', '22.22.2'])
})

test('what concerns other systems than Linux alone, and what names no versions, is left out', () => {
  expect(read({ 1: { ...entry, affectedEnvironments: ['win32'] }, 2: { ...entry, vulnerable: 'all of them' }, 3: { ...entry, vulnerable: undefined } })).toEqual([])
  expect(read({ 1: { ...entry, affectedEnvironments: ['win32', 'linux'] }, 2: { ...entry, affectedEnvironments: undefined } })).toHaveLength(2)
})

test('one without a CVE is known by its number, and one whose mended versions make no sense is mended in none', () => {
  const [{ advisory } = { advisory: undefined }] = read({ 7: { ...entry, cve: [], patched: 'soon', severity: 'unknown', ref: 'javascript:alert(1)' } })
  expect(advisory).toMatchObject({ id: 'NODE-CORE-7', severity: 'medium', url: 'https://nodejs.org/en/blog/vulnerability/' })
  expect(advisory && isAffected(advisory, '22.22.2')).toBe(true)
})

test('a document without any advisory is none', () => {
  for (const value of [{}, [], null, { advisories: [] }, 'x']) expect(readCoreAdvisories(value).ok).toBe(false)
  fc.assert(fc.property(fc.dictionary(fc.constantFrom('1', '2', 'x'), fc.oneof(fc.jsonValue(), fc.record({ vulnerable: fc.string(), patched: fc.string(), cve: fc.jsonValue() }))), (value) => {
    readCoreAdvisories(value)
  }))
})

/** vuln/core/index.json of nodejs/security-wg (MIT), without the fields that nothing here reads. */
const published = join(import.meta.dirname, '../fixtures/node-core.json')

test('the advisories that were published are read, all but those for Windows', () => {
  const advisories = read(JSON.parse(readFileSync(published, 'utf8')))
  expect(advisories).toHaveLength(162)
  const affecting = (version: string) => advisories.filter(({ advisory }) => isAffected(advisory, version)).length
  expect(affecting('22.22.1')).toBeGreaterThan(0)
  expect(affecting('22.22.3')).toBe(0)
})
