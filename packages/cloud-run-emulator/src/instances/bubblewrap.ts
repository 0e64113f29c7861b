import { spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { existsSync, readFileSync } from 'node:fs'
import { isJsonObject } from '../resource/proto-json.ts'
import { processExit, sendSignal } from './process-exit.ts'
import { rootLayout } from './root-layout.ts'
import { processLimitations, type RunRequest, type RunningProcess, type Runtime } from './runtime.ts'

/** As distroless images have it; outside of the sandbox it is this user only where the emulator may change users. */
export const instanceUser = 65532

/** File descriptors below it are the standard streams, the arguments and what bubblewrap says of itself. */
const firstContent = 5

type Drop = { readonly uid: number; readonly gid: number } | undefined

const isolation = [
  '--die-with-parent',
  '--new-session',
  // The program is process 1, as in Cloud Run: signals reach it and not an init in between.
  '--as-pid-1',
  '--unshare-user',
  '--unshare-pid',
  '--unshare-ipc',
  '--unshare-uts',
  '--unshare-cgroup-try',
  '--hostname',
  'localhost',
  '--uid',
  String(instanceUser),
  '--gid',
  String(instanceUser),
]

/**
 * Runs images with bubblewrap, without root: the image read-only as `/`, an empty `/tmp` in memory, its own process, IPC
 * and host name spaces, no capabilities. `undefined` where it does not work here; found out by running it.
 */
export async function bubblewrapRuntime(imagesDir: string): Promise<Runtime | undefined> {
  // As root, a real change of user is best: it needs the directories above the images to be passable for that user.
  const candidates: readonly Drop[] = process.getuid?.() === 0 ? [{ uid: instanceUser, gid: instanceUser }, undefined] : [undefined]
  for (const drop of candidates) {
    if (!(await works(['--chdir', imagesDir], drop))) continue
    const canForbidNesting = await works(['--disable-userns'], drop)
    return runtimeWith(drop, canForbidNesting ? ['--disable-userns'] : [])
  }
  return undefined
}

function runtimeWith(drop: Drop, extra: readonly string[]): Runtime {
  const keepsRoot = process.getuid?.() === 0 && drop === undefined
  return {
    name: 'bubblewrap',
    network: 'machine',
    limitsMemory: false,
    limitations: [
      ...processLimitations,
      ...(keepsRoot
        ? ['The emulator runs as root in a directory that other users cannot enter: instances are root too, without capabilities.']
        : []),
    ],
    start: (request) => start(request, drop, extra),
  }
}

async function works(extra: readonly string[], drop: Drop): Promise<boolean> {
  const child = spawn('bwrap', [...isolation, '--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', ...extra, '--', 'true'], {
    stdio: 'ignore',
    ...drop,
  })
  const { code } = await processExit(child)
  return code === 0
}

const ownMountPoints = [
  { path: '/proc', kind: 'directory' },
  { path: '/dev', kind: 'directory' },
  { path: '/tmp', kind: 'directory' },
  { path: '/etc/hosts', kind: 'file' },
  { path: '/etc/resolv.conf', kind: 'file' },
] as const

async function start({ image, process: container, mounts, limits }: RunRequest, drop: Drop, extra: readonly string[]): Promise<RunningProcess> {
  const layout = rootLayout(image.root, [...ownMountPoints, ...mounts.map(({ path }) => ({ path, kind: 'directory' as const }))])
  const contents: (string | Uint8Array)[] = ['127.0.0.1 localhost\n::1 localhost\n', nameServers()]
  const mounted = mounts.flatMap((mount) => {
    if (mount.kind === 'memory') return ['--perms', '0777', '--size', String(mount.sizeBytes), '--tmpfs', mount.path]
    const files = mount.files.flatMap(({ name, mode, content }) => {
      contents.push(content)
      return ['--perms', mode.toString(8).padStart(4, '0'), '--file', String(firstContent + contents.length - 1), `${mount.path}/${name}`]
    })
    return ['--tmpfs', mount.path, ...files, '--remount-ro', mount.path]
  })
  const args = [
    ...isolation,
    ...extra,
    ...layout.args,
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    // The file system of an instance is in memory and counts as its memory.
    '--size',
    String(limits.memoryBytes),
    '--tmpfs',
    '/tmp',
    '--ro-bind-data',
    String(firstContent),
    '/etc/hosts',
    '--ro-bind-data',
    String(firstContent + 1),
    '/etc/resolv.conf',
    ...mounted,
    ...layout.seal,
    '--clearenv',
    ...Object.entries(container.env).flatMap(([name, value]) => ['--setenv', name, value]),
    '--chdir',
    container.workingDir,
  ]
  // Arguments and contents go through pipes, since a command line can be read by every user of the machine.
  const child = spawn('bwrap', ['--args', '3', '--info-fd', '4', '--', ...container.argv], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', ...contents.map(() => 'pipe' as const)],
    ...drop,
  })
  const [, stdout, stderr, argsPipe, infoPipe, ...contentPipes] = child.stdio as unknown as readonly [
    null,
    Readable,
    Readable,
    Writable,
    Readable,
    ...Writable[],
  ]
  for (const [pipe, content] of [
    [argsPipe, args.map((arg) => `${arg}\0`).join('')] as const,
    ...contentPipes.map((pipe, index) => [pipe, contents[index] ?? ''] as const),
  ]) {
    // A bwrap that ends early closes its end; how it ended is what matters then.
    pipe.on('error', () => {})
    pipe.end(content)
  }
  const exited = processExit(child)
  const info = text(infoPipe).catch(() => '')
  const inner = childPid(await Promise.race([info, exited.then(() => '')]))
  return {
    pid: child.pid ?? 0,
    stdout,
    stderr,
    exited,
    signal(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return
      // bwrap does not pass signals on, so the program gets them directly. Its id is safe to use while bwrap, which waits for it, is there.
      if (inner !== undefined && signal === 'SIGTERM') sendSignal(inner, signal)
      else child.kill('SIGKILL')
    },
  }
}

function childPid(info: string): number | undefined {
  if (info === '') return undefined
  const value: unknown = JSON.parse(info)
  const pid = isJsonObject(value) ? value['child-pid'] : undefined
  return typeof pid === 'number' ? pid : undefined
}

/** The machine's name servers and nothing else of its configuration. */
function nameServers(): string {
  const lines = existsSync('/etc/resolv.conf') ? readFileSync('/etc/resolv.conf', 'utf8').split('\n') : []
  return `${lines.filter((line) => line.startsWith('nameserver ')).join('\n')}\n`
}
