import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { temporaryDirectory } from './rig.ts'

/** The name and password of every test registry that wants one; bcrypt of the password, as htpasswd writes it. */
export const account = { username: 'me', password: 'hunter2-the-secret' }
const passwordLine = 'me:$2y$05$abcdefghijklmnopqrstuu9L6br.a4ror1.ulbKmnHXtBUK0/FJWC\n'

export interface DockerRegistryOptions {
  readonly tls?: { readonly key: string; readonly cert: string }
  readonly hasPassword?: boolean
}

/** Debian's docker-registry, which others wrote, on a free port of loopback with an empty storage. Host and port. */
export async function startDockerRegistry({ tls, hasPassword = false }: DockerRegistryOptions = {}): Promise<string> {
  const directory = await temporaryDirectory()
  const host = `127.0.0.1:${await freePort()}`
  await writeFile(join(directory, 'htpasswd'), passwordLine)
  const config = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(directory, 'data') } },
    http: { addr: host, ...(tls === undefined ? {} : { tls: { certificate: tls.cert, key: tls.key } }) },
    ...(hasPassword ? { auth: { htpasswd: { realm: 'test', path: join(directory, 'htpasswd') } } } : {}),
  }
  // JSON is YAML.
  await writeFile(join(directory, 'config.yml'), JSON.stringify(config))
  const child = spawn('docker-registry', ['serve', join(directory, 'config.yml')], { stdio: 'ignore' })
  onTestFinished(async () => {
    if (child.exitCode !== null) return
    child.kill()
    await once(child, 'exit')
  })
  for (let attempt = 0; !(await listens(host)); attempt++) {
    if (child.exitCode !== null || attempt === 400) throw new Error(`docker-registry did not start on ${host}`)
    await delay(25)
  }
  return host
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function listens(host: string): Promise<boolean> {
  const [address, port] = host.split(':')
  const socket = connect(Number(port), address!)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

export interface CuttingProxy {
  readonly host: string
  /** How many connections were cut so far. */
  readonly cuts: () => number
}

/** A TCP proxy that cuts a connection once it has carried so many bytes in one direction, `times` times; then none any more. */
export async function startCuttingProxy(host: string, { afterBytes, direction, times }: { readonly afterBytes: number; readonly direction: 'up' | 'down'; readonly times: number }): Promise<CuttingProxy> {
  const [address, port] = host.split(':')
  let cuts = 0
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(port), address!)
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    let carried = 0
    const [from, to] = direction === 'up' ? [client, upstream] : [upstream, client]
    from.on('data', (piece: Buffer) => {
      carried += piece.length
      if (carried > afterBytes && cuts < times) {
        cuts += 1
        client.destroy()
        upstream.destroy()
      } else if (!to.write(piece)) {
        from.pause()
        to.once('drain', () => from.resume())
      }
    })
    to.pipe(from)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, cuts: () => cuts }
}
