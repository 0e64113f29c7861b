import { describe, expect, test } from 'vitest'
import { image, imageFiles, layers, nodeProgram, stanza } from '../testing/image-files.ts'
import { catalogue } from './catalogue.ts'
import { isWanted } from './image-file.ts'

const osRelease = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="13"\nVERSION_CODENAME=trixie\nID=debian\n'
const libc = stanza({ Package: 'libc6', Version: '2.41-12', Architecture: 'amd64', Source: 'glibc', Depends: 'libgcc-s1' })
const gcc = stanza({ Package: 'libgcc-s1', Version: '14.2.0-19', Architecture: 'amd64', Source: 'gcc-14', Depends: 'libc6 (>= 2.35), gcc-14-base' })
const base = stanza({ Package: 'gcc-14-base', Version: '14.2.0-19', Architecture: 'amd64', Source: 'gcc-14' })
const packageJson = (name: string, version: string, dependencies: Readonly<Record<string, string>> = {}) => JSON.stringify({ name, version, license: 'MIT', dependencies })

const small = {
  'usr/lib/os-release': osRelease,
  'var/lib/dpkg/status.d/libc6': libc,
  'var/lib/dpkg/status.d/libgcc-s1': gcc,
  'var/lib/dpkg/status.d/gcc-14-base': base,
  'usr/share/doc/gcc-14-base/copyright': '/usr/share/common-licenses/GPL-3',
  'usr/local/bin/node': nodeProgram('26.10.0'),
}
const app = { 'app/node_modules/a/package.json': packageJson('a', '1.0.0', { b: '^1.0.0' }), 'app/node_modules/b/package.json': packageJson('b', '1.0.0', { a: '^1.0.0' }), 'app/node_modules/a/node_modules/b/package.json': packageJson('b', '1.0.0') }

const known = (it: Awaited<ReturnType<typeof catalogue>>) => it.components.map(({ purl, name }) => purl ?? name)

