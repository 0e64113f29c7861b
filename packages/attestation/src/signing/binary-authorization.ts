import { AttestationError, quote } from '../error.ts'
import { isRecord, readStrictJson } from '../json/strict-json.ts'
import type { KmsTransport } from './kms-signer.ts'
import type { Signer } from './signer.ts'

export interface AttestorOptions {
  /** `projects/P/attestors/A`. */
  readonly attestor: string
  /** The key's version in Google Cloud KMS, `projects/P/locations/…/cryptoKeyVersions/N`: by this name the attestor knows it. */
  readonly key: string
  /** What signs with it; asked for only where nothing is attested yet. */
  readonly signer: () => Promise<Pick<Signer, 'sign'>>
  readonly transport: KmsTransport
  /** Without a slash at the end. */
  readonly endpoints?: { readonly binaryAuthorization: string; readonly containerAnalysis: string }
}

const google = { binaryAuthorization: 'https://binaryauthorization.googleapis.com', containerAnalysis: 'https://containeranalysis.googleapis.com' }
const mostPages = 20

/**
 * Attests an image for Binary Authorization: an occurrence of the attestor's note (Container Analysis API v1) with what Google's own client
 * signs, "simple signing" JSON of repository and digest, by a key of the attestor's. Binary Authorization is then asked whether that is good,
 * so that a wrong key is found here and not by a revision that does not start. What is attested already is not attested again.
 */
export async function attestForBinaryAuthorization(image: { readonly repository: string; readonly digest: string }, options: AttestorOptions): Promise<'attested' | 'attested before'> {
  const { attestor, key, signer, transport, endpoints = google } = options
  const ask = (method: 'GET' | 'POST', url: string, body?: object) => call(transport, method, url, body)
  const { note, keyIds } = readAttestor(await ask('GET', `${endpoints.binaryAuthorization}/v1/${attestor}`), attestor)
  const keyId = `//cloudkms.googleapis.com/v1/${key}`
  if (!keyIds.includes(keyId)) throw new AttestationError('key-invalid', `the attestor ${quote(attestor)} does not know the key ${quote(key)}`, { hint: 'Add the key to the attestor, or name one of its own.' })
  const resourceUri = `https://${image.repository}@${image.digest}`
  const payload = signaturePayload(image)
  const isOurs = (occurrence: unknown) => {
    const attestation = isRecord(occurrence) && occurrence['resourceUri'] === resourceUri && isRecord(occurrence['attestation']) ? occurrence['attestation'] : undefined
    const signatures: unknown = attestation?.['signatures']
    return attestation?.['serializedPayload'] === payload.toString('base64') && Array.isArray(signatures) && signatures.some((it) => isRecord(it) && it['publicKeyId'] === keyId)
  }
  const isGood = async (attestation: unknown) => {
    const answer = await ask('POST', `${endpoints.binaryAuthorization}/v1/${attestor}:validateAttestationOccurrence`, { attestation, occurrenceNote: note, occurrenceResourceUri: resourceUri })
    return answer['result'] === 'VERIFIED'
  }
  for (const occurrence of await occurrencesOf(ask, `${endpoints.containerAnalysis}/v1/${note}`, resourceUri)) if (isOurs(occurrence) && (await isGood((occurrence as { attestation: unknown }).attestation))) return 'attested before'
  const { signature } = await (await signer()).sign(payload)
  const attestation = { serializedPayload: payload.toString('base64'), signatures: [{ signature: Buffer.from(signature).toString('base64'), publicKeyId: keyId }] }
  if (!(await isGood(attestation))) throw new AttestationError('signing-damaged', `the attestor ${quote(attestor)} does not take its own key's signature of ${quote(resourceUri)}`, { hint: 'Its public key may be of another version, or for another algorithm.' })
  const project = attestor.split('/').slice(0, 2).join('/')
  await ask('POST', `${endpoints.containerAnalysis}/v1/${project}/occurrences`, { resourceUri, noteName: note, kind: 'ATTESTATION', attestation })
  return 'attested'
}

/** Byte for byte what `gcloud container binauthz create-signature-payload` writes. */
export function signaturePayload({ repository, digest }: { readonly repository: string; readonly digest: string }): Buffer {
  const payload = { critical: { identity: { 'docker-reference': repository }, image: { 'docker-manifest-digest': digest }, type: 'Google cloud binauthz container signature' } }
  return Buffer.from(`${JSON.stringify(payload, null, 2)}\n`)
}

type Ask = (method: 'GET' | 'POST', url: string, body?: object) => Promise<Readonly<Record<string, unknown>>>

async function occurrencesOf(ask: Ask, note: string, resourceUri: string): Promise<unknown[]> {
  const found: unknown[] = []
  let pageToken = ''
  for (let page = 0; page < mostPages; page++) {
    const query = new URLSearchParams({ filter: `resourceUrl=${JSON.stringify(resourceUri)} AND kind="ATTESTATION"`, ...(pageToken !== '' && { pageToken }) })
    const { occurrences, nextPageToken } = await ask('GET', `${note}/occurrences?${query}`)
    if (Array.isArray(occurrences)) found.push(...occurrences)
    if (typeof nextPageToken !== 'string' || nextPageToken === '') return found
    pageToken = nextPageToken
  }
  // So many of one image are no reason to stop: another attestation is as good.
  return found
}

function readAttestor(answer: Readonly<Record<string, unknown>>, attestor: string): { readonly note: string; readonly keyIds: readonly unknown[] } {
  const owned = answer['userOwnedGrafeasNote']
  const note = isRecord(owned) ? owned['noteReference'] : undefined
  const keys: unknown = isRecord(owned) ? owned['publicKeys'] : undefined
  if (typeof note !== 'string' || !/^projects\/[^/\s]+\/notes\/[^/\s]+$/.test(note)) throw new AttestationError('signing-damaged', `the attestor ${quote(attestor)} names no note`)
  return { note, keyIds: Array.isArray(keys) ? keys.map((it) => (isRecord(it) ? it['id'] : undefined)) : [] }
}

async function call(transport: KmsTransport, method: 'GET' | 'POST', url: string, body?: object): Promise<Readonly<Record<string, unknown>>> {
  const { status, body: bytes } = await transport({ method, url, ...(body !== undefined && { body: JSON.stringify(body) }) })
  const json = readStrictJson(bytes)
  const answer = 'value' in json && isRecord(json.value) ? json.value : undefined
  const where = new URL(url)
  if (status !== 200) {
    const error = answer?.['error']
    const why = isRecord(error) && typeof error['status'] === 'string' ? ` ${quote(error['status'])}` : ''
    throw new AttestationError('signing-refused', `${where.host}${where.pathname} answered with HTTP ${status}${why}`, { hint: 'Attesting needs roles/binaryauthorization.attestorsVerifier, roles/containeranalysis.notes.attacher on the note and roles/containeranalysis.occurrences.editor.' })
  }
  if (!answer) throw new AttestationError('signing-damaged', `${where.host}${where.pathname} answered with something that is not JSON`)
  return answer
}
