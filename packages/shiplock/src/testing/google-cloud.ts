import { execFileSync, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEmulator, type Emulator } from '@shiplock/cloud-run-emulator'
import { createLayout } from '@shiplock/image'
import { crc32c } from '../../../attestation/src/signing/crc32c.ts'
import { localAttestor, type Occurrence } from '../../../attestation/src/testing/attestor.ts'
import { freePort } from './scratch-repository.ts'

export const project = 'acme-shop'
export const location = 'europe-west1'
export const account = 'deployer@acme-shop.iam.gserviceaccount.com'
export const kmsKey = `projects/${project}/locations/${location}/keyRings/release/cryptoKeys/attest/cryptoKeyVersions/1`
export const attestor = `projects/${project}/attestors/shiplock`
const audience = '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/github/providers/github'
const subjectToken = 'what GitHub says of the job'

/** Google Cloud on loopback, as far as a release meets it: each API answers in its published form, and refuses what is not. */
export interface GoogleCloud extends AsyncDisposable {
  /** What tells Shiplock, and gcloud, where it is and who asks. */
  readonly env: Readonly<Record<string, string>>
  readonly emulator: Emulator
  /** Host and port of Debian's docker-registry, which stands for Artifact Registry. */
  readonly registry: string
  readonly occurrences: readonly Occurrence[]
  /** `METHOD /path` of what was asked of the other APIs. */
  readonly requests: readonly string[]
  /** PEM of the key in KMS. */
  readonly publicKey: string
}

export interface GoogleCloudOptions {
  /** Which workload's word the token exchange takes; that of one fixed workload where it is not said. */
  readonly accepts?: (subjectToken: string) => boolean
}

