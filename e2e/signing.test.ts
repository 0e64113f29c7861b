import { createServer } from 'node:http'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { kmsKey, localKms } from '../packages/attestation/src/testing/kms.ts'
import { githubClaims, jsonWebToken, localSigstore, workflow } from '../packages/attestation/src/testing/sigstore.ts'
import { tufRepository } from '../packages/attestation/src/testing/tuf.ts'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

let repository: ScratchRepository
let elsewhere: string
beforeAll(async () => {
  repository = await ScratchRepository.create()
  elsewhere = mkdtempSync(join(tmpdir(), 'shiplock-trust-'))
})
afterAll(async () => {
  await repository.dispose()
  rmSync(elsewhere, { recursive: true, force: true })
})

const signedBy = (signer: string) => repository.write('shiplock.config.ts', `export default { attest: { signer: '${signer}' } }\n`)
const verified = async (env: Record<string, string>) => {
  const { stdout, stderr } = await repository.shiplock(['verify', '--format', 'json'], env)
  expect(stdout, stderr).not.toBe('')
  return JSON.parse(stdout)
}

/** What tells a job of GitHub Actions who it is, as its reference on OpenID Connect describes it. */
async function githubTokens(claims: object): Promise<Record<string, string>> {
  const server = createServer((request, response) => {
    const isAsked = request.headers.authorization === 'Bearer job' && new URL(request.url ?? '', 'http://host').searchParams.get('audience') === 'sigstore'
    response.writeHead(isAsked ? 200 : 403, { 'content-type': 'application/json' }).end(JSON.stringify(isAsked ? { value: jsonWebToken(claims) } : {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the server does not listen')
  return { ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${address.port}/token?job=1`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'job', RUNNER_ENVIRONMENT: 'github-hosted' }
}

test('what a workload signs without a key is believed by the policy that names it, and another workload by none', async () => {
  const sigstore = await localSigstore()
  const { mirrorUrl, rootFile } = await tufRepository(sigstore.trustedRoot)
  signedBy('keyless')
  const trust = join(elsewhere, 'keyless.json')
  const written = await repository.shiplock(['trust', '--target', 'local', '--keyless', workflow, '--repository-id', '1001', '--output', trust, '--tuf-mirror', mirrorUrl, '--tuf-root', rootFile])
  expect(written.exitCode, written.stderr).toBe(0)
  expect(JSON.parse(readFileSync(trust, 'utf8'))).toMatchObject({ target: 'loopback', identities: [{ kind: 'keyless', subject: workflow, repositoryId: '1001' }], trustedRoot: sigstore.trustedRoot })

  const services = { SHIPLOCK_FULCIO_URL: sigstore.url, SHIPLOCK_REKOR_URL: sigstore.url, SHIPLOCK_TRUST: trust }
  const run = await repository.run([], { ...services, ...(await githubTokens(githubClaims)) })
  expect(run.exitCode, run.stderr).toBe(0)
  expect(sigstore.requests.filter((it) => it === 'POST /api/v1/log/entries').length).toBeGreaterThan(2)
  const { admitted, proven } = await verified({ SHIPLOCK_TRUST: trust })
  expect(admitted).toBe(true)
  expect(proven).toEqual(expect.arrayContaining([expect.objectContaining({ what: expect.stringContaining('https://shiplock.dev/builder/github-hosted/v1'), by: expect.stringContaining('workload') })]))

  // The same workflow of a repository that took the name later: its certificate is as good, and it is somebody else.
  repository.write('src/add.ts', 'export const add = (a: number, b: number): number => b + a\n')
  const stranger = await repository.run([], { ...services, ...(await githubTokens({ ...githubClaims, repository_id: '2002' })) })
  expect(stranger).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('the image is not admitted') })
  expect((await verified({ SHIPLOCK_TRUST: trust })).refused.map(({ code }: { code: string }) => code)).toContain('stranger')
})

test('a key of a key management service signs, and counts where the policy names it', async () => {
  const kms = await localKms()
  signedBy(`gcpkms://${kmsKey}`)
  const env = { CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS: `${kms.endpoint}/`, CLOUDSDK_AUTH_ACCESS_TOKEN: 'ya29.of-the-job' }
  // Where nobody said whom the local target trusts, it is the key of its checkout, whoever signs releases: nobody need be signed in for it.
  const untold = await repository.run([], env)
  expect(untold.exitCode, untold.stderr).toBe(0)
  expect([kms.requests, (await verified({})).admitted]).toEqual([[], true])

  const trust = join(elsewhere, 'kms.json')
  const written = await repository.shiplock(['trust', '--target', 'local', '--kms', `gcpkms://${kmsKey}`, '--output', trust], env)
  expect(written.exitCode, written.stderr).toBe(0)
  const run = await repository.run([], { ...env, SHIPLOCK_TRUST: trust })
  expect(run.exitCode, run.stderr).toBe(0)
  expect(new Set(kms.requests.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer ya29.of-the-job']))
  expect((await verified({ SHIPLOCK_TRUST: trust })).admitted).toBe(true)
  // The token is in nothing that is kept.
  expect(JSON.stringify(repository.record)).not.toContain('ya29')
})

test('a policy that a commit could bring along is refused', async () => {
  signedBy('local')
  repository.write('trust.json', '{}')
  expect(await repository.run([], { SHIPLOCK_TRUST: join(repository.root, 'trust.json') })).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('in the tree that it is to judge') })
  rmSync(join(repository.root, 'trust.json'))
})

test('a policy says nothing that a target could not read, and names somebody', async () => {
  expect(await repository.shiplock(['trust'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('would trust nobody') })
  // For the cloud a repository is named by its number: its name may be somebody else's one day.
  const sigstore = await localSigstore()
  const { mirrorUrl, rootFile } = await tufRepository(sigstore.trustedRoot)
  expect(await repository.shiplock(['trust', '--keyless', workflow, '--tuf-mirror', mirrorUrl, '--tuf-root', rootFile])).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('by its number') })
  const cloud = await repository.shiplock(['trust', '--keyless', workflow, '--repository-id', '1001', '--tuf-mirror', mirrorUrl, '--tuf-root', rootFile])
  expect(cloud.exitCode, cloud.stderr).toBe(0)
  const policy = JSON.parse(cloud.stdout)
  expect(policy).toMatchObject({ target: 'cloud', identities: [{ runner: 'github-hosted' }], verdict: { resourceUri: 'cloud-run/small', checks: expect.arrayContaining(['sast', 'secrets', 'vulnerabilities']) } })
  // Renewed, the rest of it is as it was.
  const file = join(elsewhere, 'renewed.json')
  writeFileSync(file, JSON.stringify({ ...policy, trustedRoot: { mediaType: 'of yesterday' } }))
  expect((await repository.shiplock(['trust', '--renew', file, '--tuf-mirror', mirrorUrl, '--tuf-root', rootFile])).exitCode).toBe(0)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(policy)
})
