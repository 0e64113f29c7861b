import { resolve } from 'node:path'
import { AttestationError, fetchTrustedRoot } from '@shiplock/attestation/root'
import { parseTrust } from '@shiplock/attestation/verify'
import { localSigner } from '@shiplock/attestation/sign'
import { attestationFailure } from '../stages/attest-stage.ts'
import { previewServiceName } from '../stages/preview.ts'
import { kmsSignerOf } from '../stages/signer.ts'
import { trustPolicy, type Identity } from '../stages/trust-policy.ts'
import { readTextFile, writeAtomically } from '../system/files.ts'
import { userCache } from '../system/user-cache.ts'
import { CommandFailure, writingTo } from './report-failure.ts'
import { openRepository, openState, type CommonOptions } from './session.ts'
import { print, say } from './streams.ts'

export interface TrustOptions extends CommonOptions {
  readonly target: string
  /** The policy of the previews there, which have their own. */
  readonly preview?: boolean
  /** The workload's name in its certificate, in full. */
  readonly keyless?: string
  readonly issuer: string
  readonly repositoryId?: string
  /** Name of a key's version, as in the config. */
  readonly kms?: string
  /** A file with a policy whose trusted root is to be of today; nothing else in it changes. */
  readonly renew?: string
  readonly output?: string
  readonly tufMirror?: string
  readonly tufRoot?: string
}

/** `shiplock trust`: writes the policy by which a target decides whose statements count. */
export async function trustCommand(options: TrustOptions): Promise<number> {
  try {
    const policy = options.renew === undefined ? await proposed(options) : await renewed(options.renew, options)
    const text = `${JSON.stringify(policy, null, 2)}\n`
    // What a target could not read is not written.
    parseTrust(Buffer.from(text))
    const output = options.output ?? options.renew
    if (output === undefined) print(text.trimEnd())
    else {
      await writingTo(output, async (path) => writeAtomically(resolve(path), text))
      if (!options.quiet) say(`Written: ${output}. Read it, and keep it where no commit reaches it; SHIPLOCK_TRUST names it.`)
    }
    return 0
  } catch (error) {
    const failure = attestationFailure(error)
    if (failure) throw new CommandFailure(3, failure)
    throw error
  }
}

async function proposed(options: TrustOptions): Promise<object> {
  const { root, config: own } = await openRepository(options)
  const config = options.preview ? { ...own, service: { ...own.service, name: previewServiceName(own.service.name) } } : own
  const { target, keyless, issuer, repositoryId, kms } = options
  const identities: Identity[] = []
  if (keyless !== undefined) identities.push({ kind: 'keyless', name: 'workload', issuer, subject: keyless, ...(repositoryId !== undefined && { repositoryId }), ...(isGithub(issuer) && target !== 'local' && { runner: 'github-hosted' }) })
  if (kms !== undefined) {
    const { publicKey } = await kmsSignerOf(kms, process.env)
    identities.push({ kind: 'kms-key', name: kms, publicKey })
  }
  if (identities.length === 0 && target === 'local') identities.push({ kind: 'local-key', name: 'this checkout', publicKey: (await localSigner(openState(root).keys)).publicKey })
  if (identities.length === 0) throw new CommandFailure(2, { message: `the policy of ${target} would trust nobody`, hint: 'name a workload by --keyless, or a key by --kms' })
  return trustPolicy(config, { target, identities, ...(keyless !== undefined && { trustedRoot: await rootOf(options) }) })
}

const isGithub = (issuer: string) => issuer === 'https://token.actions.githubusercontent.com'

async function renewed(path: string, options: TrustOptions): Promise<object> {
  const text = readTextFile(path)
  if (text === undefined) throw new CommandFailure(2, { message: `there is no trust policy ${JSON.stringify(path)}` })
  if (parseTrust(Buffer.from(text)).trustedRoot === undefined) throw new AttestationError('trust-invalid', 'the policy has no trusted root: it trusts keys alone, and nothing of it is to be renewed')
  return { ...JSON.parse(text), trustedRoot: await rootOf(options) }
}

const rootOf = ({ tufMirror, tufRoot }: TrustOptions) =>
  fetchTrustedRoot({ cacheDirectory: userCache('sigstore', process.env), ...(tufMirror !== undefined && { mirrorUrl: tufMirror }), ...(tufRoot !== undefined && { rootFile: tufRoot }) })