export async function startGoogleCloud({ accepts = (token) => token === subjectToken }: GoogleCloudOptions = {}): Promise<GoogleCloud> {
  const directory = mkdtempSync(join(tmpdir(), 'shiplock-google-cloud-'))
  const layout = await createLayout(join(directory, 'layout'))
  const stateDir = join(directory, 'run')
  const emulator = await startEmulator({ stateDir, layoutDir: layout.directory, frontPort: 0, adminPort: 0, project, location, pull: true })
  const registry = await startRegistry(directory)
  const accessToken = readFileSync(emulator.admin.tokenFile, 'utf8').trim()
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const keyFile = join(directory, 'key.pem')
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const attestation = localAttestor({ project, name: 'shiplock', key: kmsKey, pem })
  const requests: string[] = []

  const answerTo = (method: string, url: URL, body: string, authorization: string | undefined): Answer => {
    const route = `${method} ${url.pathname}`
    requests.push(route)
    if (route === 'POST /sts/v1/token') return exchange(new URLSearchParams(body), accepts)
    if (route === `POST /iam/v1/projects/-/serviceAccounts/${account}:generateAccessToken`) return authorization === 'Bearer federated' ? { accessToken, expireTime: new Date(Date.now() + 3_600_000).toISOString() } : refusal(401, 'UNAUTHENTICATED')
    // What is left wants the token of the account that the workload stands for.
    if (authorization !== `Bearer ${accessToken}`) return refusal(401, 'UNAUTHENTICATED')
    const json: Record<string, unknown> = body === '' ? {} : JSON.parse(body)
    if (route === `POST /v1/projects/-/serviceAccounts/${encodeURIComponent(account)}:generateIdToken`) return typeof json['audience'] === 'string' ? { token: accessToken } : refusal(400, 'INVALID_ARGUMENT')
    if (route === 'POST /v2/entries:list') return listEntries(json, join(stateDir, 'logs'))
    if (route === `GET /v1/${kmsKey}/publicKey`) return { name: kmsKey, algorithm: 'EC_SIGN_P256_SHA256', pem, pemCrc32c: String(crc32c(Buffer.from(pem))) }
    if (route === `POST /v1/${kmsKey}:asymmetricSign`) return asymmetricSign(json)
    const looked = answerToLooks(route, url, json)
    if (looked) return looked
    const attested = attestation.answerTo(method, url, json)
    if (attested) return attested
    return refusal(404, 'NOT_FOUND')
  }

  /** As KMS does, a digest is signed, and not what it is of: Node cannot, openssl can. */
  const asymmetricSign = (json: Record<string, unknown>): Answer => {
    const { digest, digestCrc32c }: { digest?: { sha256?: string }; digestCrc32c?: string } = json
    const hash = Buffer.from(digest?.sha256 ?? '', 'base64')
    if (hash.length !== 32 || digestCrc32c !== String(crc32c(hash))) return refusal(400, 'INVALID_ARGUMENT')
    const signature = execFileSync('openssl', ['pkeyutl', '-sign', '-inkey', keyFile], { input: hash })
    return { name: kmsKey, signature: signature.toString('base64'), signatureCrc32c: String(crc32c(signature)), verifiedDigestCrc32c: true }
  }

  const server = createServer((request, response) => {
    void (async () => {
      const answer = answerTo(request.method ?? '', new URL(request.url ?? '/', 'http://loopback'), await text(request), authorizationOf(request))
      const error: { code: number } | undefined = 'error' in answer ? (answer['error'] as { code: number }) : undefined
      response.writeHead(error?.code ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the server does not listen')
  const url = `http://127.0.0.1:${address.port}/`
  writeFileSync(join(directory, 'subject-token'), subjectToken)
  const credentials = { type: 'external_account', audience, subject_token_type: 'urn:ietf:params:oauth:token-type:jwt', token_url: `${url}sts/v1/token`, service_account_impersonation_url: `${url}iam/v1/projects/-/serviceAccounts/${account}:generateAccessToken`, credential_source: { file: join(directory, 'subject-token') } }
  writeFileSync(join(directory, 'credentials.json'), JSON.stringify(credentials))
  const apis = ['MONITORING', 'LOGGING', 'CLOUDKMS', 'IAMCREDENTIALS', 'BINARYAUTHORIZATION', 'CONTAINERANALYSIS', 'SERVICEUSAGE', 'CLOUDRESOURCEMANAGER', 'ARTIFACTREGISTRY', 'SECRETMANAGER', 'IAM'].map((api) => [`CLOUDSDK_API_ENDPOINT_OVERRIDES_${api}`, url])
  return {
    env: { GOOGLE_APPLICATION_CREDENTIALS: join(directory, 'credentials.json'), CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN: emulator.admin.url, ...Object.fromEntries(apis) },
    emulator,
    registry: registry.host,
    occurrences: attestation.occurrences,
    requests,
    publicKey: pem,
    [Symbol.asyncDispose]: async () => {
      server.close()
      await emulator.stop()
      await registry.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

type Answer = Readonly<Record<string, unknown>>
const refusal = (code: number, status: string): Answer => ({ error: { code, status, message: `refused: ${status}` } })
const authorizationOf = ({ headers }: IncomingMessage) => headers.authorization

/** What `shiplock doctor` asks, in a project where nothing is missing. */
function answerToLooks(route: string, url: URL, json: Record<string, unknown>): Answer | undefined {
  if (route === `GET /v1/projects/${project}/services:batchGet`) return { services: url.searchParams.getAll('names').map((name) => ({ name, state: 'ENABLED' })) }
  if (route.startsWith('POST /') && route.endsWith(':testIamPermissions')) return { permissions: json['permissions'] }
  return undefined
}

/** The Security Token Service: only this provider's word, in the one form that there is (RFC 8693). */
function exchange(form: URLSearchParams, accepts: (subjectToken: string) => boolean): Answer {
  const expected = { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', audience, subject_token_type: 'urn:ietf:params:oauth:token-type:jwt', requested_token_type: 'urn:ietf:params:oauth:token-type:access_token' }
  if (Object.entries(expected).some(([name, value]) => form.get(name) !== value)) return refusal(400, 'invalid_grant')
  if (!accepts(form.get('subject_token') ?? '')) return { ...refusal(400, 'invalid_grant'), error_description: 'The given credential is rejected by the attribute condition.' }
  return { access_token: 'federated', issued_token_type: 'urn:ietf:params:oauth:token-type:access_token', token_type: 'Bearer', expires_in: 3600 }
}

/** `entries.list` of what the emulator logged, in pages of at most two, so that whoever asks has to go on. */
function listEntries({ resourceNames, filter, orderBy, pageSize, pageToken = '0' }: Record<string, unknown>, logs: string): Answer {
  const named = /^resource\.type="cloud_run_revision" AND resource\.labels\.service_name="([\w-]+)" AND resource\.labels\.revision_name="([\w-]+)" AND resource\.labels\.location="europe-west1"$/.exec(String(filter))
  if (JSON.stringify(resourceNames) !== JSON.stringify([`projects/${project}`]) || !named || orderBy !== 'timestamp desc') return refusal(400, 'INVALID_ARGUMENT')
  const file = join(logs, named[1]!, `${named[2]!}.log`)
  const all = (existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []).map((line) => JSON.parse(line)).toReversed()
  const [from, size] = [Number(pageToken), Math.min(2, Number(pageSize))]
  return { entries: all.slice(from, from + size), ...(from + size < all.length && { nextPageToken: String(from + size) }) }
}

async function startRegistry(directory: string): Promise<{ readonly host: string; readonly stop: () => Promise<void> }> {
  const host = `127.0.0.1:${await freePort()}`
  const config = join(directory, 'registry.yml')
  // JSON is YAML.
  writeFileSync(config, JSON.stringify({ version: 0.1, log: { level: 'error', accesslog: { disabled: true } }, storage: { filesystem: { rootdirectory: join(directory, 'registry') } }, http: { addr: host } }))
  const child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' })
  for (let attempt = 0; !(await fetch(`http://${host}/v2/`).then(({ ok }) => ok, () => false)); attempt++) {
    if (child.exitCode !== null || attempt === 400) throw new Error(`docker-registry did not start on ${host}`)
    await sleep(25)
  }
  return {
    host,
    stop: async () => {
      child.kill()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}
