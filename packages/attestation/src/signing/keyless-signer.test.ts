import { createServer } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { githubIdentityToken } from '../node.ts'
import { jsonWebToken, localSigstore, githubClaims } from '../testing/sigstore.ts'
import { provenanceStatement } from '../statement/provenance.ts'
import { buildFacts, image } from '../testing/rig.ts'
import { keylessSigner, publicSigstore } from './keyless-signer.ts'
import { attest } from './signer.ts'

const statement = provenanceStatement(image, buildFacts)
const everythingIn = (error: unknown): string => (error instanceof Error ? [error.message, error.stack, JSON.stringify(error), everythingIn(error.cause)].join('\n') : String(error))

describe('a workload without a key', () => {
  test('has a new key certified and its signature logged, for each statement', async () => {
    const sigstore = await localSigstore()
    const signer = keylessSigner(sigstore.options())
    const bundles = [await attest(signer, statement), await attest(signer, statement)].map((bytes): { verificationMaterial: { certificate: { rawBytes: string }; tlogEntries: unknown[] } } => JSON.parse(new TextDecoder().decode(bytes)))
    expect(sigstore.requests).toEqual(['POST /api/v2/signingCert', 'POST /api/v1/log/entries', 'POST /api/v2/signingCert', 'POST /api/v1/log/entries'])
    expect(bundles.map(({ verificationMaterial }) => verificationMaterial.tlogEntries.length)).toEqual([1, 1])
    expect(bundles[0]!.verificationMaterial.certificate.rawBytes).not.toBe(bundles[1]!.verificationMaterial.certificate.rawBytes)
  })

  test.each([
    ['/api/v2/signingCert', 403, 'HTTP 403'],
    ['/api/v2/signingCert', 500, 'HTTP 500'],
    ['/api/v1/log/entries', 400, 'HTTP 400'],
  ])('signs nothing where %s answers with %i, and says so without the token', async (path, status, text) => {
    const token = jsonWebToken(githubClaims)
    const sigstore = await localSigstore({ answer: (asked, body) => (asked === path ? { status, bytes: JSON.stringify({ message: `no: ${body} ${token}` }) } : undefined) })
    const error: unknown = await attest(keylessSigner({ ...sigstore.options(), identityToken: async () => token }), statement).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'signing-refused', message: expect.stringContaining(text) })
    expect(everythingIn(error)).not.toContain(token.slice(0, 20))
  })

  test('signs nothing where nobody answers', async () => {
    const sigstore = await localSigstore()
    const options = sigstore.options()
    sigstore.close()
    await expect(attest(keylessSigner(options), statement)).rejects.toMatchObject({ code: 'signing-refused' })
  })

  test.each([
    ['no token', 'hunter2hunter2'],
    ['two parts', 'hunter2.hunter2'],
    ['no claims', `hunter2.${Buffer.from('hunter2').toString('base64url')}.hunter2`],
    ['nobody', `hunter2.${Buffer.from('{}').toString('base64url')}.hunter2`],
    ['nothing', ''],
  ])('asks nobody with a token that is %s, and does not repeat it', async (_, token) => {
    const sigstore = await localSigstore()
    const error: unknown = await attest(keylessSigner({ ...sigstore.options(), identityToken: async () => token }), statement).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'signing-refused', message: 'the identity token is not a JSON Web Token' })
    expect(everythingIn(error)).not.toContain('hunter2')
    expect(sigstore.requests).toEqual([])
  })

  test.each(['http://fulcio.example', 'ftp://127.0.0.1', 'fulcio.sigstore.dev', 'http://127.0.0.1.evil.example', ''])('is not sent to %j, where others could read the token', (url) => {
    for (const field of ['fulcioUrl', 'rekorUrl', 'timestampUrl']) {
      expect(() => keylessSigner({ identityToken: async () => '', [field]: url })).toThrow(expect.objectContaining({ code: 'signing-refused' }))
    }
  })

  test('uses Sigstore’s public services where nothing else is said', () => {
    expect(keylessSigner({ identityToken: async () => '' }).identity).toContain('https://fulcio.sigstore.dev')
    expect(publicSigstore.rekorUrl).toBe('https://rekor.sigstore.dev')
  })
})

describe('the token of a GitHub workflow', () => {
  async function github(status: number, body: string): Promise<{ readonly environment: Record<'ACTIONS_ID_TOKEN_REQUEST_URL' | 'ACTIONS_ID_TOKEN_REQUEST_TOKEN', string>; readonly asked: string[] }> {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization}`)
      if (request.url === '/elsewhere') response.end('{"value":"a.b.c"}')
      else response.writeHead(status, { location: '/elsewhere' }).end(body)
    })
    const port = await new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    }))
    onTestFinished(() => void server.close())
    return { asked, environment: { ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2.0`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'hunter2hunter2' } }
  }

  test('is fetched for Sigstore, with the job’s own credential', async () => {
    const { asked, environment } = await github(200, '{"count":1,"value":"a.b.c"}')
    expect(await githubIdentityToken(environment)).toBe('a.b.c')
    expect(asked).toEqual(['/token?api-version=2.0&audience=sigstore Bearer hunter2hunter2'])
  })

  test.each([[403, '{"message":"hunter2hunter2"}'], [302, ''], [200, '{}'], [200, 'hunter2hunter2'], [200, '{"value":1}']])('is refused where GitHub answers with %i and %s', async (status, body) => {
    const error: unknown = await githubIdentityToken((await github(status, body)).environment).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'signing-refused' })
    expect(everythingIn(error)).not.toContain('hunter2')
  })

  test.each([{}, { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://github.example' }, { ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x' }, { ACTIONS_ID_TOKEN_REQUEST_URL: 'no address', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x' }])('is not there outside of GitHub Actions: %j', async (environment) => {
    await expect(githubIdentityToken(environment)).rejects.toMatchObject({ code: 'signing-refused', hint: expect.stringContaining('id-token: write') })
  })
})
