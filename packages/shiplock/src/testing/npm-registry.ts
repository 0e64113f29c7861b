import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { packTar } from 'modern-tar'

/** A package as its author publishes it. */
export interface PublishedPackage {
  readonly name: string
  readonly version: string
  readonly manifest?: Readonly<Record<string, unknown>>
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** Names of files that are programs. */
  readonly executable?: readonly string[]
}

/** An npm registry on loopback: its packages, and what was asked of it. */
export interface NpmRegistry extends AsyncDisposable {
  readonly url: string
  readonly asked: readonly { readonly path: string; readonly authorization: string | undefined }[]
  /** Answers in the registry's place; false leaves it to the registry. */
  interrupt: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined
  readonly integrityOf: (name: string, version: string) => string
  readonly tarballOf: (name: string, version: string) => Buffer
}

export async function startNpmRegistry(packages: readonly PublishedPackage[]): Promise<NpmRegistry> {
  const tarballs = new Map<string, Buffer>()
  for (const it of packages) tarballs.set(`${it.name}@${it.version}`, await tarballOf(it))
  const asked: { path: string; authorization: string | undefined }[] = []
  const found = (key: string) => tarballs.get(key) ?? Buffer.alloc(0)
  const integrityOf = (name: string, version: string) => `sha512-${createHash('sha512').update(found(`${name}@${version}`)).digest('base64')}`
  let url = ''
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/')
    asked.push({ path, authorization: request.headers.authorization })
    if (registry.interrupt?.(request, response)) return
    const archive = /^\/((?:@[^/]+\/)?[^/]+)\/-\/[^/]+-(\d[^/]*)\.tgz$/.exec(path)
    if (archive) return void response.end(tarballs.get(`${archive[1]}@${archive[2]}`))
    const name = path.slice(1).replace(/\?.*$/, '')
    const versions = packages.filter((it) => it.name === name)
    const last = versions.at(-1)
    if (!last) return void response.writeHead(404).end('{}')
    const of = (it: PublishedPackage) => ({ ...manifestOf(it), dist: { tarball: `${url}/${name}/-/${name.split('/').at(-1)}-${it.version}.tgz`, integrity: integrityOf(name, it.version), shasum: createHash('sha1').update(found(`${name}@${it.version}`)).digest('hex') } })
    const body = { name, 'dist-tags': { latest: last.version }, versions: Object.fromEntries(versions.map((it) => [it.version, of(it)])), time: Object.fromEntries(versions.map((it) => [it.version, '2020-01-01T00:00:00.000Z'])) }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const registry: NpmRegistry = {
    url,
    asked,
    interrupt: undefined,
    integrityOf,
    tarballOf: (name, version) => found(`${name}@${version}`),
    [Symbol.asyncDispose]: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  }
  return registry
}

const manifestOf = ({ name, version, manifest = {} }: PublishedPackage) => ({ name, version, ...manifest })

async function tarballOf(it: PublishedPackage): Promise<Buffer> {
  const files: Readonly<Record<string, string | Uint8Array>> = { 'package.json': JSON.stringify(manifestOf(it)), ...it.files }
  const entries = Object.entries(files).map(([name, text]) => ({ header: { name: `package/${name}`, size: Buffer.byteLength(text), mode: it.executable?.includes(name) ? 0o755 : 0o644, mtime: new Date(0) }, body: text }))
  return gzipSync(await packTar(entries))
}
