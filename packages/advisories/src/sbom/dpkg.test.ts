import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stanza } from '../testing/image-files.ts'
import { parseDpkgStatus, parseMd5sums } from './dpkg.ts'

const one = (fields: Readonly<Record<string, string>>) => parseDpkgStatus(stanza({ Package: 'a', Version: '1.0-1', Architecture: 'amd64', ...fields })).packages[0]

describe('a package of dpkg', () => {
  test('has what advisories and people know it by', () => {
    expect(one({ Status: 'install ok installed', Source: 'glibc (2.36-9)', Maintainer: 'A <a@example.test>', Description: 'short\n long', 'Pre-Depends': 'x', Depends: 'libc6 (>= 2.36), b | c:any <!nocheck>, ${misc:Depends}', Provides: 'v (= 1), w' })).toEqual({
      name: 'a',
      version: '1.0-1',
      architecture: 'amd64',
      source: { name: 'glibc', version: '2.36-9' },
      maintainer: 'A <a@example.test>',
      description: 'short',
      depends: [['x'], ['libc6'], ['b', 'c']],
      provides: ['v', 'w'],
    })
  })

  test.each([
    ['', { name: 'a', version: '1.0-1' }],
    ['glibc', { name: 'glibc', version: '1.0-1' }],
    ['glibc (2:2.36-9+deb12u1)', { name: 'glibc', version: '2:2.36-9+deb12u1' }],
    ['glibc (2.36', { name: 'a', version: '1.0-1' }],
    ['../../etc (1)', { name: 'a', version: '1' }],
  ])('is built from what Source says, where that makes sense: %j', (source, expected) => {
    expect(one({ Source: source })?.source).toEqual(expected)
  })

  test.each([
    ['install ok installed', 1],
    ['hold ok installed', 1],
    ['install ok half-configured', 1],
    ['install reinstreq half-installed', 1],
    ['deinstall ok config-files', 0],
    ['purge ok not-installed', 0],
  ])('is in the image or not as its state says: %s', (state, count) => {
    const { packages, skipped } = parseDpkgStatus(stanza({ Package: 'a', Status: state, Version: '1', Architecture: 'all' }))
    expect([packages.length, skipped]).toEqual([count, 0])
  })

  test.each([{ Package: 'a' }, { Version: '1' }, { Package: '-a', Version: '1' }, { Package: 'a\u001b[2J', Version: '1' }, { Package: 'a', Version: '1 2' }, { Package: 'a'.repeat(300), Version: '1' }, { Package: 'a', Version: '../1' }])('that is none is counted and not made up: %j', (fields) => {
    expect(parseDpkgStatus(stanza(fields))).toEqual({ packages: [], skipped: 1 })
  })
})

const status = '/var/lib/dpkg/status'

test.runIf(existsSync(status))('the packages of this machine are those that dpkg-query names', () => {
  const listed = execFileSync('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\n'], { encoding: 'utf8', maxBuffer: 1 << 26 })
  const expected = listed.split('\n').filter((line) => line.startsWith('installed ')).map((line) => line.slice('installed '.length))
  const { packages, skipped } = parseDpkgStatus(readFileSync(status, 'utf8'))
  expect(packages.map((it) => [it.name, it.version, it.architecture, it.source.name, it.source.version].join(' ')).toSorted()).toEqual(expected.toSorted())
  expect(skipped).toBe(0)
})

test('packages with any names and versions that policy allows are read as they were written', () => {
  const name = fc.stringMatching(/^[a-z0-9][a-z0-9+.-]{1,30}$/)
  const version = fc.stringMatching(/^(?:[1-9]:)?\d[0-9A-Za-z.+~]{0,20}(?:-[0-9a-z+~.]{1,10})?$/)
  fc.assert(
    fc.property(fc.array(fc.record({ Package: name, Version: version, Source: fc.tuple(name, version).map(([of, at]) => `${of} (${at})`) })), (written) => {
      const { packages, skipped } = parseDpkgStatus(written.map((fields) => stanza({ ...fields, Architecture: 'amd64' })).join('\n'))
      expect(packages.map((it) => ({ Package: it.name, Version: it.version, Source: `${it.source.name} (${it.source.version})` }))).toEqual(written)
      expect(skipped).toBe(0)
    }),
  )
})

test('lists of files are read with either mark, and what is no line of one is passed over', () => {
  const sum = 'd41d8cd98f00b204e9800998ecf8427e'
  expect(parseMd5sums(`${sum}  usr/bin/a\n${sum} *./usr/lib/b c\nnonsense\n${sum}  /etc/d\n${sum}  \n`)).toEqual(['usr/bin/a', 'usr/lib/b c', 'etc/d'])
})
