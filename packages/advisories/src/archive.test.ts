import { expect, test } from 'vitest'
import { hostOf, isArchiveOf } from './archive.ts'

const registry = 'https://registry.example.test'

test.for([
  [`${registry}/a/-/a-1.0.0.tgz`, 'a', '1.0.0'],
  [`${registry}/a/-/a-1.0.0.tgz#0123`, 'a', '1.0.0'],
  [`${registry}/api/npm/all/@x/a/-/a-1.0.0-rc.1.tgz`, '@x/a', '1.0.0-rc.1'],
  [`${registry}/@x%2fa/-/a-1.0.0.tgz`, '@x/a', '1.0.0'],
  [`${registry}/@x/a/-/@x/a-1.0.0.tgz`, '@x/a', '1.0.0'],
  [`${registry}/a/-/a-1.0.0.tgz`, 'a', '1.0.0+build'],
  [`${registry}/download/@x/a/1.0.0/0123abcd`, '@x/a', '1.0.0'],
  [`${registry}/a/download/a-1.0.0.tgz`, 'a', '1.0.0'],
  ['https://files.example.test/a.tgz', 'a', '1.0.0'],
  ['git+ssh://git@example.test/x/-/y.git', 'a', '1.0.0'],
] as const)('%s may be %s@%s', ([address, name, version]) => {
  expect(isArchiveOf(address, name, version)).toBe(true)
})

test.for([
  [`${registry}/evil/-/evil-1.0.0.tgz`, 'a', '1.0.0'],
  [`${registry}/a/-/a-1.0.1.tgz`, 'a', '1.0.0'],
  [`${registry}/evil/a/-/a-1.0.0.tgz`, '@x/a', '1.0.0'],
  [`${registry}/@evil/a/-/a-1.0.0.tgz`, '@x/a', '1.0.0'],
  [`${registry}/bb/-/b-1.0.0.tgz`, 'b', '1.0.0'],
  [`${registry}/a/-/a-1.0.0.tgz/../../../evil/-/evil-1.0.0.tgz`, 'a', '1.0.0'],
  [`${registry}/%/-/%.tgz`, 'a', '1.0.0'],
  [`${registry}/download/evil/1.0.0/0123`, 'a', '1.0.0'],
] as const)('%s is not %s@%s', ([address, name, version]) => {
  expect(isArchiveOf(address, name, version)).toBe(false)
})

test('hosts are told of web addresses alone', () => {
  expect(hostOf('https://user:key@registry.example.test:8443/a')).toBe('registry.example.test:8443')
  expect(hostOf('git+ssh://git@example.test/x')).toBeUndefined()
  expect(hostOf('https://')).toBeUndefined()
})
