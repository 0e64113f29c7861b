import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { elfFile } from '../testing/elf-file.ts'
import { temporaryDirectory } from '../testing/rig.ts'
import { imageLoader } from './image-loader.ts'

async function rootWith(files: Readonly<Record<string, Uint8Array>>, links: Readonly<Record<string, string>> = {}): Promise<string> {
  const root = await temporaryDirectory()
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), bytes)
  }
  for (const [path, target] of Object.entries(links)) await symlink(target, join(root, path))
  return root
}

const program = elfFile({ interpreter: '/lib64/ld-linux-x86-64.so.2' })

describe('the loader of an unpacked image', () => {
  test('is the one that the program names, with the libraries of the image', async () => {
    const files = { 'usr/local/bin/node': program, 'usr/lib64/ld-linux-x86-64.so.2': elfFile({}), 'usr/lib/x86_64-linux-gnu/libc.so.6': elfFile({}) }
    const root = await rootWith(files, { lib64: 'usr/lib64' })
    expect(await imageLoader(root)).toEqual({
      loader: join(root, 'usr/lib64/ld-linux-x86-64.so.2'),
      libraryPath: [join(root, 'usr/lib/x86_64-linux-gnu'), join(root, 'usr/lib64'), join(root, 'usr/lib')].join(':'),
      program: join(root, 'usr/local/bin/node'),
    })
  })

  test('that is missing or leads to this machine\'s own is refused', async () => {
    const root = await rootWith({ 'usr/local/bin/node': program })
    await expect(imageLoader(root)).rejects.toMatchObject({ code: 'library-missing' })
    await symlink('/usr/lib', join(root, 'lib64'))
    await writeFile(join(root, 'usr/local/bin/other'), elfFile({ interpreter: `/lib64/../../..${process.execPath}` }))
    await expect(imageLoader(root, '/usr/local/bin/other')).rejects.toMatchObject({ code: 'unsafe-path' })
  })

  test('is not needed by a static program', async () => {
    const root = await rootWith({ 'usr/local/bin/node': elfFile({}) })
    await expect(imageLoader(root)).rejects.toMatchObject({ code: 'unsupported' })
  })
})
