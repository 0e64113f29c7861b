// The front of the local Cloud Run beside a plain node:http proxy and, where it is installed, nginx: requests a second, what
// each adds to a request at half of the front's ceiling, memory of idle connections, and what a cold start costs.
//   node bench/front.ts [--rounds 5] [--seconds 3] [--connections 10000]
// Needs wrk (Debian: wrk); nginx (nginx-light) is left out where it is missing, and that is said. On loopback, with the
// proxy alone on one core and the service and the load on the other. All proxies lead to the same instance.
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, createServer, request } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { testImage, tokenOf } from '../packages/cloud-run-emulator/src/testing/test-image.ts'
import { median, writeResult } from './result.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '10000' },
    // This program starts itself as the plain proxy.
    proxy: { type: 'string' },
  },
})
const service = 'todo.localhost'

if (values.proxy !== undefined) plainProxy(Number(values.proxy))
else await measure()

/** What a front may cost at least: the same Node, the same kept-alive connections, and nothing else. */
function plainProxy(upstream: number): void {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity, scheduling: 'lifo' })
  const server = createServer((incoming, outgoing) => {
    const attempt = request({ host: '127.0.0.1', port: upstream, agent, method: incoming.method, path: incoming.url, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    attempt.on('error', () => outgoing.destroy())
    incoming.pipe(attempt)
  })
  server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`))
}

async function measure(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-front-'))
  chmodSync(directory, 0o755)
  const children: ChildProcess[] = []
  const onCore = (core: number, command: string, args: readonly string[]) => {
    const child = spawn('taskset', ['-c', String(core), command, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    return child
  }
  try {
    const image = await testImage()
    const idleSeconds = 2
    const options = { stateDir: join(directory, 'state'), layoutDir: image.layoutDir, imagesDir: image.imagesDir, frontPort: 0, idleSeconds }
    const main = new URL('../packages/cloud-run-emulator/src/main.ts', import.meta.url).pathname
    // As `shiplock up` starts it.
    const emulator = onCore(0, process.execPath, ['--max-semi-space-size=2', main, JSON.stringify(options)])
    const running = await stateOf(join(options.stateDir, 'emulator.json'))
    const token = await tokenOf(running.tokenFile)
    const admin = async (method: string, path: string, body?: object) => {
      const answer = await fetch(`${running.adminUrl}/v2/projects/local/locations/local/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return (await answer.json()) as { name: string }
    }
    const settled = async (method: string, path: string, body: object) => {
      const { name } = await admin(method, path, body)
      await admin('POST', `operations/${name.split('/').at(-1)}:wait`, { timeout: '30s' })
    }
    const container = { image: image.reference, env: [{ name: 'MODE', value: 'sound' }] }
    const template = (revision: string) => ({ revision, containers: [container], maxInstanceRequestConcurrency: 1000, scaling: { minInstanceCount: 1, maxInstanceCount: 1 } })
    await settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template: template('todo-one') })
    const front = Number(new URL(running.frontUrl).port)
    const upstream = Number((JSON.parse(await (await fetch(`${running.frontUrl}/environment`)).text()) as { PORT: string }).PORT)
    pinListener(upstream, 1)
    const plain = Number(await firstLine(onCore(0, process.execPath, [import.meta.filename, '--proxy', String(upstream)])))
    const nginx = await startNginx(directory, upstream, onCore)
    const targets = { front, plain, ...(nginx === undefined ? {} : { nginx }), direct: upstream }

    const rates: Record<string, number[]> = {}
    for (let round = 0; round < Number(values.rounds); round += 1) {
      for (const [name, port] of Object.entries(targets)) (rates[name] ??= []).push(wrk(port))
    }
    const rate = (name: string) => median(rates[name] ?? [])
    // On a machine that others use too, half of a ceiling is not idle: what a proxy itself adds is seen at a low rate.
    const added = { ...(await addedLatency(targets, 100)), ...(await addedLatency(targets, rate('front') / 2)) }
    const idle = await idleConnections(front, emulator.pid ?? 0, Number(values.connections))
    const cold = await coldStart({ front, settled, template })
    writeResult('front', {
      figures: {
        'front requests/s': rate('front'),
        'plain proxy requests/s': rate('plain'),
        ...(nginx === undefined ? {} : { 'nginx requests/s': rate('nginx'), 'front / nginx': rate('front') / rate('nginx') }),
        'service alone requests/s': rate('direct'),
        'front / plain proxy': rate('front') / rate('plain'),
        ...added,
        ...idle,
        ...cold,
      },
      rounds: rates,
      ...(nginx === undefined ? { without: ['nginx: not installed'] } : {}),
    })
  } finally {
    for (const child of children) child.kill('SIGTERM')
    await Promise.all(children.map(async (child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')))
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Requests a second of 32 connections; an answer that is no success makes it void. */
function wrk(port: number): number {
  const { status, stdout } = spawnSync('taskset', ['-c', '1', 'wrk', '-t1', '-c32', `-d${values.seconds}s`, '-H', `Host: ${service}`, `http://127.0.0.1:${port}/`], { encoding: 'utf8' })
  if (status !== 0 || /Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk did not measure: ${stdout}`)
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1])
}

/** Milliseconds that each proxy adds at the median and at the 99th percentile, at the same rate for all, in turns. */
async function addedLatency(targets: Readonly<Record<string, number>>, perSecond: number): Promise<Record<string, number>> {
  const seen: Record<string, number[]> = {}
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const [name, port] of Object.entries(targets)) (seen[name] ??= []).push(...(await atRate(port, perSecond, 1500)))
  }
  const quantile = (name: string, q: number) => {
    const sorted = (seen[name] ?? []).toSorted((a, b) => a - b)
    return sorted[Math.floor(sorted.length * q)] ?? Number.NaN
  }
  return Object.fromEntries(
    Object.keys(targets)
      .filter((name) => name !== 'direct')
      .flatMap((name) => [
        [`${name} adds ms, median, at ${Math.round(perSecond)}/s`, quantile(name, 0.5) - quantile('direct', 0.5)],
        [`${name} adds ms, p99, at ${Math.round(perSecond)}/s`, quantile(name, 0.99) - quantile('direct', 0.99)],
      ]),
  )
}

/** Latencies of requests that start at their times whether or not the ones before have been answered. */
async function atRate(port: number, perSecond: number, ms: number): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const latencies: Promise<number>[] = []
  const began = performance.now()
  while (performance.now() - began < ms) {
    const due = ((performance.now() - began) / 1000) * perSecond
    while (latencies.length < due) latencies.push(once200(port, agent))
    await delay(1)
  }
  const done = await Promise.all(latencies)
  agent.destroy()
  return done
}

function once200(port: number, agent: Agent): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const began = performance.now()
  const outgoing = request({ host: '127.0.0.1', port, agent, path: '/', headers: { host: service } }, (answer) => {
    if (answer.statusCode !== 200) reject(new Error(`status ${answer.statusCode}`))
    answer.resume()
    answer.on('end', () => resolve(performance.now() - began))
  })
  outgoing.on('error', reject)
  outgoing.end()
  return promise
}

/** What connections cost that have asked once and now say nothing. */
async function idleConnections(port: number, pid: number, count: number): Promise<Record<string, number>> {
  // taskset becomes the program that it starts, so this is the emulator.
  const before = residentMegabytes(pid)
  const sockets: Socket[] = []
  for (let index = 0; index < count; index += 200) {
    const opened = await Promise.all(Array.from({ length: Math.min(200, count - index) }, async () => askedOnce(port)))
    sockets.push(...opened)
  }
  await delay(1000)
  const alive = sockets.filter((socket) => !socket.destroyed).length
  if (alive !== count) throw new Error(`only ${alive} of ${count} connections stayed open`)
  const after = residentMegabytes(pid)
  for (const socket of sockets) socket.destroy()
  return { [`MB with ${count} idle connections`]: after, 'MB of them for connections': after - before }
}

async function askedOnce(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(`GET /absent HTTP/1.1\r\nHost: nobody.localhost\r\n\r\n`)
  await once(socket, 'data')
  return socket
}

interface ColdStart {
  readonly front: number
  readonly settled: (method: string, path: string, body: object) => Promise<void>
  readonly template: (revision: string) => object
}

/** The first answer of a revision that is scaled to zero, and how much of it is not the service's own, from its process's start until it listens. */
async function coldStart({ front, settled, template }: ColdStart): Promise<Record<string, number>> {
  await settled('PATCH', 'services/todo?updateMask=template', { template: { ...template('todo-cold'), scaling: { maxInstanceCount: 1 } } })
  const whole: number[] = []
  const added: number[] = []
  for (let round = 0; round < Number(values.rounds); round += 1) {
    // Idle after two seconds; ended when it has gone.
    await delay(3500)
    const began = performance.now()
    const { ownStartMs } = (await askJson(front, '/own-start')) as { ownStartMs: number }
    const ms = performance.now() - began
    whole.push(ms)
    added.push(ms - ownStartMs)
  }
  return { 'cold start ms': median(whole), 'cold start adds ms': median(added) }
}

async function askJson(port: number, path: string): Promise<unknown> {
  const outgoing = request({ host: '127.0.0.1', port, agent: false, path, headers: { host: service } })
  outgoing.end()
  const [answer] = (await once(outgoing, 'response')) as [NodeJS.ReadableStream]
  const chunks: string[] = []
  for await (const chunk of answer) chunks.push(String(chunk))
  return JSON.parse(chunks.join(''))
}

async function startNginx(directory: string, upstream: number, onCore: (core: number, command: string, args: readonly string[]) => ChildProcess): Promise<number | undefined> {
  if (spawnSync('nginx', ['-v'], { stdio: 'ignore' }).status !== 0) return undefined
  const port = 20_000 + (process.pid % 10_000)
  const file = join(directory, 'nginx.conf')
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${directory}/nginx.pid; error_log ${directory}/nginx.error crit;
events { worker_connections 1024; }
http { access_log ${directory}/nginx.access; client_body_temp_path ${directory}/b; proxy_temp_path ${directory}/p; fastcgi_temp_path ${directory}/f; uwsgi_temp_path ${directory}/u; scgi_temp_path ${directory}/s;
  upstream service { server 127.0.0.1:${upstream}; keepalive 64; }
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; } } }\n`,
  )
  onCore(0, 'nginx', ['-c', file])
  await delay(500)
  return port
}

async function stateOf(file: string): Promise<{ readonly adminUrl: string; readonly frontUrl: string; readonly tokenFile: string }> {
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      return JSON.parse(readFileSync(file, 'utf8'))
    } catch {
      await delay(50)
    }
  }
  throw new Error('the emulator did not start')
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [chunk] = (await once(child.stdout!, 'data')) as [Buffer]
  return chunk.toString().trim()
}

/** Moves the program that listens on a port to a core: an instance inherits the emulator's. */
function pinListener(port: number, core: number): void {
  const out = execFileSync('ss', ['-Hltnp', `sport = :${port}`], { encoding: 'utf8' })
  for (const [, pid = ''] of out.matchAll(/pid=(\d+)/g)) execFileSync('taskset', ['-a', '-c', '-p', String(core), pid], { stdio: 'ignore' })
}

function residentMegabytes(pid: number): number {
  const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  return kilobytes / 1000
}
