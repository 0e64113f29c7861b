import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { startRig, type Rig } from './testing/rig.ts'

// Google's command line, where it is installed: it is in no Debian archive, so elsewhere knative.test.ts has what it sent here.
const hasGcloud = spawnSync('gcloud', ['--version'], { stdio: 'ignore' }).status === 0

async function gcloud(rig: Rig, ...args: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const config = mkdtempSync(join(tmpdir(), 'gcloud-'))
  const child = spawn('gcloud', [...args, '--region', 'local'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: config,
      CLOUDSDK_CONFIG: config,
      CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: rig.emulator.admin.tokenFile,
      CLOUDSDK_CORE_PROJECT: 'local',
      CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
      CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: '1',
      // gcloud puts the region before the name, which no resolver knows: so the emulator is its proxy too.
      CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN: 'http://run.localhost/',
      CLOUDSDK_API_ENDPOINT_OVERRIDES_SERVICEUSAGE: 'http://serviceusage.localhost/',
      CLOUDSDK_PROXY_TYPE: 'http',
      CLOUDSDK_PROXY_ADDRESS: '127.0.0.1',
      CLOUDSDK_PROXY_PORT: new URL(rig.emulator.admin.url).port,
    },
  })
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit') as Promise<[number]>])
  rmSync(config, { recursive: true, force: true })
  return { code, out, err }
}

test.runIf(hasGcloud)('gcloud deploys, adds a candidate without traffic, splits, lists and deletes', { timeout: 180_000 }, async () => {
  await using rig = await startRig()
  const deploy = ['run', 'deploy', 'todo', '--image', rig.image.reference]
  const first = await gcloud(rig, ...deploy, '--set-env-vars', 'MODE=sound', '--allow-unauthenticated', '--revision-suffix', 'one')
  expect(first.err).toContain('has been deployed and is serving')
  expect(first.code).toBe(0)
  expect((await rig.front('todo.localhost', '/')).body).toBe('todo-one\n')

  const candidate = await gcloud(rig, ...deploy, '--no-traffic', '--tag', 'canary', '--revision-suffix', 'two')
  expect(candidate.err).toContain('The revision can be reached directly at http://canary---todo.localhost')
  expect((await rig.front('canary---todo.localhost', '/')).body).toBe('todo-two\n')

  expect((await gcloud(rig, 'run', 'services', 'update-traffic', 'todo', '--to-revisions', 'todo-one=90,todo-two=10')).code).toBe(0)
  expect((await gcloud(rig, 'run', 'services', 'update-traffic', 'todo', '--to-tags', 'canary=20')).code).toBe(0)
  const described = await gcloud(rig, 'run', 'services', 'describe', 'todo', '--format', 'json(status.traffic)')
  const traffic = JSON.parse(described.out).status.traffic as { revisionName: string; percent?: number; tag?: string }[]
  expect(traffic.map(({ revisionName, percent = 0, tag = '' }) => `${revisionName} ${percent} ${tag}`).toSorted()).toEqual([
    'todo-one 80 ',
    'todo-two 0 canary',
    'todo-two 20 ',
  ])
  const listed = await gcloud(rig, 'run', 'services', 'list', '--format', 'value(metadata.name)')
  expect(listed.out.trim()).toBe('todo')

  const failed = await gcloud(rig, ...deploy, '--set-env-vars', 'MODE=exits', '--revision-suffix', 'three')
  expect(failed.code).toBe(1)
  expect(failed.err).toContain('Container called exit(3).')
  expect((await gcloud(rig, 'run', 'services', 'delete', 'todo')).code).toBe(0)
})
