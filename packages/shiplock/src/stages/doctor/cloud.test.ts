import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { startEmulator } from '@shiplock/cloud-run-emulator'
import { createLayout } from '@shiplock/image'
import { ok } from '@shiplock/findings'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { checks } from '../../checks/registry.ts'
import { readConfig } from '../../config/read-config.ts'
import { examineCloud } from './cloud.ts'

/** What Google's other APIs answer, by path; changed by the tests that want something missing. */
interface Google {
  locations: readonly string[]
  enabled: (api: string) => boolean
  granted: (permission: string) => boolean
  repository: object | undefined
  secrets: Readonly<Record<string, string>>
  service: object | undefined
}
const sound = (): Google => ({
  locations: ['europe-west1', 'europe-north1', 'us-central1'],
  enabled: () => true,
  granted: () => true,
  repository: { format: 'DOCKER', dockerConfig: { immutableTags: true } },
  secrets: { 'session-key/versions/3': 'ENABLED' },
  service: {
    name: 'projects/project-1/locations/europe-west1/services/todo',
    uri: 'https://todo.example.test',
    binaryAuthorization: { useDefault: true },
    traffic: [{ type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: 'todo-1', percent: 100 }],
    template: { serviceAccount: 'todo-runtime@project-1.iam.gserviceaccount.com', containers: [{ ports: [{ containerPort: 8080 }], env: [{ name: 'KEY', valueSource: { secretKeyRef: { secret: 'session-key', version: '3' } } }] }] },
  },
})

let google: Google
let clockError = 0
let accessToken = 'a-token'
const requests: string[] = []
const json = async (request: IncomingMessage) => JSON.parse(await text(request)) as { permissions: string[] }

async function answer(request: IncomingMessage): Promise<[number, object]> {
  const url = new URL(request.url ?? '', 'http://x')
  const path = decodeURIComponent(url.pathname)
  requests.push(`${request.method} ${path}`)
  if (path === '/v1/token') return [200, { access_token: accessToken, issued_token_type: 'urn:ietf:params:oauth:token-type:access_token', token_type: 'Bearer', expires_in: 3600 }]
  if (request.headers.authorization !== `Bearer ${accessToken}`) return [401, { error: { message: 'who is that?' } }]
  if (path === '/v1/projects/project-1/locations') return [200, { locations: google.locations.map((locationId) => ({ locationId })) }]
  if (path.endsWith(':batchGet')) return [200, { services: url.searchParams.getAll('names').map((name) => ({ name, state: google.enabled(name.split('/').at(-1) ?? '') ? 'ENABLED' : 'DISABLED' })) }]
  if (path.endsWith(':testIamPermissions')) return [200, { permissions: (await json(request)).permissions.filter(google.granted) }]
  if (path === '/v1/projects/project-1/locations/europe-west1/repositories/team') return google.repository ? [200, google.repository] : [404, { error: { message: 'not found' } }]
  const secret = /^\/v1\/projects\/project-1\/secrets\/(.*)$/.exec(path)?.[1]
  if (secret !== undefined) return google.secrets[secret] === undefined ? [404, { error: { message: 'not found' } }] : [200, { state: google.secrets[secret] }]
  if (path === '/v2/projects/project-1/locations/europe-west1/services/todo') return google.service ? [200, google.service] : [404, { error: { message: 'Resource not found.' } }]
  return [501, { error: { message: `nobody answers ${path}` } }]
}

const server = createServer((request, response) => {
  void answer(request).then(([status, body]) => response.writeHead(status, { 'content-type': 'application/json', date: new Date(Date.now() - clockError).toUTCString() }).end(JSON.stringify(body)))
})
let directory: string
let environment: NodeJS.ProcessEnv

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'doctor-'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  environment = Object.fromEntries(['RUN', 'SERVICEUSAGE', 'CLOUDRESOURCEMANAGER', 'ARTIFACTREGISTRY', 'SECRETMANAGER', 'IAM'].map((api) => [`CLOUDSDK_API_ENDPOINT_OVERRIDES_${api}`, url]))
  writeFileSync(join(directory, 'oidc'), 'the workload’s own token')
  writeFileSync(join(directory, 'credentials.json'), JSON.stringify({ type: 'external_account', audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/github/providers/github', subject_token_type: 'urn:ietf:params:oauth:token-type:jwt', token_url: `${url}v1/token`, credential_source: { file: join(directory, 'oidc') } }))
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(directory, 'credentials.json'))
})
afterAll(() => {
  vi.unstubAllEnvs()
  server.close()
  rmSync(directory, { recursive: true, force: true })
})
beforeEach(() => {
  google = sound()
  clockError = 0
  accessToken = 'a-token'
  requests.length = 0
})

const cloud = "{ project: 'project-1', location: 'europe-west1', repository: 'europe-west1-docker.pkg.dev/project-1/team/todo' }"
async function examine({ target = cloud, more = {} }: { target?: string; more?: NodeJS.ProcessEnv } = {}) {
  const source = `export default { service: { name: 'todo' }, targets: { 'cloud-run': ${target} } }`
  const config = await readConfig({ readFile: async (path) => (path === 'shiplock.config.ts' ? ok(Buffer.from(source)) : undefined), checks })
  if (!config.ok) throw new Error(JSON.stringify(config.failure))
  return examineCloud(config.value.config, { ...environment, ...more }, { signal: new AbortController().signal, now: Date.now })
}
const wrong = async (options?: Parameters<typeof examine>[0]) => (await examine(options)).filter(({ state }) => state !== 'good')

