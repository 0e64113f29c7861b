import { AttestationError, builders, githubIdentityToken, keylessSigner, kmsSigner, localSigner, publicSigstore, type KmsTransport, type Signer } from '@shiplock/attestation/sign'
import type { StageFailure } from '@shiplock/findings'
import { fetchOnce, isResponse } from '../system/http.ts'
import { googleAccessToken } from '../system/google-identity.ts'
import { hasPolicy } from './target-trust.ts'
import type { PipelineContext } from './context.ts'

export interface RunSigner extends Signer {
  /** Who builds where this signs, by SLSA's name. */
  readonly builder: string
  /** By what a run knows that it would sign with the same again. */
  readonly sameAs: string
  /** Where it signs with a key: SubjectPublicKeyInfo in PEM. */
  readonly publicKey?: string
}

/**
 * What signs the statements of this run: as the config has it, but for a local target that nobody gave a policy. That one believes the
 * key of its checkout alone, so that a pull request and a laptop, which are nobody to the cloud, can be tried out whoever signs releases.
 * Throws what `attestationFailure` explains.
 */
export async function signerOf({ config, state, environment }: Pick<PipelineContext, 'config' | 'state' | 'environment'>, target?: string): Promise<RunSigner> {
  const signer = target === 'local' && !hasPolicy(environment) ? 'local' : config.attest.signer
  if (signer === 'keyless') {
    // Only here a certificate says what ran: a variable alone proves no hosted builder, and the target compares the two.
    const builder = environment['RUNNER_ENVIRONMENT'] === 'github-hosted' ? builders.githubHosted : environment['GITHUB_ACTIONS'] === 'true' ? builders.githubSelfHosted : builders.local
    const keyless = keylessSigner({ ...sigstoreOf(environment), identityToken: () => githubIdentityToken(environment) })
    return { ...keyless, builder, sameAs: `keyless ${environment['GITHUB_WORKFLOW_REF'] ?? ''}` }
  }
  if (signer === 'local') {
    const local = await localSigner(state.keys)
    return { ...local, builder: builders.local, sameAs: local.keyId }
  }
  const kms = await kmsSignerOf(signer, environment)
  return { ...kms, builder: builders.local, sameAs: kms.keyId }
}

/** A key of Google Cloud KMS, by cosign's name for it. */
export const kmsSignerOf = (name: string, environment: NodeJS.ProcessEnv) => {
  // Where gcloud is told the same. Never the config: the token goes there, and a commit has no say in that.
  const endpoint = environment['CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS']?.replace(/\/+$/, '')
  return kmsSigner({ key: name.replace(/^gcpkms:\/\//, ''), transport: googleTransport(environment), ...(endpoint !== undefined && { endpoint }) })
}

/** Carries requests to Google Cloud's APIs with the credentials of whoever runs this. */
export const googleTransport = (environment: NodeJS.ProcessEnv): KmsTransport => async ({ method, url, body }) => {
  const token = await googleAccessToken(url, environment)
  if (!token.ok) throw refused(token.failure)
  const answer = await fetchOnce({ method, url, headers: { authorization: `Bearer ${token.value}`, ...(body !== undefined && { 'content-type': 'application/json' }) }, timeoutMs: 30_000, ...(body !== undefined && { body }) })
  if (!isResponse(answer)) throw refused(answer)
  return { status: answer.status, body: Buffer.from(answer.body) }
}

const refused = ({ message, hint }: StageFailure) => new AttestationError('signing-refused', message, { ...(hint !== undefined && { hint }) })

/** A Sigstore of one's own, named by whoever runs Shiplock and never by the config: the token is sent there. */
function sigstoreOf(environment: NodeJS.ProcessEnv) {
  const { SHIPLOCK_FULCIO_URL: fulcioUrl = publicSigstore.fulcioUrl, SHIPLOCK_REKOR_URL: rekorUrl = publicSigstore.rekorUrl, SHIPLOCK_TIMESTAMP_URL: timestampUrl } = environment
  return { fulcioUrl, rekorUrl, ...(timestampUrl !== undefined && { timestampUrl }) }
}
