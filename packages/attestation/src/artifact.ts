import type { Artifact } from '@shiplock/image'
import { digestOf, hexOf } from './digest.ts'
import { bundleMediaType } from './dsse.ts'

/**
 * A bundle as an artifact that refers to its image, in the form in which cosign and GitHub's attestations are found (cosign,
 * specs/BUNDLE_SPEC.md). No time of creation is written down: the same bundle is the same artifact.
 */
export function bundleArtifact(bundle: Uint8Array, predicateType: string): Artifact {
  return {
    artifactType: bundleMediaType,
    annotations: { 'dev.sigstore.bundle.content': 'dsse-envelope', 'dev.sigstore.bundle.predicateType': predicateType },
    blobs: [{ mediaType: bundleMediaType, bytes: bundle, annotations: { 'org.opencontainers.image.title': `sha256-${hexOf(digestOf(bundle))}.sigstore.json` } }],
  }
}
