import { toDSSEBundle, bundleToJSON, type Bundle } from '@sigstore/bundle'
import { canonicalJson } from '../json/canonical-json.ts'
import { preAuthenticationEncoding, statementPayloadType } from '../dsse.ts'
import type { Statement } from '../statement/statement.ts'

/** What signs: a key on this machine, one that a service holds, or one made for this signature and vouched for by a certificate. */
export interface Signer {
  /** Who signs, for a person. */
  readonly identity: string
  /** Signs the pre-authentication encoding of a statement. */
  readonly sign: (encoding: Uint8Array) => Promise<Signature>
  /** Has the signature written down where everybody can see it, and adds the receipt to the bundle. */
  readonly witness?: (bundle: Bundle, signature: Signature) => Promise<void>
}

export interface Signature {
  /** ECDSA with SHA-256, ASN.1 DER. */
  readonly signature: Uint8Array
  readonly by: { readonly hint: string } | { readonly certificate: Uint8Array }
}

/** Signs a statement: the bytes of a Sigstore bundle v0.3 around a DSSE envelope. The same statement is the same payload; a signature never is. */
export async function attest(signer: Signer, statement: Statement<object>): Promise<Uint8Array> {
  const payload = canonicalJson(statement)
  const signature = await signer.sign(preAuthenticationEncoding(statementPayloadType, payload))
  const bundle: Bundle = toDSSEBundle({
    artifact: Buffer.from(payload),
    artifactType: statementPayloadType,
    signature: Buffer.from(signature.signature),
    ...('hint' in signature.by ? { keyHint: signature.by.hint } : { certificate: Buffer.from(signature.by.certificate) }),
  })
  await signer.witness?.(bundle, signature)
  return canonicalJson(bundleToJSON(bundle))
}
