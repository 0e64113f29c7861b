import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Ajv } from 'ajv'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cli, ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

const soundHeaders = { 'content-type': 'text/html', 'content-security-policy': "default-src 'none'; frame-ancestors 'none'", 'x-content-type-options': 'nosniff' }
const page = '<!doctype html><title>Shop</title><form method="post" action="/buy"><input name="what"><button>Buy</button></form>'

describe('a site of anybody', () => {
  let folder: string
  let server: Server | undefined
  let seen: IncomingMessage[]

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'shiplock-nowhere-'))
    seen = []
  })
  afterEach(() => {
    server?.close()
    server?.closeAllConnections()
    server = undefined
    rmSync(folder, { recursive: true, force: true })
  })

  async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void, make: (listener: (request: IncomingMessage, response: ServerResponse) => void) => Server = createServer): Promise<string> {
    server = make((request, response) => {
      seen.push(request)
      handle(request, response)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
    return `127.0.0.1:${address.port}`
  }

  /** From a folder that is no repository. */
  async function probe(...args: string[]): Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }> {
    const child = spawn(process.execPath, [cli, 'probe', ...args], { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder, TMPDIR: tmpdir(), NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] })
    const ended = once(child, 'close')
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    await ended
    return { exitCode: child.exitCode, stdout, stderr }
  }

  test('is only read, by requests that say whose they are, and nothing is left behind', async () => {
    const host = await serve((_, response) => response.writeHead(200, soundHeaders).end(page))
    const { exitCode, stdout } = await probe(`http://${host}/`)
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
    expect(new Set(seen.map(({ method }) => method))).toEqual(new Set(['GET']))
    expect(seen.every(({ headers }) => headers['user-agent']?.startsWith('shiplock-probe '))).toBe(true)
    expect(seen.length).toBeLessThan(80)
    expect(readdirSync(folder)).toEqual([])
  })

  test('that lacks something is told so, as SARIF by the schema of the standard too', async () => {
    const host = await serve(({ headers }, response) =>
      response.writeHead(200, { 'content-type': 'text/html', ...(headers.origin && { 'access-control-allow-origin': headers.origin, 'access-control-allow-credentials': 'true' }) }).end(page),
    )
    const { exitCode, stdout } = await probe(`http://${host}/`, '--format', 'sarif')
    expect(exitCode).toBe(1)
    const sarif = JSON.parse(stdout)
    const { $schema: _draft, id: _id, ...schema } = JSON.parse(readFileSync(new URL('../packages/shiplock/src/report/sarif/test-data/sarif-schema-2.1.0.json', import.meta.url), 'utf8'))
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema)
    expect([validate(sarif), validate.errors]).toEqual([true, null])
    const rules = sarif.runs.flatMap((run: { results: { ruleId: string }[] }) => run.results.map(({ ruleId }) => ruleId))
    expect(rules.toSorted()).toEqual(['probe/content-type-options-missing', 'probe/cors-with-credentials', 'probe/csp-missing', 'probe/framing-allowed'])
    expect((await probe(`http://${host}/`, '--exit-zero')).exitCode).toBe(0)
  })

  test('cannot write to the terminal', async () => {
    const host = await serve((_, response) => response.writeHead(200, { ...soundHeaders, 'x-powered-by': '\u009b31mred \u009b2J' }).end(page))
    const { stdout, stderr } = await probe(`http://${host}/`, '--verbose')
    expect(stdout).toContain('probe/version-disclosed')
    expect([stdout, stderr].filter((said) => /(?![\n\t])\p{Cc}/u.test(said))).toEqual([])
  })

  test('whose certificate nobody vouches for is not asked anything', async () => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' })
    const host = await serve((_, response) => response.writeHead(200, soundHeaders).end(page), (listener) => createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, listener) as unknown as Server)
    const { exitCode, stdout } = await probe(`https://${host.replace('127.0.0.1', 'localhost')}/`)
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('probe/certificate-invalid') })
    expect(seen).toEqual([])
  })

  test('that is not there is no pass', async () => {
    const host = await serve(() => {})
    server?.close()
    await once(server!, 'close')
    const { exitCode, stderr } = await probe(`http://${host}/`)
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('ECONNREFUSED') })
  })

  test.each([
    ['example.com', 'with its scheme'],
    ['file:///etc/passwd', 'with its scheme'],
    ['https://user:secret@example.com/', 'sees what a stranger sees'],
  ])('named %s is a mistake that is explained', async (address, hint) => {
    const { exitCode, stderr } = await probe(address)
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(hint) })
  })
})

describe('a candidate', () => {
  let repository: ScratchRepository
  beforeEach(async () => {
    repository = await ScratchRepository.create()
  })
  afterEach(() => repository.dispose())

  test('that drops a security header gets no traffic, and the old revision serves', async () => {
    repository.edit('src/server.mjs', (source) => source.replace(".setHeader('content-type', 'text/plain')", `.setHeader('content-type', 'text/html').setHeader('x-content-type-options', 'nosniff').setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'")`))
    expect((await repository.run()).exitCode).toBe(0)
    repository.edit('src/server.mjs', (source) => source.replace('version 1', 'version 2').replace(/\.setHeader\('content-security-policy'[^)]*\)/, ''))
    const { exitCode, stdout } = await repository.run()
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('probe/csp-missing') })
    expect(repository.record.release).toMatchObject({ result: 'kept-stable' })
    expect(await repository.page()).toBe('version 1')
  })
})
