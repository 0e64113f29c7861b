import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, getCACertificates, setDefaultCACertificates, type TlsOptions } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inspectTransport } from './transport.ts'

const directory = mkdtempSync(join(tmpdir(), 'shiplock-tls-'))
const ambient = getCACertificates()
let authority: string

/** A certificate for localhost that this process trusts; from OpenSSL, since Node makes none. */
function certificate(name: string, host = 'localhost'): { readonly key: Buffer; readonly cert: Buffer } {
  const [key, cert] = [join(directory, `${name}.key`), join(directory, `${name}.crt`)]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '60', '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  return { key: readFileSync(key), cert: readFileSync(cert) }
}

beforeAll(() => {
  authority = certificate('trusted').cert.toString()
  setDefaultCACertificates([...ambient, authority])
})
afterAll(() => {
  setDefaultCACertificates(ambient)
  rmSync(directory, { recursive: true })
})

const trusted = () => ({ key: readFileSync(join(directory, 'trusted.key')), cert: readFileSync(join(directory, 'trusted.crt')) })

async function inspected(options: TlsOptions) {
  const server = createServer(options, (socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
  server.on('tlsClientError', () => {})
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  try {
    return await inspectTransport(`https://localhost:${address.port}`, new AbortController().signal)
  } finally {
    server.close()
  }
}

test('a certificate that is trusted has its days told, and no problem', async () => {
  expect(await inspected(trusted())).toEqual({ tls: { daysLeft: expect.toSatisfy((days: number) => days > 59 && days <= 60), outdated: [] } })
})

test('a certificate of nobody who is trusted is told to be one', async () => {
  expect(await inspected(certificate('stranger'))).toMatchObject({ tls: { problem: expect.stringMatching(/self.signed/i) } })
})

test('a certificate for another host is told to be one', async () => {
  const other = certificate('other', 'other.example')
  setDefaultCACertificates([...ambient, authority, other.cert.toString()])
  expect(await inspected(other)).toMatchObject({ tls: { problem: expect.stringMatching(/altname|localhost/i) } })
})

test('a server that takes old versions of TLS is found out', async () => {
  expect(await inspected({ ...trusted(), minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' })).toMatchObject({ tls: { outdated: ['TLSv1', 'TLSv1.1'] } })
})

test('what speaks no TLS is a failure', async () => {
  const server = createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  expect(await inspectTransport(`https://localhost:${address.port}`, new AbortController().signal)).toMatchObject({ reason: 'target-unreachable' })
  server.close()
})

test('an address without TLS has nothing to be looked at', async () => {
  expect(await inspectTransport('http://example.invalid', new AbortController().signal)).toEqual({})
})
