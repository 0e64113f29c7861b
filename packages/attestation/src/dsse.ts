/** The payload type of an in-toto statement (in-toto attestation v1, envelope.md). */
export const statementPayloadType = 'application/vnd.in-toto+json'

/**
 * The bytes that are signed (DSSE v1.0.2, protocol.md, "Signature Definition"): type and payload with the length in bytes of
 * each, so that no other pair gives the same bytes.
 */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = new TextEncoder().encode(payloadType)
  const parts = [ascii(`DSSEv1 ${type.length} `), type, ascii(` ${payload.length} `), payload]
  return Buffer.concat(parts)
}

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The media type of a Sigstore bundle, which is also the artifact type of its referrer (Sigstore protobuf-specs, sigstore_bundle.proto). */
export const bundleMediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json'

/** An SBOM of some thousand packages is a few megabytes; one that is larger than this is an attack or a mistake. */
export const maxBundleBytes = 32 * 1024 * 1024