test('where config and cloud agree, nothing is missing, and nothing was written', async () => {
  expect(await wrong()).toEqual([])
  expect(requests.filter((request) => !request.startsWith('GET ') && !request.endsWith(':testIamPermissions') && request !== 'POST /v1/token')).toEqual([])
})

test.each<[string, (google: Google) => void, object]>([
  ['a region without Cloud Run', (it) => (it.locations = ['europe-north1', 'us-central1']), { name: 'region', state: 'missing', mend: expect.stringContaining('europe-north1') }],
  ['an API that is not enabled', (it) => (it.enabled = (api) => api !== 'secretmanager.googleapis.com'), { name: 'APIs', state: 'missing', mend: expect.stringMatching(/^gcloud services enable secretmanager\.googleapis\.com --project project-1/) }],
  ['a permission that is not granted', (it) => (it.granted = (permission) => permission !== 'run.services.update'), { name: 'permissions', state: 'missing', text: expect.stringContaining('run.services.update (make a revision and move traffic)') }],
  ['a repository that is not there', (it) => (it.repository = undefined), { name: 'repository', state: 'missing', text: 'there is no repository team in europe-west1 of project-1' }],
  ['a repository for packages', (it) => (it.repository = { format: 'NPM' }), { name: 'repository', state: 'missing', text: 'team holds npm, no images' }],
  ['tags that can be moved', (it) => (it.repository = { format: 'DOCKER' }), { name: 'repository', state: 'note' }],
  ['a service that is not there yet', (it) => (it.service = undefined), { name: 'service', state: 'note' }],
  ['a secret whose version is gone', (it) => (it.secrets = {}), { name: 'secret session-key', state: 'missing', text: 'there is no version 3' }],
  ['a secret whose version is disabled', (it) => (it.secrets = { 'session-key/versions/3': 'DISABLED' }), { name: 'secret session-key', state: 'missing', mend: expect.stringContaining('versions enable 3') }],
  ['an identity that may not be taken on', (it) => (it.granted = (permission) => permission !== 'iam.serviceAccounts.actAs'), { name: 'identity', state: 'missing', text: expect.stringContaining('may not deploy as todo-runtime@') }],
  ['no Binary Authorization', (it) => (it.service = { ...it.service, binaryAuthorization: undefined }), { name: 'admission', state: 'note' }],
  ['a service that nobody is led to', (it) => (it.service = { ...it.service, traffic: [] }), { name: 'service', state: 'missing', text: expect.stringContaining('no revision of todo has traffic') }],
  ['a secret by `latest`', (it) => { it.service = { ...it.service, template: { serviceAccount: 'a@b.iam.gserviceaccount.com', containers: [{ env: [{ valueSource: { secretKeyRef: { secret: 'session-key' } } }] }] } }; it.secrets = { 'session-key/versions/latest': 'ENABLED' } }, { name: 'secret session-key', state: 'note' }],
])('%s is told, with what mends it', async (_, change, expected) => {
  change(google)
  expect(await wrong()).toEqual([expect.objectContaining({ topic: 'cloud', ...expected })])
})

test('a clock that is a minute and a half wrong is told', async () => {
  clockError = 90_000
  expect(await wrong()).toEqual([expect.objectContaining({ name: 'clock', state: 'missing', text: expect.stringMatching(/^(?:89|9[01]) s ahead of Google's/) })])
})

test('what cannot be looked at is not taken for good', async () => {
  expect(await wrong({ more: { CLOUDSDK_API_ENDPOINT_OVERRIDES_SERVICEUSAGE: 'http://127.0.0.1:9/' } })).toEqual([expect.objectContaining({ name: 'APIs', state: 'unknown' })])
  expect(await wrong({ more: { CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN: 'http://127.0.0.1:9/' } })).toEqual([expect.objectContaining({ name: 'network', state: 'missing' })])
})

test('without the target in the config, or anybody signed in, that alone is told', async () => {
  expect(await wrong({ target: 'null' })).toEqual([expect.objectContaining({ name: 'config', state: 'missing' })])
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(directory, 'none.json'))
  expect(await wrong()).toEqual([expect.objectContaining({ name: 'credentials', state: 'missing', mend: 'gcloud auth application-default login' })])
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(directory, 'credentials.json'))
})

test('what it asks of Cloud Run is what Cloud Run, as the emulator has it, answers', async () => {
  const layout = await createLayout(join(directory, 'layout'))
  const emulator = await startEmulator({ stateDir: join(directory, 'state'), layoutDir: layout.directory, frontPort: 0, adminPort: 0, project: 'project-1', location: 'europe-west1' })
  try {
    const service = async () => (await examine({ more: { CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN: emulator.admin.url } })).find(({ name }) => name === 'service')
    expect(await service()).toMatchObject({ state: 'missing' })
    accessToken = readFileSync(emulator.admin.tokenFile, 'utf8').trim()
    expect(await service()).toMatchObject({ state: 'note', text: expect.stringContaining('there is no todo in europe-west1 yet') })
  } finally {
    await emulator.stop()
  }
})
