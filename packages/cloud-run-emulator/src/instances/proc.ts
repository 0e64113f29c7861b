import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { systemCode } from '../error.ts'

/** What Linux tells about processes and sockets (proc(5)). Everything may be gone, or be somebody else's, by the time it is read. */

/** When a process started, in clock ticks since the boot: with its id it names one process. `undefined` where there is none. */
export function startTimeOf(pid: number): string | undefined {
  // The second field is the program's name in brackets, which may itself hold brackets and spaces.
  const fields = readText(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ')
  return fields?.[0] === 'Z' ? undefined : fields?.[19]
}

/** Changes with every boot, after which start times say nothing. */
export function bootId(): string {
  return readText('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
}

export interface Listener {
  /** IPv4 or IPv6 as the kernel writes it in hexadecimal, e.g. `0100007F` for 127.0.0.1. */
  readonly address: string
  readonly port: number
  readonly inode: string
}

/** Every TCP socket that listens on the machine. */
export function listeners(): readonly Listener[] {
  const listening = '0A'
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    (readText(file) ?? '')
      .split('\n')
      .slice(1)
      .flatMap((line) => {
        const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
        const [address = '', port = ''] = local.split(':')
        return state === listening ? [{ address, port: Number.parseInt(port, 16), inode }] : []
      }),
  )
}

/** Whether a listener can be reached from other machines: it is bound to all interfaces, of IPv4 or IPv6. */
export function listensEverywhere({ address }: Listener): boolean {
  return /^0+$/.test(address)
}

export interface PortHolder {
  readonly pid: number
  /** Its command line; whoever prints it escapes it. */
  readonly command: string
}

/** The process that listens on a port, as far as this user may know. */
export function holderOf(port: number): PortHolder | undefined {
  const sockets = new Set(
    listeners()
      .filter((listener) => listener.port === port)
      .map(({ inode }) => `socket:[${inode}]`),
  )
  if (sockets.size === 0) return undefined
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || !openFiles(name).some((target) => sockets.has(target))) continue
    return { pid: Number(name), command: (readText(`/proc/${name}/cmdline`) ?? '').split('\0').join(' ').trim() }
  }
  return undefined
}

function openFiles(pid: string): readonly string[] {
  const directory = `/proc/${pid}/fd`
  const names = unlessUnreadable(() => readdirSync(directory)) ?? []
  return names.flatMap((name) => unlessUnreadable(() => readlinkSync(`${directory}/${name}`)) ?? [])
}

function readText(file: string): string | undefined {
  return unlessUnreadable(() => readFileSync(file, 'utf8'))
}

function unlessUnreadable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EPERM', 'ESRCH', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined
    throw error
  }
}

/** A process and everything that descends from it, as far as it is still there. */
export function processTree(pid: number): readonly number[] {
  const children = unlessUnreadable(() => readdirSync(`/proc/${pid}/task`))?.flatMap((thread) =>
    (readText(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter((id) => id !== ''),
  )
  return [pid, ...(children ?? []).flatMap((child) => processTree(Number(child)))]
}

/** Memory that is nobody else's or shared on purpose; mapped files, which the kernel can drop, are not counted. */
export function residentBytes(pid: number): number {
  const status = readText(`/proc/${pid}/status`) ?? ''
  return [...status.matchAll(/^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm)].reduce((sum, [, kilobytes]) => sum + Number(kilobytes) * 1024, 0)
}
