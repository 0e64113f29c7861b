import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { addReferrer, assemble, createLayout, pullImage, pullReferrers } from '@shiplock/image'
import { expect, onTestFinished, test } from 'vitest'
import type { StageContext } from '../engine/stage.ts'
import { imageFacts } from './built-image.ts'
import { publishStage, type PublishStageInput } from './publish-stage.ts'

const isMissing = spawnSync('sh', ['-c', 'command -v docker-registry']).status !== 0
if (isMissing && process.env['CI'] === undefined) process.stderr.write('SKIPPED: nothing is published: there is no docker-registry\n')
const isSkipped = isMissing && process.env['CI'] === undefined

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'publish-stage-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

/** Debian's docker-registry, empty. */
async function startRegistry(): Promise<string> {
  const [directory, host] = [scratch(), `127.0.0.1:${await freePort()}`]
  // JSON is YAML.
  writeFileSync(join(directory, 'config.yml'), JSON.stringify({ version: 0.1, log: { level: 'error' }, storage: { filesystem: { rootdirectory: join(directory, 'data') } }, http: { addr: host } }))
  const child = spawn('docker-registry', ['serve', join(directory, 'config.yml')], { stdio: 'ignore' })
  onTestFinished(() => void child.kill())
  for (let attempt = 0; !(await fetch(`http://${host}/v2/`).then(({ ok }) => ok, () => false)); attempt++) {
    if (child.exitCode !== null || attempt === 200) throw new Error('docker-registry did not start')
    await sleep(25)
  }
  return host
}

/** An image with an attestation, as the stages before leave it. */
async function rig(repository: string, more: Partial<PublishStageInput> = {}) {
  const directory = scratch()
  const layout = await createLayout(join(directory, 'layout'))
  const { manifest } = await assemble({ layout, cacheDir: join(directory, 'layers'), platform: { os: 'linux', architecture: 'amd64' }, layers: [{ name: 'todo', entries: [{ kind: 'file', path: 'app/main.js', mode: 0o444, content: Buffer.from('1') }] }], config: { entrypoint: ['node'], user: '1', workingDir: '/' }, created: 0, reference: 'todo:build' })
  await addReferrer(layout, manifest, { artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json', blobs: [{ mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', bytes: Buffer.from('{}') }] })
  const image = await imageFacts(layout, manifest.digest, 'todo:build')
  const result: StageContext['result'] = (id) => (id === 'image' ? { status: 'done', output: { value: image }, replayed: false } : { status: 'not-run', because: 'a test' })
  const stage = publishStage({ layoutDirectory: layout.directory, repository, push: { credentials: async () => undefined, attempts: 2, pauseMs: 1 }, ...more })
  const run = (signal = new AbortController().signal) => stage.run({ signal, progress: () => {}, output: () => undefined, result })
  return { digest: manifest.digest, run }
}

test.skipIf(isSkipped)('an allowed image is in the registry by its digest and its commit, with what is attested of it, and is not sent twice', async () => {
  const repository = `${await startRegistry()}/team/todo`
  const { digest, run } = await rig(repository, { commit: 'c'.repeat(40) })
  const first = await run()
  expect(first).toMatchObject({ ok: true, value: { summary: expect.stringMatching(/^\d blobs and 1 attestation pushed, 0 there already$/) } })
  expect(await run()).toMatchObject({ value: { summary: expect.stringMatching(/^0 blobs/) } })
  const layout = await createLayout(join(scratch(), 'pulled'))
  expect((await pullImage(layout, `${repository}:${'c'.repeat(40)}`, { platform: { os: 'linux', architecture: 'amd64' } })).manifest.digest).toBe(digest)
  expect(await pullReferrers(layout, repository, digest)).toHaveLength(1)
})

test.skipIf(isSkipped)('a tree with edits has no commit, and its image no tag', async () => {
  const repository = `${await startRegistry()}/team/todo`
  const { digest, run } = await rig(repository)
  expect((await run()).ok).toBe(true)
  expect((await fetch(`http://${repository.replace('/', '/v2/')}/manifests/${digest}`, { headers: { accept: 'application/vnd.oci.image.manifest.v1+json' } })).status).toBe(200)
  expect((await (await fetch(`http://${repository.replace('/', '/v2/')}/tags/list`)).json() as { tags: unknown }).tags ?? []).not.toContain('latest')
})

test('a registry that does not answer is told, and nothing is deployed', async () => {
  const { run } = await rig(`127.0.0.1:${await freePort()}/team/todo`)
  expect(await run()).toMatchObject({ ok: false, failure: { reason: 'registry-failed' } })
})
