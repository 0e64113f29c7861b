import { expect, test } from 'vitest'
import { localAttestor } from '../testing/attestor.ts'
import { kmsKey, localKms } from '../testing/kms.ts'
import { attestForBinaryAuthorization, signaturePayload, type AttestorOptions } from './binary-authorization.ts'
import { kmsSigner, type KmsTransport } from './kms-signer.ts'

const image = { repository: 'europe-west1-docker.pkg.dev/acme/team/todo', digest: `sha256:${'a'.repeat(64)}` }

async function rig(change: (answer: Readonly<Record<string, unknown>>, path: string) => Readonly<Record<string, unknown>> = (answer) => answer) {
  const kms = await localKms()
  const attestor = localAttestor({ project: 'acme', name: 'shiplock', key: kmsKey, pem: kms.publicKey.export({ type: 'spki', format: 'pem' }).toString() })
  const transport: KmsTransport = async ({ method, url, body = '{}' }) => {
    const asked = new URL(url)
    const answer = change(attestor.answerTo(method, asked, JSON.parse(body)) ?? { error: { code: 404, status: 'NOT_FOUND' } }, asked.pathname)
    return { status: 'error' in answer ? 403 : 200, body: Buffer.from(JSON.stringify(answer)) }
  }
  const signer = () => kmsSigner({ key: kmsKey, ...kms })
  const options: AttestorOptions = { attestor: 'projects/acme/attestors/shiplock', key: kmsKey, signer, transport }
  return { kms, attestor, options }
}
const signatures = ({ requests }: { readonly requests: readonly { readonly method: string }[] }) => requests.filter(({ method }) => method === 'POST').length

test("the payload is byte for byte that of Google's own client", () => {
  expect(signaturePayload(image).toString('utf8')).toBe(`{
  "critical": {
    "identity": {
      "docker-reference": "europe-west1-docker.pkg.dev/acme/team/todo"
    },
    "image": {
      "docker-manifest-digest": "sha256:${'a'.repeat(64)}"
    },
    "type": "Google cloud binauthz container signature"
  }
}
`)
})

test('an image is attested once, by a signature that the attestor verifies', async () => {
  const { kms, attestor, options } = await rig()
  expect(await attestForBinaryAuthorization(image, options)).toBe('attested')
  expect(attestor.occurrences).toMatchObject([{ resourceUri: `https://${image.repository}@${image.digest}`, noteName: 'projects/acme/notes/shiplock' }])
  // Whoever may only deploy needs no right to sign.
  expect(await attestForBinaryAuthorization(image, { ...options, signer: () => Promise.reject(new Error('this job may not sign')) })).toBe('attested before')
  expect([attestor.occurrences.length, signatures(kms)]).toEqual([1, 1])
  expect(await attestForBinaryAuthorization({ ...image, digest: `sha256:${'b'.repeat(64)}` }, options)).toBe('attested')
})

test('an occurrence that somebody else made is none of ours, whatever it says', async () => {
  const { attestor, options } = await rig()
  await attestForBinaryAuthorization(image, options)
  const [good] = attestor.occurrences
  const forged = { ...good!, attestation: { ...good!.attestation, signatures: [{ ...good!.attestation.signatures[0]!, signature: Buffer.from('forged').toString('base64') }] } }
  attestor.occurrences.splice(0, 1, forged)
  expect(await attestForBinaryAuthorization(image, options)).toBe('attested')
  expect(attestor.occurrences).toHaveLength(2)
  // And found on the second page.
  expect(await attestForBinaryAuthorization(image, options)).toBe('attested before')
})

test('a key that the attestor does not know, or a signature that it does not take, is found before anything is deployed', async () => {
  const { attestor, options } = await rig()
  await expect(attestForBinaryAuthorization(image, { ...options, key: kmsKey.replace('/3', '/4') })).rejects.toMatchObject({ code: 'key-invalid', message: expect.stringContaining('does not know the key') })
  const stranger = await localKms()
  await expect(attestForBinaryAuthorization(image, { ...options, signer: () => kmsSigner({ key: kmsKey, ...stranger }) })).rejects.toMatchObject({ code: 'signing-damaged', message: expect.stringContaining('does not take') })
  expect(attestor.occurrences).toEqual([])
})

test('a refusal says what answered, and which rights it takes', async () => {
  const { options } = await rig((answer, path) => (path.endsWith('/occurrences') ? { error: { code: 403, status: 'PERMISSION_DENIED' } } : answer))
  await expect(attestForBinaryAuthorization(image, options)).rejects.toMatchObject({ code: 'signing-refused', message: expect.stringContaining('containeranalysis.googleapis.com/v1/projects/acme/notes/shiplock/occurrences answered with HTTP 403 "PERMISSION_DENIED"'), hint: expect.stringContaining('roles/containeranalysis') })
})
