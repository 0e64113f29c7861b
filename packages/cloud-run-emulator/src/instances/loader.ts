import { spawn } from 'node:child_process'
import { chownSync, lstatSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ImageError, imageLoader } from '@shiplock/image'
import { systemCode } from '../error.ts'
import { instanceUser } from './bubblewrap.ts'
import { processExit, sendSignal } from './process-exit.ts'
import { processLimitations, RuntimeLimit, type RunRequest, type RunningProcess, type Runtime } from './runtime.ts'

/**
 * Runs images through their own loader and libraries, where nothing better works: the program sees the machine's files,
 * and `process.execPath` of a Node program is the loader. Paths of the image in its arguments are replaced by where they are.
 */
export async function loaderRuntime(imagesDir: string, runDir: string): Promise<Runtime> {
  const isRoot = process.getuid?.() === 0
  const drop = isRoot && (await canEnter(imagesDir)) && (await canEnter(runDir)) ? { uid: instanceUser, gid: instanceUser } : undefined
  return {
    name: 'loader',
    network: 'machine',
    limitsMemory: false,
    limitations: [
      ...processLimitations,
      'Volumes, and with them secrets as files, are refused without bubblewrap.',
      "Without bubblewrap an instance is an ordinary process: it sees this machine's files and processes, and its image is not read-only.",
      'Where it runs as the same user as the emulator, it can read the admin token.',
      "In a Node service process.execPath is the image's loader, so a service that starts child processes of Node by it does not work.",
      ...(isRoot && drop === undefined
        ? ['The emulator runs as root in a directory that other users cannot enter: instances are root too. Install bubblewrap.']
        : []),
    ],
    start: (request) => start(request, drop),
  }
}

async function canEnter(directory: string): Promise<boolean> {
  const child = spawn('/bin/sh', ['-c', 'cd "$0"', directory], { stdio: 'ignore', uid: instanceUser, gid: instanceUser })
  return (await processExit(child)).code === 0
}

async function start(
  { image: { root }, process: container, mounts, scratchDir }: RunRequest,
  drop: { readonly uid: number; readonly gid: number } | undefined,
): Promise<RunningProcess> {
  if (mounts.length > 0)
    throw new RuntimeLimit('The template mounts volumes, which the runtime "loader" cannot do. Install bubblewrap, or use environment variables.')
  const temporary = join(scratchDir, 'tmp')
  mkdirSync(temporary, { recursive: true })
  if (drop !== undefined) chownSync(temporary, drop.uid, drop.gid)
  const [program, ...args] = container.argv
  const { loader, libraryPath, program: file } = await imageLoader(root, findProgram(root, program, container.env['PATH'] ?? ''))
  const inImage = (path: string) => (path.startsWith('/') && exists(join(root, path)) ? join(root, path) : path)
  const child = spawn(loader, ['--library-path', libraryPath, '--argv0', program, file, ...args.map(inImage)], {
    cwd: join(root, container.workingDir),
    env: { ...container.env, HOME: temporary, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that what it starts can be ended with it.
    detached: true,
    ...drop,
  })
  const exited = processExit(child)
  return {
    pid: child.pid ?? 0,
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    signal(signal) {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
      sendSignal(signal === 'SIGTERM' ? child.pid : -child.pid, signal)
    },
  }
}

/** The absolute path in the image of a program named as a shell would name it. */
function findProgram(root: string, program: string, searchPath: string): string {
  if (program.includes('/')) return program
  const found = searchPath
    .split(':')
    .map((directory) => join(directory, program))
    .find((path) => exists(join(root, path)))
  if (found === undefined) throw new ImageError('file-unreadable', `The image has no program ${JSON.stringify(program)} in its PATH`)
  return found
}

function exists(path: string): boolean {
  try {
    lstatSync(path)
    return true
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(systemCode(error) ?? '')) return false
    throw error
  }
}
