import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, readdirSync } from 'node:fs'
import { request } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** How a server is started. It gets nothing of this environment but PATH. */
export interface ServerCommand {
  readonly name: string
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly port: number
  /** Where its output goes, as a platform would collect it. */
  readonly logPath: string
}

export interface ServerProcess {
  readonly name: string
  readonly url: string
  readonly pid: number
  /** From exec to the first 200 of `GET /`. */
  readonly startMs: number
  stop(): Promise<void>
}

const longestStartMs = 30_000
const longestStopMs = 10_000

/** A port of loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** The status of one `GET /` on a connection of its own; 0 while nobody listens. */
const ask = (port: number): Promise<number> =>
  new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path: '/', agent: false, timeout: 2_000 }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    sent.on('timeout', () => sent.destroy())
    sent.on('error', () => resolve(0))
    sent.end()
  })

const lastLines = (path: string): string => readFileSync(path, 'utf8').trimEnd().split('\n').slice(-10).join('\n')

/** Starts a server and waits for its first page. Throws with the end of its log when none comes. */
export async function startServer({ name, file, args, env, port, logPath }: ServerCommand): Promise<ServerProcess> {
  const log = openSync(logPath, 'a')
  const started = performance.now()
  const child = spawn(file, args, { cwd: '/', env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', log, log] })
  closeSync(log)
  let hasEnded = false
  const end = new Promise<void>((resolve) => child.once('close', () => resolve()).once('error', () => resolve())).then(() => {
    hasEnded = true
  })
  while ((await ask(port)) !== 200) {
    if (hasEnded || performance.now() - started > longestStartMs) {
      child.kill('SIGKILL')
      throw new Error(`${name} gave no page: ${file} ${args.join(' ')}\n${lastLines(logPath)}`)
    }
    await sleep(1)
  }
  const startMs = performance.now() - started
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    startMs,
    async stop() {
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), longestStopMs)
      await end
      clearTimeout(late)
    },
  }
}

/** What the kernel says of a process, from its state on (proc_pid_stat(5) counts from 1, and the state is 3); undefined once it ended. */
function statOf(pid: number | string): string[] | undefined {
  try {
    // The name before the state, in brackets, may itself hold brackets and spaces.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')
  } catch {
    return undefined
  }
}

/** A process and all that it started. */
function family(pid: number): number[] {
  const parents = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).map((entry) => [Number(entry), Number(statOf(entry)?.[1])] as const)
  const members = new Set([pid])
  for (let size = 0; size !== members.size; ) {
    size = members.size
    for (const [child, parent] of parents) if (members.has(parent)) members.add(child)
  }
  return [...members]
}

/** The memory of a process and of all that it started, in MiB: what is shared among n processes counts one nth (PSS). */
export function memoryMib(pid: number): number {
  const sizes = family(pid).map((member) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${member}/smaps_rollup`, 'utf8'))?.[1]))
  return sizes.reduce((sum, kib) => sum + kib, 0) / 1024
}

/** Processor time that a process and all that it started have used, in milliseconds: 100 ticks a second on Linux. */
export function processorMs(pid: number): number {
  const ticks = family(pid).map((member) => {
    const stat = statOf(member)
    return Number(stat?.[11]) + Number(stat?.[12])
  })
  return ticks.reduce((sum, count) => sum + count, 0) * 10
}