describe('a catalogue', () => {
  test('holds the system, its packages, Node and what npm installed, each with where it is from and what it needs', async () => {
    const read = await catalogue([...imageFiles(small), ...imageFiles(app, layers[1])], { image })
    expect(known(read)).toEqual(['debian', 'pkg:deb/debian/gcc-14-base@14.2.0-19?arch=amd64&distro=debian-13&upstream=gcc-14', 'pkg:deb/debian/libc6@2.41-12?arch=amd64&distro=debian-13&upstream=glibc', 'pkg:deb/debian/libgcc-s1@14.2.0-19?arch=amd64&distro=debian-13&upstream=gcc-14', 'pkg:generic/node@26.10.0', 'pkg:npm/a@1.0.0', 'pkg:npm/b@1.0.0'])
    expect(read.distribution).toEqual({ id: 'debian', name: 'Debian GNU/Linux 13 (trixie)', versionId: '13', codename: 'trixie' })
    expect(read.unread).toEqual([])
    const [, gccBase, c6, s1, node, , b] = read.components
    expect([gccBase?.licences, s1?.licences, c6?.licences]).toEqual([['GPL-3'], ['GPL-3'], []])
    expect(node).toMatchObject({ cpe: 'cpe:2.3:a:nodejs:node.js:26.10.0:*:*:*:*:*:*:*', hashes: [{ algorithm: 'SHA-256' }] })
    expect(b?.locations).toEqual([{ path: 'app/node_modules/a/node_modules/b/package.json', layer: layers[1] }, { path: 'app/node_modules/b/package.json', layer: layers[1] }])
    expect(read.dependencies.get(s1?.ref ?? '')).toEqual([gccBase?.ref, c6?.ref])
    expect(read.dependencies.get('pkg:npm/a@1.0.0')).toEqual(['pkg:npm/b@1.0.0'])
    expect(read.dependencies.get('pkg:npm/b@1.0.0')).toEqual(['pkg:npm/a@1.0.0'])
  })

  test('is the same in whatever order the files come', async () => {
    const files = [...imageFiles(small), ...imageFiles(app, layers[1])]
    expect(await catalogue(files.toReversed(), { image })).toEqual(await catalogue(files, { image }))
  })

  test('says that the packages of a distribution are not known where there is no list of them that is read', async () => {
    const fedora = { 'etc/os-release': 'ID=fedora\nVERSION_ID=42\nPRETTY_NAME="Fedora Linux 42"\n', 'usr/lib/sysimage/rpm/rpmdb.sqlite': 'SQLite format 3' }
    expect((await catalogue(imageFiles(fedora), { image })).unread).toEqual([expect.stringMatching(/^etc\/os-release: it names .* no list of its packages/), 'usr/lib/sysimage/rpm/rpmdb.sqlite: it is a list of packages of rpm, which is not read here'])
    // Beside a list that is read, too: what rpm installed in an image of Debian is in no other list.
    expect((await catalogue(imageFiles({ ...small, 'var/lib/rpm/Packages': 'hash' }), { image })).unread).toEqual([expect.stringContaining('var/lib/rpm/Packages: ')])
    expect((await catalogue(imageFiles(small), { image })).unread).toEqual([])
  })

  test('takes archives’ hashes from whoever knows them', async () => {
    const read = await catalogue(imageFiles(small), { image, archiveOf: (name, version, architecture) => (name === 'libc6' && version === '2.41-12' && architecture === 'amd64' ? '5'.repeat(64) : undefined) })
    expect(read.components.flatMap(({ name, type, hashes }) => (type === 'library' && hashes.length > 0 ? [[name, hashes]] : []))).toEqual([['libc6', [{ algorithm: 'SHA-256', content: '5'.repeat(64) }]]])
  })

  test('takes hashes of npm’s archives from whoever installed them, for that folder and that version', async () => {
    const integrity = `sha512-${Buffer.alloc(64, 1).toString('base64')}`
    const read = await catalogue(imageFiles(app), { image, integrityOf: (folder, purl) => (folder === 'app/node_modules/b' && purl === 'pkg:npm/b@1.0.0' ? integrity : undefined) })
    expect(read.components.map(({ name, hashes }) => [name, hashes])).toEqual([['a', []], ['b', [{ algorithm: 'SHA-512', content: '01'.repeat(64) }]]])
  })

  test('leaves to a package of the system what that brought: Debian mends its own Node and its own modules', async () => {
    const sum = 'd41d8cd98f00b204e9800998ecf8427e'
    const nodejs = stanza({ Package: 'nodejs', Version: '20.19.2+dfsg-1', Architecture: 'amd64' })
    const files = { ...small, 'var/lib/dpkg/status.d/nodejs': nodejs, 'var/lib/dpkg/info/nodejs.md5sums': `${sum}  bin/node\n${sum}  usr/share/nodejs/node_modules/c/package.json\n`, 'usr/bin/node': nodeProgram('20.19.2'), 'usr/share/nodejs/node_modules/c/package.json': packageJson('c', '1.0.0') }
    expect(known(await catalogue(imageFiles(files), { image }))).not.toEqual(expect.arrayContaining(['pkg:generic/node@20.19.2']))
    expect(known(await catalogue(imageFiles(files), { image }))).not.toContain('pkg:npm/c@1.0.0')
    const { 'var/lib/dpkg/info/nodejs.md5sums': _, ...others } = files
    expect(known(await catalogue(imageFiles(others), { image }))).toEqual(expect.arrayContaining(['pkg:generic/node@20.19.2', 'pkg:npm/c@1.0.0']))
    // A list of a package that is not installed would hide whatever it names.
    const { 'var/lib/dpkg/status.d/nodejs': __, ...claimed } = files
    expect(known(await catalogue(imageFiles(claimed), { image }))).toEqual(expect.arrayContaining(['pkg:generic/node@20.19.2', 'pkg:npm/c@1.0.0']))
  })

  test('has what the lock file of a bundle installs, without development, and what each needs', async () => {
    const integrity = `sha512-${Buffer.alloc(64, 7).toString('base64')}`
    const text = JSON.stringify({ lockfileVersion: 3, packages: { '': { dependencies: { a: '^1.0.0' }, devDependencies: { d: '1' } }, 'node_modules/a': { version: '1.0.0', integrity, license: 'ISC', dependencies: { b: '1' } }, 'node_modules/b': { version: '1.0.0', dependencies: { a: '1' } }, 'node_modules/d': { version: '1.0.0', dev: true } } })
    const read = await catalogue(imageFiles(small), { image, locks: [{ path: 'app/package-lock.json', text }] })
    expect(read.components.filter(({ purl }) => purl?.startsWith('pkg:npm/')).map(({ name, hashes, licences, locations }) => ({ name, hashes, licences, locations }))).toEqual([
      { name: 'a', hashes: [{ algorithm: 'SHA-512', content: '07'.repeat(64) }], licences: ['ISC'], locations: [{ path: 'app/package-lock.json' }] },
      { name: 'b', hashes: [], licences: [], locations: [{ path: 'app/package-lock.json' }] },
    ])
    expect(read.dependencies.get('pkg:npm/b@1.0.0')).toEqual(['pkg:npm/a@1.0.0'])
  })

  test.each([
    ['a lock file', { locks: [{ path: 'package-lock.json', text: '{' }] }, {}, 'package-lock.json: '],
    ['a package.json', {}, { 'node_modules/x/package.json': '{' }, 'node_modules/x/package.json: it is no JSON'],
    ['os-release', {}, { 'etc/os-release': 'NAME=x\n' }, 'etc/os-release: it names no distribution'],
    ['an entry of dpkg', {}, { 'var/lib/dpkg/status': `${libc}\nPackage: half\n` }, 'var/lib/dpkg/status: 1 of its entries are no packages'],
    ['a list of dpkg', {}, { 'var/lib/dpkg/status': 'nonsense' }, 'var/lib/dpkg/status: it has no package'],
    ['a list of apk', {}, { 'lib/apk/db/installed': 'nonsense' }, 'lib/apk/db/installed: '],
    ['a package.json of 5 MB', {}, { 'node_modules/x/package.json': `"${'x'.repeat(5_000_000)}"` }, 'node_modules/x/package.json: it has 5000002 bytes'],
  ])('that could not read %s says so', async (_, options, files, expected) => {
    const { unread } = await catalogue(imageFiles(files as Record<string, string>), { image, ...options })
    expect(unread).toEqual([expect.stringContaining(expected)])
  })

  test('has two programs of one version and other bytes twice', async () => {
    const read = await catalogue(imageFiles({ 'usr/local/bin/node': nodeProgram('26.10.0'), 'opt/bin/node': Buffer.concat([nodeProgram('26.10.0'), Buffer.from('patched')]), 'srv/bin/node': nodeProgram('26.10.0') }), { image })
    expect(read.components.map(({ locations }) => locations.map(({ path }) => path))).toEqual(expect.arrayContaining([['opt/bin/node'], ['srv/bin/node', 'usr/local/bin/node']]))
    expect(read.components).toHaveLength(2)
  })
})

test('of an image only those files are read that say what is installed', () => {
  expect(['etc/os-release', 'var/lib/dpkg/status', 'var/lib/dpkg/status.d/libc6', 'var/lib/dpkg/info/libc6:amd64.md5sums', 'usr/share/doc/libc6/copyright', 'lib/apk/db/installed', 'app/node_modules/@s/a/package.json', 'node_modules/.pnpm/a@1.0.0/node_modules/a/package.json', 'usr/local/bin/node'].filter((path) => !isWanted(path))).toEqual([])
  expect(['etc/passwd', 'app/package.json', 'app/node_modules/a/lib/package.json', 'app/node_modules/.package-lock.json', 'usr/share/doc/a/examples/copyright', 'var/lib/dpkg/info/a.list', 'usr/bin/nodejs-helper'].filter(isWanted)).toEqual([])
})
