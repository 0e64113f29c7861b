import { createPublicKey, verify } from 'node:crypto'

export interface Occurrence {
  readonly resourceUri: string
  readonly noteName: string
  readonly attestation: { readonly serializedPayload: string; readonly signatures: readonly { readonly publicKeyId: string; readonly signature: string }[] }
}

export interface LocalAttestor {
  readonly occurrences: Occurrence[]
  /** Of Binary Authorization and Container Analysis; undefined for what is theirs not. */
  readonly answerTo: (method: string, url: URL, body: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>> | undefined
}

/** An attestor of Binary Authorization and the occurrences of its note, as the REST references describe them: it verifies what it is given. */
export function localAttestor({ project, name, key, pem }: { readonly project: string; readonly name: string; readonly key: string; readonly pem: string }): LocalAttestor {
  const [attestor, note, keyId] = [`projects/${project}/attestors/${name}`, `projects/${project}/notes/${name}`, `//cloudkms.googleapis.com/v1/${key}`]
  const occurrences: Occurrence[] = []

  /** Simple signing of this very image, by the attestor's key. */
  const isGood = ({ resourceUri, noteName, attestation }: Occurrence): boolean => {
    const payload = Buffer.from(attestation.serializedPayload, 'base64')
    const { critical } = JSON.parse(payload.toString('utf8'))
    const named = `https://${critical.identity['docker-reference']}@${critical.image['docker-manifest-digest']}`
    const isSigned = attestation.signatures.some(({ publicKeyId, signature }) => publicKeyId === keyId && verify('sha256', payload, createPublicKey(pem), Buffer.from(signature, 'base64')))
    return noteName === note && critical.type === 'Google cloud binauthz container signature' && named === resourceUri && isSigned
  }

  return {
    occurrences,
    answerTo: (method, url, body) => {
      switch (`${method} ${url.pathname}`) {
        case `GET /v1/${attestor}`:
          return { name: attestor, userOwnedGrafeasNote: { noteReference: note, publicKeys: [{ id: keyId, pkixPublicKey: { publicKeyPem: pem, signatureAlgorithm: 'ECDSA_P256_SHA256' } }] } }
        case `POST /v1/${attestor}:validateAttestationOccurrence`:
          return isGood({ resourceUri: body['occurrenceResourceUri'], noteName: body['occurrenceNote'], attestation: body['attestation'] } as Occurrence) ? { result: 'VERIFIED' } : { result: 'ATTESTATION_NOT_VERIFIABLE', denialReason: 'no key of the attestor made it' }
        case `GET /v1/${note}/occurrences`: {
          // One a page, so that whoever asks has to go on.
          const asked = occurrences.filter(({ resourceUri }) => url.searchParams.get('filter') === `resourceUrl=${JSON.stringify(resourceUri)} AND kind="ATTESTATION"`)
          const from = Number(url.searchParams.get('pageToken') ?? 0)
          return { occurrences: asked.slice(from, from + 1), ...(from + 1 < asked.length && { nextPageToken: String(from + 1) }) }
        }
        case `POST /v1/projects/${project}/occurrences`: {
          const { resourceUri, noteName, kind, attestation } = body as unknown as Occurrence & { readonly kind: string }
          if (kind !== 'ATTESTATION' || noteName !== note) return { error: { code: 400, status: 'INVALID_ARGUMENT', message: 'no attestation of this note' } }
          occurrences.push({ resourceUri, noteName, attestation })
          return { name: `projects/${project}/occurrences/${occurrences.length}`, resourceUri, noteName, kind, attestation }
        }
      }
      return undefined
    },
  }
}
