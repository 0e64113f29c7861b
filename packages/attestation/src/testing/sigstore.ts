import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { fulcioHandler, initializeCA, initializeCTLog, initializeTLog, initializeTSA, tsaHandler, type HandlerFn } from '@sigstore/mock'
import { HashAlgorithm, PublicKeyDetails, TrustedRoot } from '@sigstore/protobuf-specs'
import { onTestFinished } from 'vitest'
import { canonicalJson } from '../json/canonical-json.ts'
import { isRecord } from '../json/strict-json.ts'
import type { KeylessOptions } from '../signing/keyless-signer.ts'

/** A Sigstore on loopback: it really certifies, logs and timestamps, with keys of its own. */
export interface LocalSigstore {
  readonly url: string
  /** For `trustedRoot` of a policy. */
  readonly trustedRoot: unknown
  /** What was asked, in order: method and path. */
  readonly requests: readonly string[]
  /** How a workload with these claims signs here. */
  readonly options: (claims?: object) => KeylessOptions
  readonly close: () => void
}

export interface LocalSigstoreOptions {
  /** What the certificate authority takes for now; the time where absent. */
  readonly certifiedAt?: Date
  /** What log and timestamp authority take for now. */
  readonly loggedAt?: Date
  readonly rekorVersion?: 1 | 2
  /** Certificates are in no log. */
  readonly withoutCertificateLog?: boolean
  /** Answers in place of the services. */
  readonly answer?: (path: string, body: string) => Answer | undefined
}

interface Answer {
  readonly status: number
  readonly type?: string | undefined
  readonly bytes: string | Buffer
}

export const workflow = 'https://github.com/acme/todo/.github/workflows/ship.yml@refs/heads/main'
export const githubIssuer = 'https://token.actions.githubusercontent.com'

/** Claims as GitHub puts them into its tokens; `workflow_uri` is where the certificate's name is taken from. */
export const githubClaims = {
  iss: githubIssuer,
  aud: 'sigstore',
  sub: 'repo:acme/todo:ref:refs/heads/main',
  workflow_uri: workflow,
  repository_id: '1001',
  repository_owner_id: '77',
  runner_environment: 'github-hosted',
}

export const jsonWebToken = (claims: object): string =>
  ['{"alg":"none"}', JSON.stringify(claims), 'signature'].map((part) => Buffer.from(part).toString('base64url')).join('.')

const keyPair = (namedCurve = 'P-256') => generateKeyPairSync('ec', { namedCurve })
const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' })
const bytesOf = (view: ArrayBufferView<ArrayBuffer>): Buffer => Buffer.from(view.buffer, view.byteOffset, view.byteLength)

async function answerOf(handler: HandlerFn | undefined, body: string): Promise<Answer> {
  if (!handler) return { status: 404, bytes: '' }
  const { statusCode, contentType, response } = await handler(body)
  return { status: statusCode, type: contentType, bytes: typeof response === 'string' ? response : bytesOf(response) }
}

/** One of this test alone. */
export async function localSigstore(options: LocalSigstoreOptions = {}): Promise<LocalSigstore> {
  const sigstore = await startSigstore(options)
  onTestFinished(sigstore.close)
  return sigstore
}

export async function startSigstore({ certifiedAt, loggedAt, rekorVersion = 1, withoutCertificateLog = false, answer }: LocalSigstoreOptions = {}): Promise<LocalSigstore> {
  const requests: string[] = []
  const handlers = new Map<string, HandlerFn>()
  const server = createServer((request, response) => {
    void (async () => {
      const path = request.url ?? ''
      requests.push(`${request.method} ${path}`)
      const body = await text(request)
      const { status, type = 'application/json', bytes } = answer?.(path, body) ?? (await answerOf(handlers.get(path), body))
      response.writeHead(status, { 'content-type': type }).end(bytes)
    })()
  })
  const url = await new Promise<string>((resolve) => server.listen(0, '127.0.0.1', () => resolve(addressOf(server.address()))))

  const [authority, certificateLog, log, stamps] = [keyPair('P-384'), keyPair(), keyPair(), keyPair()]
  const ctLog = await initializeCTLog(certificateLog, certifiedAt)
  const ca = await initializeCA(authority, withoutCertificateLog ? undefined : ctLog, certifiedAt)
  const tlog = await initializeTLog(url, log, loggedAt)
  // Whole seconds, in which the authority's own certificate and the workload's are both valid: fractions are more than the reader of timestamps knows.
  const tsa = await initializeTSA(stamps, loggedAt ?? new Date(Math.ceil(Date.now() / 1000) * 1000 + 60_000))
  const fulcio = fulcioHandler(ca, { subjectClaim: 'workflow_uri' })
  handlers.set(fulcio.path, fulcio.fn)
  const stamping = tsaHandler(tsa)
  handlers.set(stamping.path, stamping.fn)
  const created = (response: object) => ({ statusCode: 201, contentType: 'application/json', response: JSON.stringify(response) })
  handlers.set('/api/v1/log/entries', async (body) => created(await tlog.log(loggedEntry(JSON.parse(body)))))
  handlers.set('/api/v2/log/entries', async (body) => created(receiptOf(await tlog.log(loggedEntryV2(JSON.parse(body))))))

  const validFor = { start: new Date(0), end: undefined }
  const logInstance = (baseUrl: string, publicKey: Buffer) => ({
    baseUrl, hashAlgorithm: HashAlgorithm.SHA2_256, checkpointKeyId: undefined, operator: '',
    logId: { keyId: createHash('sha256').update(publicKey).digest() },
    publicKey: { rawBytes: publicKey, keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256, validFor },
  })
  const authorityOf = (commonName: string, ...certificates: Buffer[]) => ({ subject: { commonName, organization: 'test' }, uri: url, operator: '', validFor, certChain: { certificates: certificates.map((rawBytes) => ({ rawBytes })) } })
  const trustedRoot = TrustedRoot.toJSON({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [logInstance(url, spki(log.publicKey))],
    ctlogs: [logInstance(url, spki(certificateLog.publicKey))],
    certificateAuthorities: [authorityOf('sigstore', bytesOf(ca.rootCertificate))],
    timestampAuthorities: [authorityOf('tsa', bytesOf(tsa.intCertificate), bytesOf(tsa.rootCertificate))],
  })
  return {
    url, trustedRoot, requests, close: () => void server.close(),
    options: (claims = {}) => ({
      identityToken: async () => jsonWebToken({ ...githubClaims, ...claims }),
      fulcioUrl: url, rekorUrl: url, rekorVersion, retries: 0,
      ...(rekorVersion === 2 ? { timestampUrl: url } : {}),
    }),
  }
}

