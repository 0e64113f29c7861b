import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../testing/rig.ts'
import { aptMirrors } from './apt-mirrors.ts'
import { defaultMirrors } from './suites.ts'

async function aptWith(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await temporaryDirectory()
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), content)
  }
  return directory
}

describe('the mirrors of this machine', () => {
  test('are those of its apt, in either format', async () => {
    const directory = await aptWith({
      'sources.list': '# deb http://commented.example/debian trixie main\ndeb [arch=amd64 signed-by=/a] http://one.example/debian trixie main\ndeb-src http://src.example/debian trixie main\ndeb http://one.example/debian-security trixie-security main\n',
      'sources.list.d/debian.sources': 'Types: deb\n# comment\nURIs: https://two.example/debian\n http://three.example/debian/\nSuites: bookworm bookworm-updates\nComponents: main\n\nTypes: deb\nURIs: http://off.example/debian\nSuites: bookworm\nEnabled: no\n\nTypes: deb-src\nURIs: http://src.example/debian\nSuites: bookworm\n',
    })
    expect(await aptMirrors(directory)).toEqual({
      main: ['http://one.example/debian', 'https://two.example/debian', 'http://three.example/debian/'],
      security: ['http://one.example/debian-security'],
    })
  })

  test.each<[string, Readonly<Record<string, string>>]>([
    ['there is no apt', {}],
    ['it is that of another distribution', { 'sources.list': 'deb http://archive.example/ubuntu noble main\n' }],
    ['what it names is no web address', { 'sources.list': 'deb cdrom:[Debian]/debian trixie main\ndeb file:/srv/debian trixie main\n' }],
    ['what it names is another suite', { 'sources.list': 'deb http://one.example/debian sid main\ndeb http://one.example/debian trixie-updates main\n' }],
    ['what it names is another repository', { 'sources.list': 'deb http://one.example/tools stable main\n', 'sources.list.d/notes.txt': 'deb http://one.example/debian trixie main\n' }],
  ])('are the classic ones where %s', async (_, files) => {
    expect(await aptMirrors(await aptWith(files))).toEqual(defaultMirrors)
  })
})
