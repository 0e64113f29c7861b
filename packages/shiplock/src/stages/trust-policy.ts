import { builders } from '@shiplock/attestation/sign'
import { predicateTypes } from '@shiplock/attestation/verify'
import { checks } from '../checks/registry.ts'
import type { Config } from '../config/config.ts'
import { resourceUri, verifierId } from './statements.ts'
import { verdictHolds } from './target-trust.ts'

/** Whom to trust: a workload by its certificate, or a key by its public half. */
export type Identity =
  | { readonly kind: 'keyless'; readonly name: string; readonly issuer: string; readonly subject: string; readonly repositoryId?: string; readonly runner?: 'github-hosted' }
  | { readonly kind: 'kms-key' | 'local-key'; readonly name: string; readonly publicKey: string }

/**
 * A trust policy to begin with: everything that Shiplock states is required, and every check that the config has on and does not call
 * optional. It is a proposal: whoever runs the target reads it and keeps it where no commit reaches it.
 */
export function trustPolicy(config: Config, { target, identities, trustedRoot }: { readonly target: string; readonly identities: readonly Identity[]; readonly trustedRoot?: unknown }): object {
  const isLocal = target === 'local'
  const optional = new Set(config.gates.filter(({ optional: it }) => it).map(({ check }) => check))
  const required = checks.filter(({ id, subject }) => subject !== 'revision' && id in config.checks && !optional.has(id)).map(({ id }) => id)
  const isHosted = identities.some((it) => it.kind === 'keyless' && it.runner === 'github-hosted')
  return {
    version: 1,
    target: isLocal ? 'loopback' : 'cloud',
    identities,
    ...(trustedRoot !== undefined && { trustedRoot }),
    // On loopback a verdict may be provisional: what it then lacks cannot be required.
    requires: (isLocal ? [predicateTypes.sbom] : [predicateTypes.provenance, predicateTypes.sbom, predicateTypes.vulnerabilities]).map((predicateType) => ({ predicateType })),
    verdict: { verifier: verifierId, resourceUri: resourceUri(target, config.service.name), checks: isLocal ? [] : required, maxAge: verdictHolds },
    ...(isHosted && { provenance: { builders: [builders.githubHosted] } }),
  }
}
