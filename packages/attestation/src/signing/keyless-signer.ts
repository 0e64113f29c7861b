import { X509Certificate } from 'node:crypto'
import { AttestationError, quote } from '../error.ts'
import { sigstoreClients, type SigstoreEndpoints } from '../node.ts'
import type { Signer } from './signer.ts'

export interface KeylessOptions extends Partial<SigstoreEndpoints> {
  /**
   * Fetches an OIDC token that says who is running, with the audience `sigstore`; `githubIdentityToken` does in GitHub Actions.
   * Asked once for each signature, since such tokens live for minutes.
   */
  readonly identityToken: () => Promise<string>
}

/** Sigstore's public services: what is signed there, and by whom, anybody can read for ever. */
export const publicSigstore: SigstoreEndpoints = {
  fulcioUrl: 'https://fulcio.sigstore.dev',
  rekorUrl: 'https://rekor.sigstore.dev',
  rekorVersion: 1,
  timeoutMs: 30_000,
  retries: 2,
}

/**
 * Signs with a key that is made for one signature and forgotten: Fulcio certifies that it belongs to whoever the token names,
 * and Rekor writes the signature down. What they refuse throws `signing-refused`, without a word of the token.
 */
export function keylessSigner({ identityToken, ...given }: KeylessOptions): Signer {
  const endpoints = { ...publicSigstore, ...given }
  for (const url of [endpoints.fulcioUrl, endpoints.rekorUrl, endpoints.timestampUrl]) if (url !== undefined) checkUrl(url)
  return {
    identity: `workload certified by ${endpoints.fulcioUrl}`,
    sign: async (encoding) => {
      const token = await identityToken()
      checkToken(token)
      const { certify } = await sigstoreClients(endpoints)
      const { signature, key } = await asked('Fulcio did not certify the signing key', async () => certify(token, Buffer.from(encoding)))
      if (key.$case !== 'x509Certificate') throw new AttestationError('signing-damaged', 'Fulcio answered without a certificate')
      return { signature, by: { certificate: new X509Certificate(key.certificate).raw } }
    },
    witness: async (bundle, { by }) => {
      if (!('certificate' in by)) throw new TypeError('a keyless signature has a certificate')
      const { witnesses } = await sigstoreClients(endpoints)
      const certificate = new X509Certificate(by.certificate).toString()
      const receipts = await asked('the signature could not be logged', async () => Promise.all(witnesses.map(async (witness) => witness.testify(bundle.content, certificate))))
      bundle.verificationMaterial.tlogEntries = receipts.flatMap(({ tlogEntries = [] }) => tlogEntries)
      bundle.verificationMaterial.timestampVerificationData = { rfc3161Timestamps: receipts.flatMap(({ rfc3161Timestamps = [] }) => rfc3161Timestamps) }
    },
  }
}

/** The token goes to Fulcio: never over a connection that others could read. */
function checkUrl(text: string): void {
  const url = URL.parse(text)
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname))) return
  throw new AttestationError('signing-refused', `${quote(text)} is not the address of a service that may be told a token`, { hint: 'Use https.' })
}

/** RFC 7519: three parts, of which the second says who. Checked here, since others put a token that they cannot read into their message. */
function checkToken(token: string): void {
  const [, claims, ...rest] = token.split('.')
  if (claims !== undefined && rest.length === 1 && isJsonObject(Buffer.from(claims, 'base64url').toString())) return
  throw new AttestationError('signing-refused', 'the identity token is not a JSON Web Token')
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && 'sub' in value
  } catch {
    return false
  }
}

async function asked<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    // Neither message nor cause: both may quote what was sent, and a token was.
    throw new AttestationError('signing-refused', `${what} (${reasonsOf(error).join(', ') || 'without a reason'})`, { hint: 'In GitHub Actions the job needs `permissions: id-token: write`.' })
  }
}

/** The codes and statuses of an error and of what caused it. */
function reasonsOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return []
  const code = 'code' in error && typeof error.code === 'string' && /^[A-Z0-9_]+$/.test(error.code) ? [error.code] : []
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? [`HTTP ${error.statusCode}`] : []
  return [...code, ...status, ...reasonsOf(error.cause)]
}
