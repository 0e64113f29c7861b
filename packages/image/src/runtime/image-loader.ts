import { join, sep } from 'node:path'
import { ImageError, quote } from '../error.ts'
import { openFile, realPath } from '../node.ts'
import { readElf } from './elf.ts'
import { defaultDirectories } from './library-search.ts'
import { nodePath } from './node-runtime.ts'

/** How to run a program of an unpacked image without making the image its root: `loader --library-path libraryPath program`. */
export interface ImageLoader {
  /** The image's own loader, as a path of this machine. */
  readonly loader: string
  /** Directories of this machine, joined by `:`. */
  readonly libraryPath: string
  readonly program: string
}

/** The loader and libraries that an unpacked image has for a program of it (an absolute path in the image). */
export async function imageLoader(root: string, program: string = nodePath): Promise<ImageLoader> {
  const programFile = await inside(root, program)
  await using open = await openFile(programFile)
  const { interpreter, machine } = await readElf(open, quote(program))
  if (interpreter === undefined) throw new ImageError('unsupported', `${quote(program)} in ${quote(root)} needs no loader: run it directly`)
  const directories = await Promise.all(defaultDirectories(machine).map(async (directory) => realPath(join(root, directory))))
  return {
    loader: await inside(root, interpreter),
    libraryPath: directories.filter((directory) => directory !== undefined).join(':'),
    program: programFile,
  }
}

/** A file of the image, links followed; one that is missing or leads out of the root throws. */
async function inside(root: string, path: string): Promise<string> {
  const realRoot = await realPath(root)
  const file = await realPath(join(root, path))
  if (realRoot === undefined || file === undefined) {
    throw new ImageError('library-missing', `The unpacked image ${quote(root)} has no ${quote(path)}`)
  }
  if (!file.startsWith(realRoot + sep)) throw new ImageError('unsafe-path', `${quote(path)} leads out of the unpacked image ${quote(root)}`)
  return file
}
