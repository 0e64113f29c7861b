import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { crc32c } from '../signing/crc32c.ts'
import type { KmsTransport } from '../signing/kms-signer.ts'
import { temporaryDirectory } from './rig.ts'

export const kmsKey = 'projects/acme/locations/europe-west1/keyRings/release/cryptoKeys/attest/cryptoKeyVersions/3'

export interface LocalKms {
  readonly endpoint: string
  readonly transport: KmsTransport
  readonly requests: readonly { readonly method: string; readonly path: string; readonly body: unknown; readonly authorization?: string }[]
  readonly publicKey: KeyObject
}

/** What a test changes in an answer before it is sent. */
export type Distort = (answer: Record<string, unknown>, path: string) => Record<string, unknown>

/**
 * Google Cloud KMS on loopback, as its REST reference describes cryptoKeyVersions.getPublicKey and asymmetricSign: it really
 * signs (openssl does), and refuses a request that is not in the documented form.
 */
export async function localKms(distort: Distort = (answer) => answer, algorithm = 'EC_SIGN_P256_SHA256', namedCurve = 'P-256'): Promise<LocalKms> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const keyFile = join(await temporaryDirectory(), 'key.pem')
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const requests: { method: string; path: string; body: unknown; authorization?: string }[] = []
  const refusal = (status: string) => ({ error: { code: 400, status, message: 'no' } })

  const answerTo = (method: string, path: string, body: unknown): Record<string, unknown> => {
    if (method === 'GET' && path === `/v1/${kmsKey}/publicKey`) return { name: kmsKey, algorithm, protectionLevel: 'HSM', pem, pemCrc32c: String(crc32c(Buffer.from(pem))) }
    if (method !== 'POST' || path !== `/v1/${kmsKey}:asymmetricSign`) return refusal('NOT_FOUND')
    const { digest, digestCrc32c, ...rest }: { digest?: { sha256?: string }; digestCrc32c?: string } = Object(body)
    const hash = Buffer.from(digest?.sha256 ?? '', 'base64')
    if (Object.keys(rest).length > 0 || hash.length !== 32 || digestCrc32c !== String(crc32c(hash))) return refusal('INVALID_ARGUMENT')
    const signature = execFileSync('openssl', ['pkeyutl', '-sign', '-inkey', keyFile], { input: hash })
    return { name: kmsKey, protectionLevel: 'HSM', signature: signature.toString('base64'), signatureCrc32c: String(crc32c(signature)), verifiedDigestCrc32c: true }
  }

  const server = createServer((request, response) => {
    void (async () => {
      const sent = await text(request)
      const [method, path] = [request.method ?? '', request.url ?? '']
      const body: unknown = sent === '' ? undefined : JSON.parse(sent)
      const { authorization } = request.headers
      requests.push({ method, path, body, ...(authorization !== undefined && { authorization }) })
      const answer = distort(answerTo(method, path, body), path)
      response.writeHead('error' in answer ? 400 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })()
  })
  const endpoint = await new Promise<string>((resolve) => server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    resolve(typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '')
  }))
  onTestFinished(() => void server.close())
  const transport: KmsTransport = async ({ method, url, body }) => {
    const response = await fetch(url, { method, ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }) })
    return { status: response.status, body: new Uint8Array(await response.arrayBuffer()) }
  }
  return { endpoint, transport, requests, publicKey }
}
