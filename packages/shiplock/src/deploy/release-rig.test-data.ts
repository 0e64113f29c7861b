import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmulator } from '@shiplock/cloud-run-emulator'
import type { Digest } from '@shiplock/findings'
import { assemble, createLayout, nodePath, nodeRuntime } from '@shiplock/image'
import { fetchOnce, isResponse } from '../system/http.ts'
import { openSession, type ReleaseOptions, type ReleaseTarget } from './release-session.ts'
import type { WantedRelease } from './template.ts'
import { parent, testOptions, testTarget, testWanted, type Intercept, type TestPlace } from './test-place.test-data.ts'

/** The service of the tests: `BEHAVIOUR` says what is wrong with it, `VERSION` is what it answers. */
const server = `
import { createServer } from 'node:http'
const { BEHAVIOUR = 'serves', VERSION = '1', PORT } = process.env
let served = 0
if (BEHAVIOUR === 'exits') {
  console.error('cannot start: no such table: tasks')
  process.exit(3)
}
const listener = createServer((request, response) => {
  served += 1
  const isBad = BEHAVIOUR === 'fails' || (BEHAVIOUR === 'fails-some' && served % 10 === 0) || (BEHAVIOUR === 'fails-late' && served > 200)
  response.statusCode = isBad ? 500 : BEHAVIOUR === 'forbids' && served % 4 === 0 ? 403 : 200
  if (BEHAVIOUR === 'logs-errors' && served % 3 === 0) console.error(JSON.stringify({ severity: 'ERROR', message: 'the database said no' }))
  setTimeout(() => response.end(VERSION), BEHAVIOUR === 'is-slow' ? 150 : 1)
})
if (BEHAVIOUR === 'never-listens') setInterval(() => {}, 1000)
else listener.listen(Number(PORT), '0.0.0.0')
process.on('SIGTERM', () => process.exit(0))
`

/** One image of a real Node; what a revision of it does is said by its environment. */
async function buildTestImage(directory: string): Promise<Digest> {
  const runtime = await nodeRuntime(process.execPath)
  const entries = [{ kind: 'file' as const, path: 'app/server.mjs', mode: 0o444, content: new TextEncoder().encode(server) }]
  const image = await assemble({
    layout: await createLayout(join(directory, 'layout')),
    cacheDir: join(directory, 'cache'),
    platform: runtime.platform,
    layers: [
      { name: 'node', entries: runtime.entries },
      { name: 'service', entries },
    ],
    config: { entrypoint: [nodePath, '/app/server.mjs'], user: '65532:65532', workingDir: '/app' },
    created: 0,
    reference: 'todo:test',
  })
  return image.manifest.digest as Digest
}

/** A service of its own on the emulator, not yet there, with the means to deploy it and to look at it. */
export interface ReleaseRig extends AsyncDisposable {
  readonly place: TestPlace
  readonly target: (intercept?: Intercept) => ReleaseTarget
  readonly options: (more?: Partial<ReleaseOptions>) => ReleaseOptions
  readonly wanted: (env?: Record<string, string>) => WantedRelease
  /** Traffic as it is observed: `todo-abc 100`, `todo-def 0 candidate`; undefined where there is no service. */
  readonly traffic: () => Promise<readonly string[] | undefined>
  /** What anybody gets who asks the service. */
  readonly visit: () => Promise<{ readonly status: number; readonly body: string } | undefined>
  /** Where anybody reaches it. */
  readonly uri: () => Promise<string | undefined>
  /** Writes one field, as somebody else would. */
  readonly patch: (change: object) => Promise<void>
}

export interface TestEmulator extends AsyncDisposable {
  /** A rig with a service that no other test has. */
  readonly rig: () => ReleaseRig
}

export async function startTestEmulator(): Promise<TestEmulator> {
  const directory = mkdtempSync(join(tmpdir(), 'shiplock-deploy-'))
  const digest = await buildTestImage(directory)
  const emulator = await startEmulator({
    stateDir: join(directory, 'state'),
    layoutDir: join(directory, 'layout'),
    frontPort: 0,
    project: 'test',
    location: 'here',
  })
  const token = readFileSync(emulator.admin.tokenFile, 'utf8').trim()
  let count = 0
  return {
    rig: () => {
      const service = `todo-${(count += 1)}`
      return releaseRig(
        { adminUrl: emulator.admin.url, token, digest, service, journalPath: join(directory, service, 'journal.json') },
        emulator.front.url,
      )
    },
    [Symbol.asyncDispose]: async () => {
      await emulator.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function releaseRig(place: TestPlace, frontUrl: string): ReleaseRig {
  const { service } = place
  const name = `${parent}/services/${service}`
  return {
    place,
    target: (intercept) => testTarget(place, intercept),
    options: (more) => ({ ...testOptions(place), ...more }),
    wanted: (env) => testWanted(place, env),
    traffic: async () => {
      const live = await openSession(testTarget(place), service, testOptions(place)).api.getService(name)
      if (!live.ok) throw new Error(live.failure.message)
      return live.value?.trafficStatuses.map(({ revision, percent, tag }) => `${revision} ${percent}${tag ? ` ${tag}` : ''}`)
    },
    visit: async () => {
      const answer = await fetchOnce({ method: 'GET', url: frontUrl.replace('127.0.0.1', `${service}.localhost`) })
      return isResponse(answer) ? { status: answer.status, body: answer.body } : undefined
    },
    uri: async () => {
      const live = await openSession(testTarget(place), service, testOptions(place)).api.getService(name)
      return live.ok ? live.value?.uri : undefined
    },
    patch: async (change) => {
      const answer = await testTarget(place).transport({
        method: 'PATCH',
        path: `/v2/${name}?updateMask=${Object.keys(change).join(',')}`,
        body: JSON.stringify(change),
      })
      if (!('status' in answer) || answer.status !== 200) throw new Error(JSON.stringify(answer))
    },
    // Its instances would take time from the next test.
    [Symbol.asyncDispose]: async () => void (await testTarget(place).transport({ method: 'DELETE', path: `/v2/${name}` })),
  }
}
