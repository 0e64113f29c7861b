// Memory and time of moving and reading an image of 1 GB: pushed to Debian's docker-registry on loopback, pulled from it into
// an empty layout, its files read. Each step is a process of its own, so that its most memory is its own. Prints JSON.
//   node bench/image.ts [--megabytes 1024]
import { spawn, spawnSync } from 'node:child_process'
import { createCipheriv } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { assemble, createLayout, isDigest, openLayout, pullImage, pushImage, readImageFiles, type Digest } from '@shiplock/image'
import { writeResult } from './result.ts'

const limitMb = 300
const { values, positionals } = parseArgs({ allowPositionals: true, options: { megabytes: { type: 'string', default: '1024' } } })
const [step, directory, host, digest] = positionals
if (step === undefined) await measure(Number(values.megabytes))
else await run(step, directory!, host!, digest)

/** One step, in a process of its own; its most memory and its time on standard output. */
async function run(name: string, root: string, registry: string, image: string | undefined): Promise<void> {
  const began = performance.now()
  const options = { credentials: async () => undefined }
  if (!isDigest(image)) throw new Error('no digest')
  if (name === 'push') await pushImage(await openLayout(join(root, 'oci')), image, `${registry}/large:1`, options)
  else if (name === 'pull') await pullImage(await createLayout(join(root, 'pulled')), `${registry}/large:1`, { ...options, name: 'large' })
  else if (name === 'read') await read(join(root, 'oci'), image)
  process.stdout.write(JSON.stringify({ megabytes: process.resourceUsage().maxRSS / 1024, seconds: (performance.now() - began) / 1000 }))
}

/** Every file, in pieces. */
async function read(layout: string, image: Digest): Promise<void> {
  let bytes = 0
  for await (const file of readImageFiles(await openLayout(layout), { digest: image }, () => true, { limits: { wantedBytes: 4 * 1024 ** 3 } })) {
    for await (const piece of file.pieces()) bytes += piece.length
  }
  if (bytes === 0) throw new Error('nothing was read')
}

async function measure(megabytes: number): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'shiplock-bench-'))
  const registry = await startRegistry(root)
  try {
    const image = await largeImage(root, megabytes)
    const results = Object.fromEntries(['push', 'pull', 'read'].map((name) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [import.meta.filename, name, root, registry.host, image], { encoding: 'utf8' })
      if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`)
      return [name, JSON.parse(stdout) as { readonly megabytes: number; readonly seconds: number }]
    }))
    const figures = Object.fromEntries(Object.entries(results).flatMap(([name, result]) => [[`${name}Megabytes`, result.megabytes], [`${name}Seconds`, result.seconds]]))
    writeResult('image', { imageMegabytes: megabytes, limitMb, withinLimit: Object.values(results).every((result) => result.megabytes <= limitMb), figures })
  } finally {
    registry.stop()
    rmSync(root, { recursive: true, force: true })
  }
}

/** Two layers of bytes that do not compress, as large as asked for. */
async function largeImage(root: string, megabytes: number): Promise<Digest> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16))
  const size = (megabytes / 2) * 1024 * 1024
  const files: string[] = []
  for (const name of ['one', 'two']) {
    const file = join(root, name)
    await using handle = await open(file, 'w')
    for (let written = 0; written < size; written += 1024 * 1024) await handle.write(cipher.update(Buffer.alloc(1024 * 1024)))
    files.push(file)
  }
  const { manifest } = await assemble({
    layout: await createLayout(join(root, 'oci')),
    cacheDir: join(root, 'cache'),
    platform: { os: 'linux', architecture: 'amd64' },
    layers: files.map((file) => ({ name: file, entries: [{ kind: 'file', path: file.slice(1), mode: 0o644, content: { file, size } }] })),
    config: { entrypoint: ['/bin/true'], user: '65532', workingDir: '/' },
    created: 0,
    reference: 'large',
    compression: 'zstd',
  })
  return manifest.digest
}

async function startRegistry(root: string): Promise<{ readonly host: string; readonly stop: () => void }> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const host = `127.0.0.1:${(probe.address() as AddressInfo).port}`
  probe.close()
  const config = { version: 0.1, log: { level: 'error', accesslog: { disabled: true } }, storage: { filesystem: { rootdirectory: join(root, 'registry') } }, http: { addr: host } }
  writeFileSync(join(root, 'config.yml'), JSON.stringify(config))
  const child = spawn('docker-registry', ['serve', join(root, 'config.yml')], { stdio: 'ignore' })
  for (let attempt = 0; attempt < 100; attempt++) {
    const isUp = await fetch(`http://${host}/v2/`).then((answer) => answer.ok, () => false)
    if (isUp) return { host, stop: () => void child.kill() }
    await delay(100)
  }
  child.kill()
  throw new Error('docker-registry did not start')
}
