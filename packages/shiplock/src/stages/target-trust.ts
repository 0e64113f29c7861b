import { localSigner } from '@shiplock/attestation/sign'
import { AttestationError, parseTrust, predicateTypes, type Trust } from '@shiplock/attestation/verify'
import { readTextFile } from '../system/files.ts'
import { fromRoot, realDirectory } from '../system/root.ts'
import type { PipelineContext } from './context.ts'
import { resourceUri, verifierId } from './statements.ts'

/** How long a verdict holds unless a policy says otherwise. Seconds. */
export const verdictHolds = 7 * 24 * 60 * 60

export interface Trusting extends Pick<PipelineContext, 'config' | 'state' | 'environment'> {
  readonly workspace: { readonly snapshot: { readonly root: string } }
}

/**
 * Whom a target trusts: what the policy says that SHIPLOCK_TRUST names, a file of the target's and never of the tree; without one the
 * local target trusts the key of this checkout, and any other target nobody. Throws what `attestationFailure` explains.
 */
export async function trustOf(context: Trusting, target: string): Promise<Trust> {
  // The policy itself, as a variable of the environment that a job runs in, which its administrators alone can change.
  const given = context.environment['SHIPLOCK_TRUST_POLICY']
  if (given) return parseTrust(Buffer.from(given))
  const named = context.environment['SHIPLOCK_TRUST']
  if (named) return readTrust(named, { outside: context.workspace.snapshot.root })
  if (target !== 'local') throw new AttestationError('trust-invalid', `nothing says whom the target ${target} trusts`, { hint: 'have `shiplock trust` write a policy, keep it where no commit reaches it, and name it by SHIPLOCK_TRUST, or give its text by SHIPLOCK_TRUST_POLICY' })
  return localTrust(context, target)
}

/** Whether somebody said whom the target trusts. */
export const hasPolicy = (environment: NodeJS.ProcessEnv): boolean => Boolean(environment['SHIPLOCK_TRUST_POLICY'] || environment['SHIPLOCK_TRUST'])

/** What the local target of this checkout trusts: the key of this checkout's owner, and nothing else. */
async function localTrust({ state, config }: Trusting, target: string): Promise<Trust> {
  const { publicKey } = await localSigner(state.keys)
  return parseTrust(
    Buffer.from(
      JSON.stringify({
        version: 1,
        target: 'loopback',
        identities: [{ kind: 'local-key', name: 'this checkout', publicKey }],
        requires: [{ predicateType: predicateTypes.sbom }],
        verdict: { verifier: verifierId, resourceUri: resourceUri(target, config.service.name), checks: [], maxAge: verdictHolds },
      }),
    ),
  )
}

/** The policy in a file. With `outside`, one in that tree is refused: a commit would bring its own permission. */
export function readTrust(path: string, { outside }: { readonly outside?: string } = {}): Trust {
  const text = readTextFile(path)
  if (text === undefined) throw new AttestationError('trust-invalid', `there is no trust policy ${JSON.stringify(path)}`, { hint: '`shiplock trust` writes one' })
  if (outside !== undefined && isWithin(outside, path)) throw new AttestationError('trust-invalid', `the trust policy ${JSON.stringify(path)} is in the tree that it is to judge`, { hint: 'keep it where no commit reaches it: outside of the checkout' })
  return parseTrust(Buffer.from(text))
}

/** By its own name or by where that leads: a link in the tree is the commit's as well. */
const isWithin = (root: string, path: string): boolean => [path, realDirectory(path)].some((it) => fromRoot(root, '.', it) !== undefined)
