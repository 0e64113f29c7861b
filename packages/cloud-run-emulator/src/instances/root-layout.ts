import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../error.ts'
import { RuntimeLimit } from './runtime.ts'

/**
 * The arguments of bubblewrap that make an image's tree the read-only root, with a place for every mount. Nothing can be
 * mounted where nothing is, and an image is not written to: so a directory that lacks one is made anew in memory, with
 * what it has bound into it one by one.
 */
export function rootLayout(root: string, mountPoints: readonly { readonly path: string; readonly kind: 'directory' | 'file' }[]): RootLayout {
  const missing = mountPoints.filter(({ path, kind }) => !isThere(root, path, kind))
  if (missing.length === 0) return { args: ['--ro-bind', root, '/'], seal: [] }
  const rebuilt = new Set<string>()
  const args = rebuild(root, '', missing, rebuilt)
  return { args, seal: [...rebuilt].flatMap((directory) => ['--remount-ro', directory === '' ? '/' : directory]) }
}

export interface RootLayout {
  readonly args: readonly string[]
  /** After all mounts: makes what is in memory read-only too. */
  readonly seal: readonly string[]
}

type MountPoint = { readonly path: string; readonly kind: 'directory' | 'file' }

function rebuild(root: string, directory: string, missing: readonly MountPoint[], rebuilt: Set<string>): string[] {
  rebuilt.add(directory)
  const inside = missing.filter(({ path }) => path.startsWith(`${directory}/`))
  const next = (path: string) => path.slice(directory.length + 1).split('/')[0] ?? ''
  const args = ['--tmpfs', directory === '' ? '/' : directory]
  for (const name of readdirSync(join(root, directory))) {
    const path = `${directory}/${name}`
    const stats = lstatSync(join(root, path))
    const leadsOn = inside.some((point) => next(point.path) === name && point.path !== path)
    if (stats.isSymbolicLink()) args.push('--symlink', readlinkSync(join(root, path)), path)
    else if (leadsOn && stats.isDirectory()) args.push(...rebuild(root, path, inside, rebuilt))
    else args.push('--ro-bind', join(root, path), path)
  }
  for (const { path, kind } of inside) {
    if (kind === 'directory' && statsOf(join(root, directory, next(path))) === undefined) args.push('--dir', path)
  }
  return args
}

function isThere(root: string, path: string, kind: 'directory' | 'file'): boolean {
  const names = path.slice(1).split('/')
  for (const [index] of names.entries()) {
    const at = names.slice(0, index + 1).join('/')
    const stats = statsOf(join(root, at))
    if (stats === undefined) return false
    if (stats.isSymbolicLink()) throw new RuntimeLimit(`Nothing can be mounted at ${path}: /${at} is a symbolic link in the image.`)
    const isLast = index === names.length - 1
    if (!isLast || kind === 'directory' ? !stats.isDirectory() : !stats.isFile())
      throw new RuntimeLimit(`Nothing can be mounted at ${path}: in the image /${at} is something else.`)
  }
  return true
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}
