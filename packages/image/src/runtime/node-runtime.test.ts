import { spawnSync } from 'node:child_process'
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { elfFile, type ElfPlan } from '../testing/elf-file.ts'
import { nodeBinary, temporaryDirectory, text } from '../testing/rig.ts'
import { nodeRuntime } from './node-runtime.ts'

/** A machine that exists only below a directory: its files by path, text as it is, libraries from a plan. */
async function sysrootOf(files: Readonly<Record<string, ElfPlan | string>>): Promise<string> {
  const root = await temporaryDirectory()
  for (const [path, plan] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), typeof plan === 'string' ? text(plan) : elfFile(plan))
  }
  return root
}

const arm = (plan: ElfPlan = {}): ElfPlan => ({ machine: 'arm64', ...plan })
const armSystem = {
  node: arm({ interpreter: '/lib/ld-linux-aarch64.so.1', needed: ['libatomic.so.1', 'libc.so.6', 'ld-linux-aarch64.so.1'] }),
  'lib/ld-linux-aarch64.so.1': arm(),
  'usr/lib/aarch64-linux-gnu/libatomic.so.1': arm({ needed: ['libc.so.6'] }),
  'usr/lib/aarch64-linux-gnu/libc.so.6': arm({ needed: ['ld-linux-aarch64.so.1'] }),
}
const placesIn = async (root: string): Promise<readonly string[]> => (await nodeRuntime(join(root, 'node'), root)).libraries.map(({ path }) => path)

describe('what Node needs', () => {
  test('on this machine is what the loader itself would load', async () => {
    const { libraries, platform } = await nodeRuntime(nodeBinary())
    // ldd runs the file it is given, so the product does not use it; here the file is ours.
    const listed = spawnSync('ldd', [nodeBinary()]).stdout.toString().matchAll(/=> (\/\S+)/g)
    const loaded = [...listed].map(([, path]) => basename(path!)).toSorted()
    const placed = libraries.slice(1).map(({ path }) => basename(path)).filter((name) => !name.startsWith('libnss_')).toSorted()
    expect(loaded).toContain('libatomic.so.1')
    expect(placed).toEqual(loaded)
    expect(platform).toEqual({ os: 'linux', architecture: process.arch === 'x64' ? 'amd64' : 'arm64' })
  })

  test('for arm64 is found on a machine with its libraries', async () => {
    const root = await sysrootOf(armSystem)
    const { entries, platform } = await nodeRuntime(join(root, 'node'), root)
    expect(platform).toEqual({ os: 'linux', architecture: 'arm64' })
    expect(entries.map((entry) => (entry.kind === 'symlink' ? `${entry.path} -> ${entry.target}` : `${entry.mode.toString(8)} ${entry.path}`))).toEqual([
      '755 usr/local/bin/node',
      '755 usr/lib/ld-linux-aarch64.so.1',
      '644 usr/lib/aarch64-linux-gnu/libatomic.so.1',
      '644 usr/lib/aarch64-linux-gnu/libc.so.6',
      'lib -> usr/lib',
      '644 etc/passwd',
      '644 etc/group',
      '644 etc/nsswitch.conf',
      '1777 tmp',
    ])
  })

  test('that is missing is named with the package to install', async () => {
    const root = await sysrootOf(armSystem)
    await rm(join(root, 'usr/lib/aarch64-linux-gnu/libatomic.so.1'))
    await expect(placesIn(root)).rejects.toMatchObject({
      code: 'library-missing',
      message: expect.stringContaining('"libatomic.so.1"'),
      hint: expect.stringContaining('apt-get install libatomic1'),
    })
  })

  test('passes over a library for another machine or of no kind', async () => {
    const root = await sysrootOf({
      ...armSystem,
      'usr/lib/aarch64-linux-gnu/libatomic.so.1': { machine: 'amd64' },
      'usr/lib64/libatomic.so.1': 'not a library',
      'usr/lib/libatomic.so.1': arm(),
    })
    const { libraries } = await nodeRuntime(join(root, 'node'), root)
    expect(libraries.find(({ path }) => path.endsWith('libatomic.so.1'))?.file).toBe(join(root, 'usr/lib/libatomic.so.1'))
  })

  test('is found where the configuration of the loader or the program says, and put where the loader looks without it', async () => {
    const root = await sysrootOf({
      ...armSystem,
      node: arm({ interpreter: '/lib/ld-linux-aarch64.so.1', needed: ['libc.so.6', 'libconf.so', 'libown.so', 'librun.so'], runPath: '$ORIGIN/private:/opt/run' }),
      'etc/ld.so.conf': '# comment\ninclude ld.so.conf.d/*.conf\ninclude /etc/ld.so.conf\n',
      'etc/ld.so.conf.d/b.conf': '/opt/conf # trailing\n',
      'etc/ld.so.conf.d/c.txt': '/opt/wrong\n',
      'opt/conf/libconf.so': arm(),
      'opt/wrong/libconf.so': arm({ needed: ['libabsent.so'] }),
      'private/libown.so': arm(),
      'opt/run/librun.so': arm(),
    })
    expect(await placesIn(root)).toEqual([
      '/usr/lib/ld-linux-aarch64.so.1',
      '/usr/lib/aarch64-linux-gnu/libc.so.6',
      '/usr/lib/aarch64-linux-gnu/libconf.so',
      '/usr/lib/aarch64-linux-gnu/libown.so',
      '/usr/lib/aarch64-linux-gnu/librun.so',
    ])
  })

  test('goes where the distribution has its C library', async () => {
    const root = await sysrootOf({
      node: { interpreter: '/lib64/ld-linux-x86-64.so.2', needed: ['libc.so.6'] },
      'lib64/ld-linux-x86-64.so.2': {},
      'lib64/libc.so.6': {},
    })
    expect(await placesIn(root)).toEqual(['/usr/lib64/ld-linux-x86-64.so.2', '/usr/lib64/libc.so.6'])
  })

  test('is no path that the program chooses', async () => {
    const root = await sysrootOf({ ...armSystem, node: arm({ interpreter: '/lib/ld-linux-aarch64.so.1', needed: ['../libescape.so'] }), 'usr/lib/libescape.so': arm() })
    await expect(placesIn(root)).rejects.toMatchObject({ code: 'library-missing' })
  })

  test('is nothing when the program is static', async () => {
    const root = await sysrootOf({ node: {} })
    expect(await placesIn(root)).toEqual([])
  })

  test('cannot be told of a file that is no program', async () => {
    const file = join(await temporaryDirectory(), 'node')
    await writeFile(file, '#!/bin/sh\n')
    await expect(nodeRuntime(file)).rejects.toMatchObject({ code: 'not-elf' })
    await copyFile('/dev/null', file)
    await expect(nodeRuntime(file)).rejects.toMatchObject({ code: 'not-elf' })
    await expect(nodeRuntime('/absent/node')).rejects.toMatchObject({ code: 'file-unreadable' })
  })
})