function addressOf(address: ReturnType<ReturnType<typeof createServer>['address']>): string {
  if (typeof address !== 'object' || address === null) throw new Error('the server does not listen')
  return `http://127.0.0.1:${address.port}`
}

const sumOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

/** What Rekor 1 writes into its log for a proposed `dsse` entry: sums in place of the envelope (rekor, pkg/types/dsse/v0.0.1). */
function loggedEntry(proposed: unknown): object {
  const content = fieldOf(fieldOf(proposed, 'spec'), 'proposedContent')
  const envelope: { payload: string; signatures: { sig: string }[] } = JSON.parse(textOf(fieldOf(content, 'envelope')))
  const [verifier] = listOf(fieldOf(content, 'verifiers'))
  const sum = (bytes: Uint8Array) => ({ algorithm: 'sha256', value: sumOf(bytes).toString('hex') })
  return {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      envelopeHash: sum(canonicalJson(envelope)),
      payloadHash: sum(Buffer.from(envelope.payload, 'base64')),
      signatures: envelope.signatures.map(({ sig }) => ({ signature: sig, verifier })),
    },
  }
}

/** The same of Rekor 2 (rekor-tiles, api/proto/rekor/v2/dsse.proto). */
function loggedEntryV2(request: unknown): object {
  const dsse = fieldOf(request, 'dsseRequestV002')
  const envelope = fieldOf(dsse, 'envelope')
  const [verifier] = listOf(fieldOf(dsse, 'verifiers'))
  return {
    apiVersion: '0.0.2',
    kind: 'dsse',
    spec: {
      dsseV002: {
        payloadHash: { algorithm: 'SHA2_256', digest: sumOf(Buffer.from(textOf(fieldOf(envelope, 'payload')), 'base64')).toString('base64') },
        signatures: listOf(fieldOf(envelope, 'signatures')).map((signature) => ({ content: fieldOf(signature, 'sig'), verifier })),
      },
    },
  }
}

interface LoggedEntry {
  readonly body: string
  readonly logID: string
  readonly verification: { readonly inclusionProof: { readonly logIndex: number; readonly treeSize: number; readonly rootHash: string; readonly checkpoint: string } }
}

/** A receipt of Rekor 2: the entry's place in the log, and neither promise nor time. */
function receiptOf(logged: object): object {
  const entries: Record<string, LoggedEntry> = JSON.parse(JSON.stringify(logged))
  const [entry] = Object.values(entries)
  if (!entry) throw new Error('the log gave no entry')
  const proof = entry.verification.inclusionProof
  return {
    logIndex: String(proof.logIndex),
    logId: { keyId: Buffer.from(entry.logID, 'hex').toString('base64') },
    kindVersion: { kind: 'dsse', version: '0.0.2' },
    integratedTime: '0',
    inclusionProof: { logIndex: String(proof.logIndex), treeSize: String(proof.treeSize), rootHash: Buffer.from(proof.rootHash, 'hex').toString('base64'), hashes: [], checkpoint: { envelope: proof.checkpoint } },
    canonicalizedBody: entry.body,
  }
}

function fieldOf(value: unknown, name: string): unknown {
  if (!isRecord(value) || value[name] === undefined) throw new Error(`there is no ${name}`)
  return value[name]
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error('that is no list')
  return value
}
