import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { useAdvisories } from '../testing/advisory-index.ts'
import { isAboutAdvisory, knownAdvisory, knownFingerprint, knownPath, lastDay } from './waiver-target.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shiplock-waive-'))
  mkdirSync(join(root, 'src/[id]'), { recursive: true })
  for (const path of ['src/server.js', 'src/[id]/page.js']) writeFileSync(join(root, path), '')
})
afterEach(() => rmSync(root, { recursive: true }))

test('a path is that of a file, or a pattern that files match', () => {
  for (const path of ['src/server.js', 'src/**', 'src/*.js', 'src/[id]/page.js']) knownPath(root, path)
})

test.each([
  ['src/serve.js', 'no file of the tree is'],
  ['src', 'is a folder'],
])('a path that no finding can have is refused: %s', (path, message) => {
  expect(() => knownPath(root, path)).toThrow(message)
})

test('a rule whose findings are each about one advisory is told from others, ours or not', () => {
  expect(['dependencies/vulnerable', 'osv-scanner/GHSA-35jh-r3h4-6jhm', 'trivy/CVE-2026-1', 'trivy/GHSA-35jh-r3h4-6jhm'].filter((rule) => !isAboutAdvisory(rule))).toEqual([])
  expect(['dependencies/install-script', 'sast/sql-injection', 'trivy/AVD-GCP-0001', 'trivy/secret/aws-access-key-id', 'hadolint/DL3008', 'nobody/CVE-2026-1'].filter(isAboutAdvisory)).toEqual([])
})

test('the last day is today or later, and a day', () => {
  expect(['2026-11-27', '0', '90'].map((expires) => lastDay(expires, '2026-11-27'))).toEqual(['2026-11-27', '2026-11-27', '2027-02-25'])
  expect(() => lastDay('2020-01-01', '2026-11-27')).toThrow('2020-01-01 is past')
  expect(() => lastDay('181', '2026-11-27')).toThrow('more than a waiver may last')
  for (const expires of ['tomorrow', '2026-02-30', '-1', '', '999999999']) expect(() => lastDay(expires, '2026-11-27')).toThrow('is no day')
})

test('a fingerprint has the shape of one', () => {
  expect(knownFingerprint(`${'a1'.repeat(16)}:2`)).toBe(`${'a1'.repeat(16)}:2`)
  expect(() => knownFingerprint('abc')).toThrow('is no fingerprint')
})

test('where there is an index, an advisory that it does not have of the component is refused', async () => {
  const flaw = (name: string, id: string, aliases: string[]) => writeFileSync(join(root, 'src', `${id}.json`), JSON.stringify({ id, aliases, summary: 'flaw', affected: [{ package: { ecosystem: 'npm', name }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }] }] }] }))
  rmSync(join(root, 'src'), { recursive: true })
  mkdirSync(join(root, 'src'))
  flaw('@a/b', 'GHSA-2222-2222-2222', ['CVE-2099-0001'])
  flaw('c', 'GHSA-3333-3333-3333', ['CVE-2099-0002'])
  await using _ = await useAdvisories(join(root, 'src'))
  for (const purl of ['pkg:npm/%40a/b@1.0.0', 'pkg:npm/@a/b@1.0.0', 'pkg:npm/%40a/b']) for (const id of ['CVE-2099-0001', 'ghsa-2222-2222-2222']) knownAdvisory(purl, id)
  expect(() => knownAdvisory('pkg:npm/%40a/b@1.0.0', 'CVE-2099-0002')).toThrow('has no "CVE-2099-0002" of @a/b')
  expect(() => knownAdvisory('pkg:npm/d@1.0.0', 'CVE-2099-0002')).toThrow('of d')
})
