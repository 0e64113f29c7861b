import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmulator } from '@shiplock/cloud-run-emulator'
import { createLayout } from '@shiplock/image'
import { expect, onTestFinished, test, vi } from 'vitest'
import { adminApi, httpTransport } from '../deploy/admin-api.ts'
import { checks } from '../checks/registry.ts'
import { readConfig } from '../config/read-config.ts'
import { fail, ok } from '@shiplock/findings'
import { openStateDirectory } from '../system/state-directory.ts'
import { cloudRunTarget, registryCredentials } from './cloud-run-target.ts'

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'cloud-run-target-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

async function contextOf(target: string, name = 'todo') {
  const root = scratch()
  const state = openStateDirectory(root)
  const source = `export default { service: { name: '${name}' }, targets: { 'cloud-run': ${target} } }`
  const config = await readConfig({ readFile: async (path) => (path === 'shiplock.config.ts' ? ok(Buffer.from(source)) : undefined), checks })
  if (!state.ok || !config.ok) throw new Error(JSON.stringify([state, config]))
  return { config: config.value.config, state: state.value }
}

const cloud = "{ project: 'project-1', location: 'europe-west1', repository: 'europe-west1-docker.pkg.dev/project-1/team/todo' }"

/** Google's token exchange on loopback: takes the workload's own token, gives an access token. */
async function tokenExchange(accessToken: string) {
  const seen: URLSearchParams[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      seen.push(new URLSearchParams(body))
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ access_token: accessToken, issued_token_type: 'urn:ietf:params:oauth:token-type:access_token', token_type: 'Bearer', expires_in: 3600 }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/token`, seen }
}

test('with the credentials of a workload the Admin API answers, and a token of nobody is refused', async () => {
  const directory = scratch()
  const layout = await createLayout(join(directory, 'layout'))
  const emulator = await startEmulator({ stateDir: join(directory, 'state'), layoutDir: layout.directory, frontPort: 0, adminPort: 0, project: 'project-1', location: 'europe-west1' })
  onTestFinished(() => emulator.stop())
  const exchange = await tokenExchange(readFileSync(emulator.admin.tokenFile, 'utf8').trim())
  const credentials = join(directory, 'credentials.json')
  writeFileSync(join(directory, 'oidc'), 'the workload’s own token')
  writeFileSync(credentials, JSON.stringify({ type: 'external_account', audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/github/providers/github', subject_token_type: 'urn:ietf:params:oauth:token-type:jwt', token_url: exchange.url, credential_source: { file: join(directory, 'oidc') } }))
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', credentials)
  onTestFinished(() => void vi.unstubAllEnvs())
  const target = cloudRunTarget(await contextOf(cloud), { CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN: emulator.admin.url })
  const connection = target.ok ? await target.value.connect(new AbortController().signal) : target
  if (!connection.ok) throw new Error(connection.failure.message)
  const { adminUrl, token } = connection.value
  const service = 'projects/project-1/locations/europe-west1/services/todo'
  expect(await adminApi({ transport: httpTransport(adminUrl, token) }).getService(service)).toEqual({ ok: true, value: undefined })
  expect(exchange.seen[0]?.get('subject_token')).toBe('the workload’s own token')
  expect(exchange.seen[0]?.get('scope')).toBe('https://www.googleapis.com/auth/cloud-platform')
  expect(await adminApi({ transport: httpTransport(adminUrl, async () => ok('of nobody')) }).getService(service)).toMatchObject({ ok: false, failure: { reason: 'target-refused' } })
})

test('where nobody is signed in that is said before anything is done', async () => {
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(scratch(), 'none.json'))
  onTestFinished(() => void vi.unstubAllEnvs())
  const target = cloudRunTarget(await contextOf(cloud), {})
  expect(target.ok && (await target.value.connect(new AbortController().signal))).toMatchObject({ ok: false, failure: { reason: 'target-unreachable', message: expect.stringContaining('nobody is signed in to Google Cloud') } })
})

test('a config without the target says what to add', async () => {
  expect(cloudRunTarget(await contextOf('null'), {})).toMatchObject({ ok: false, failure: { hint: expect.stringContaining("'cloud-run'") } })
})

test('the token of whoever is signed in is told to registries of Google, and to no other that a commit may name', async () => {
  vi.stubEnv('DOCKER_CONFIG', scratch())
  onTestFinished(() => void vi.unstubAllEnvs())
  const credentials = registryCredentials({ accessToken: async () => ok('ya29.of-the-job') })
  const password = { kind: 'password', username: 'oauth2accesstoken', password: 'ya29.of-the-job' }
  for (const host of ['europe-west1-docker.pkg.dev', 'gcr.io', 'eu.gcr.io']) expect([host, await credentials(host)]).toEqual([host, password])
  for (const host of ['docker.pkg.dev.evil.example', 'evil-docker.pkg.dev.example', 'notgcr.io', 'a.b-docker.pkg.dev', '127.0.0.1:5000']) expect([host, await credentials(host)]).toEqual([host, undefined])
  const nobody = registryCredentials({ accessToken: async () => fail({ reason: 'target-unreachable', message: 'nobody is signed in' }) })
  await expect(nobody('gcr.io')).rejects.toMatchObject({ code: 'credentials-unavailable', message: 'nobody is signed in' })
})

test('a name that leaves no room for the tag of a candidate is refused before anything is done', async () => {
  expect(cloudRunTarget(await contextOf(cloud, 'a'.repeat(37)), {})).toMatchObject({ ok: true })
  expect(cloudRunTarget(await contextOf(cloud, 'a'.repeat(38)), {})).toMatchObject({ ok: false, failure: { message: expect.stringContaining('at most 37'), hint: expect.stringContaining('service.name') } })
})
