import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useAdvisories } from '../packages/shiplock/src/testing/advisory-index.ts'
import { account, attestor, kmsKey, location, project, startGoogleCloud, type GoogleCloud } from '../packages/shiplock/src/testing/google-cloud.ts'
import { fetchOnce, isResponse } from '../packages/shiplock/src/system/http.ts'
import { ScratchRepository, type CommandEnd } from '../packages/shiplock/src/testing/scratch-repository.ts'

const isSkipped = spawnSync('sh', ['-c', 'command -v docker-registry']).status !== 0 && process.env['CI'] === undefined
if (isSkipped) process.stderr.write('SKIPPED: nothing is released to the cloud: there is no docker-registry\n')

let cloud: GoogleCloud
let repository: ScratchRepository
let elsewhere: string
let advisories: AsyncDisposable
/** The first release, which every story begins after. */
let first: CommandEnd
let firstRecord: ScratchRepository['record']
let firstPage: string
const env = () => ({ ...cloud.env, SHIPLOCK_TRUST: join(elsewhere, 'production.json'), SHIPLOCK_ADVISORIES: process.env['SHIPLOCK_ADVISORIES'] ?? '' })
const onCloud = (...args: string[]): Promise<CommandEnd> => repository.shiplock([...args, '--target', 'cloud-run'], env())
const json = async (...args: string[]) => {
  const end = await onCloud(...args, '--format', 'json')
  expect(end.stdout, end.stderr).not.toBe('')
  return JSON.parse(end.stdout)
}
/** As a browser does, which knows `.localhost`. */
const visit = async (url: string) => {
  const answer = await fetchOnce({ method: 'GET', url })
  return isResponse(answer) ? [answer.status, answer.body] : [answer.message]
}
/** What users get. */
const page = async () => (await fetch(cloud.emulator.front.url)).text()
const version = (text: string) => {
  repository.edit('src/server.mjs', (source) => source.replace(/version \w+/, `version ${text}`))
  repository.commit(`version ${text}`)
}

const config = (more = '') => `export default {
  attest: { signer: 'gcpkms://${kmsKey}' },
  targets: {
    'cloud-run': {
      project: '${project}', location: '${location}', repository: '${cloud.registry}/acme-shop/team/small', ingress: 'all', canary: false,
      binaryAuthorization: { attestor: '${attestor}', key: 'gcpkms://${kmsKey}' },
      ${more}
    },
  },
}
`

beforeAll(async () => {
  if (isSkipped) return
  elsewhere = mkdtempSync(join(tmpdir(), 'shiplock-cloud-'))
  const known = join(elsewhere, 'osv')
  // Of other packages than these: what is known is looked at, and nothing of it is found.
  const osv = (id: string, ecosystem: string) => JSON.stringify({ id, modified: '2026-01-01T00:00:00Z', affected: [{ package: { ecosystem, name: 'nobody-has-this' }, ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }] }] }] })
  for (const [family, text] of [['npm', osv('GHSA-0000-0000-0000', 'npm')], ['Debian', osv('DEBIAN-CVE-2099-1', 'Debian:13')], ['Node.js', JSON.stringify({ 1: { cve: ['CVE-2099-2'], vulnerable: '4.x', patched: '^4.9.9', description: 'old', overview: 'old', severity: 'low', affectedEnvironments: ['all'] } })]] as const) {
    mkdirSync(join(known, family), { recursive: true })
    writeFileSync(join(known, family, 'one.json'), text)
  }
  advisories = await useAdvisories(known)
  cloud = await startGoogleCloud()
  repository = await ScratchRepository.create({ 'shiplock.image.lock': readFileSync(new URL('../shiplock.image.lock', import.meta.url), 'utf8'), 'shiplock.config.ts': config() })
  const trust = await repository.shiplock(['trust', '--target', 'cloud-run', '--kms', `gcpkms://${kmsKey}`, '--output', join(elsewhere, 'production.json')], cloud.env)
  expect(trust.exitCode, trust.stderr).toBe(0)
  first = await onCloud('run')
  firstRecord = repository.record
  firstPage = await page()
})
afterAll(async () => {
  await repository?.dispose()
  await cloud?.[Symbol.asyncDispose]()
  await advisories?.[Symbol.asyncDispose]()
  if (elsewhere) rmSync(elsewhere, { recursive: true, force: true })
})

test.skipIf(isSkipped)('a run takes the tree to the cloud: signed by its key, pushed, attested, probed while closed, and opened', async () => {
  expect(first.exitCode, `${first.stdout}${first.stderr}`).toBe(0)
  const { verdict, release, stages } = firstRecord
  expect([verdict.decision, release?.result, release?.target]).toEqual(['allowed', 'promoted', 'cloud-run'])
  expect(stages.map(({ id }) => id)).toEqual(expect.arrayContaining(['admit', 'publish', 'binary-authorization', 'deploy', 'probe', 'promote']))
  expect(firstPage).toBe('version 1')
  expect(stages.find(({ id }) => id === 'probe')?.outcome).toMatchObject({ kind: 'completed', findings: [] })
  const digest = firstRecord.subjects.find(({ kind }) => kind === 'image')?.digest
  expect(cloud.occurrences.map(({ resourceUri }) => resourceUri)).toEqual([`https://${cloud.registry}/acme-shop/team/small@${digest}`])
  // The workload has no identity token of its own: the closed service was reached with that of the account that it stands for.
  expect(cloud.requests).toContain(`POST /v1/projects/-/serviceAccounts/${encodeURIComponent(account)}:generateIdToken`)
  // It is there by its commit too.
  const tags = await (await fetch(`http://${cloud.registry}/v2/acme-shop/team/small/tags/list`)).json()
  expect(tags).toMatchObject({ tags: expect.arrayContaining([repository.git('rev-parse', 'HEAD').trim()]) })
})

test.skipIf(isSkipped)('what serves is told by the cloud, proven by what its registry keeps, and its log is that of Cloud Logging', async () => {
  const commit = repository.git('rev-parse', 'HEAD').trim()
  const digest = repository.record.subjects.find(({ kind }) => kind === 'image')?.digest
  const { serving, drift } = await json('status')
  expect([serving, drift]).toEqual([[{ revision: repository.record.release?.candidate, percent: 100 }], []])
  const said = await onCloud('logs', '--lines', '3')
  expect([said.exitCode, said.stderr]).toEqual([0, ''])
  expect(said.stdout).toContain('INFO  listening')
  expect((await onCloud('logs', 'no-such-revision')).exitCode).toBe(2)

  // A checkout that never built it knows nothing of its own: the registry does.
  renameSync(join(repository.root, '.shiplock'), join(elsewhere, 'state'))
  try {
    // By its digest alone, as an auditor would.
    expect(await json('verify', `docker://${cloud.registry}/acme-shop/team/small@${digest}`)).toMatchObject({ image: digest, admitted: true, refused: [] })
    const { revisions } = await json('verify', 'small')
    expect(revisions).toMatchObject([{ percent: 100, admitted: true, digest, signedBy: [expect.stringContaining(kmsKey)], source: { commit, isDirty: false, known: { subject: 'first' } } }])
    const rescan = await onCloud('rescan', '--format', 'json')
    expect(rescan.exitCode, rescan.stderr).toBe(0)
    expect(JSON.parse(rescan.stdout).images).toMatchObject([{ digest, fresh: [], notMatched: [], unread: [] }])
  } finally {
    rmSync(join(repository.root, '.shiplock'), { recursive: true, force: true })
    renameSync(join(elsewhere, 'state'), join(repository.root, '.shiplock'))
  }
})

test.skipIf(isSkipped)('a change is released, rolled back, held and promoted there as it is here, and attested once', async () => {
  version('2')
  const run = await onCloud('run')
  expect(run.exitCode, `${run.stdout}${run.stderr}`).toBe(0)
  expect([await page(), repository.record.release?.result, cloud.occurrences.length]).toEqual(['version 2', 'promoted', 2])
  const second = repository.record.release?.candidate

  const back = await json('rollback')
  expect([back.from, await page()]).toEqual([[{ revision: second, percent: 100 }], 'version 1'])

  const held = await onCloud('deploy', '--hold')
  expect(held.exitCode, held.stderr).toBe(0)
  expect([await page(), (await json('status')).revisions.find(({ name }: { name: string }) => name === second)?.candidateAt]).toEqual(['version 1', expect.stringContaining('http')])
  const promoted = await onCloud('promote')
  expect(promoted.exitCode, promoted.stderr).toBe(0)
  expect([await page(), cloud.occurrences.length]).toEqual(['version 2', 2])
})

test.skipIf(isSkipped)('from a fresh checkout an image is released by its digest, and rolled back, by what its registry keeps', async () => {
  const { revisions } = await json('status')
  // Of the story before, which has two.
  const earlier = revisions.find(({ percent }: { percent: number }) => percent === 0)
  renameSync(join(repository.root, '.shiplock'), join(elsewhere, 'state'))
  try {
    const deployed = await onCloud('deploy', `docker://${earlier.image}`)
    expect(deployed.exitCode, deployed.stderr).toBe(0)
    expect(await page()).toBe('version 1')
    const back = await onCloud('rollback')
    expect(back.exitCode, back.stderr).toBe(0)
    expect(await page()).toBe('version 2')
  } finally {
    rmSync(join(repository.root, '.shiplock'), { recursive: true, force: true })
    renameSync(join(elsewhere, 'state'), join(repository.root, '.shiplock'))
  }
})

test.skipIf(isSkipped)('the cloud takes nothing that is provisional, of no commit, not merged, or a stranger’s', async () => {
  const before = [await page(), cloud.occurrences.length]
  version('3')
  // Without advisories nobody can say that nothing is known of it.
  const provisional = await repository.shiplock(['run', '--target', 'cloud-run'], { ...env(), SHIPLOCK_ADVISORIES: join(elsewhere, 'none') })
  expect(provisional).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('the verdict is provisional') })
  expect(repository.record.stages.find(({ id }) => id === 'publish')?.status).toBe('not-run')

  repository.write('left.txt', 'of no commit\n')
  for (const command of ['run', 'deploy']) expect(await onCloud(command)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('this tree has files that are not') })
  rmSync(join(repository.root, 'left.txt'))
  expect(await onCloud('run', '--since', 'HEAD~1')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('takes what is merged') })
  expect(await onCloud('run', '--port', '9090')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--port') })

  // What was decided for this machine is no permission for the cloud.
  expect((await repository.run([], env())).exitCode).toBe(3)
  expect(await onCloud('deploy')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('is not admitted') })
  const { SHIPLOCK_TRUST: _, ...trustless } = env()
  expect(await repository.shiplock(['deploy', '--target', 'cloud-run'], trustless)).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('nothing says whom the target cloud-run trusts') })
  expect([await page(), cloud.occurrences.length]).toEqual(before)
})

test.skipIf(isSkipped)('an ingress that was changed by hand is found by the probe, and the release goes back', async () => {
  const admin = (path: string, init: RequestInit = {}) => fetch(`${cloud.emulator.admin.url}/v2/projects/${project}/locations/${location}/services/small${path}`, { ...init, headers: { authorization: `Bearer ${readFileSync(cloud.emulator.admin.tokenFile, 'utf8').trim()}`, 'content-type': 'application/json' } })
  expect((await admin('?updateMask=ingress', { method: 'PATCH', body: JSON.stringify({ ingress: 'INGRESS_TRAFFIC_INTERNAL_ONLY' }) })).status).toBe(200)
  const before = await page()
  version('4')
  const run = await onCloud('run')
  expect(run.exitCode, run.stderr).toBe(1)
  expect(`${run.stdout}${run.stderr}`).toContain('INGRESS_TRAFFIC_ALL was approved')
  expect([await page(), repository.record.release?.result]).toEqual([before, 'kept-stable'])
  await admin('?updateMask=ingress', { method: 'PATCH', body: JSON.stringify({ ingress: 'INGRESS_TRAFFIC_ALL' }) })
})

test.skipIf(isSkipped)('who is not signed in, or may not sign, finds out before anything is touched', async () => {
  const nobody = await repository.shiplock(['status', '--target', 'cloud-run'], { ...env(), GOOGLE_APPLICATION_CREDENTIALS: join(elsewhere, 'none.json') })
  expect(nobody).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('nobody is signed in to Google Cloud') })
  const other = join(elsewhere, 'other.json')
  writeFileSync(other, readFileSync(cloud.env['GOOGLE_APPLICATION_CREDENTIALS']!, 'utf8').replace('providers/github', 'providers/other'))
  expect(await repository.shiplock(['status', '--target', 'cloud-run'], { ...env(), GOOGLE_APPLICATION_CREDENTIALS: other })).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('nobody is signed in to Google Cloud') })
})

const preview = `environments: { staging: {} }, preview: { serviceAccount: 'small-preview@${project}.iam.gserviceaccount.com', isPublic: true, env: { GREETING: 'preview' } },`

test.skipIf(isSkipped)('a pull request is shown on a service of its own, trusted apart, and removed when it closes', async () => {
  const before = [await page(), cloud.occurrences.length]
  repository.write('shiplock.config.ts', config(preview))
  repository.commit('previews')
  repository.git('checkout', '--quiet', '-b', 'change')
  version('42')
  const trust = join(elsewhere, 'preview.json')
  expect((await repository.shiplock(['trust', '--target', 'cloud-run', '--preview', '--kms', `gcpkms://${kmsKey}`, '--output', trust], cloud.env)).exitCode).toBe(0)
  expect(JSON.parse(readFileSync(trust, 'utf8')).verdict.resourceUri).toBe('cloud-run/small-preview')
  const inPreview = (...args: string[]) => repository.shiplock([...args, '--target', 'cloud-run'], { ...env(), SHIPLOCK_TRUST: trust })

  // Production's policy does not take a pull request's verdict.
  expect(await onCloud('run', '--since', 'main', '--preview', '42')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('the image is not admitted') })
  const shown = await inPreview('run', '--since', 'main', '--preview', '42')
  expect(shown.exitCode, `${shown.stdout}${shown.stderr}`).toBe(0)
  const { result, uri = '', service } = repository.record.release!
  expect([result, service, new URL(uri).hostname]).toEqual(['shown', 'small-preview', 'pr-42---small-preview.localhost'])
  expect(await visit(uri)).toEqual([200, 'version 42'])
  // What is shown of a pull request is no word of the attestor of production, and what serves is as it was.
  expect([await page(), cloud.occurrences.length]).toEqual(before)
  // Nor is it an image that production takes.
  expect(await onCloud('deploy', `docker://${cloud.registry}/acme-shop/team/small@${repository.record.subjects.find(({ kind }) => kind === 'image')?.digest}`)).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('is not admitted') })

  expect(await inPreview('run', '--preview', '42', '--environment', 'staging')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('of no environment') })

  // A second one beside it, by the image that is in the registry already.
  const second = await inPreview('deploy', '--preview', '43')
  expect(second.exitCode, second.stderr).toBe(0)
  expect(await visit(uri.replace('pr-42', 'pr-43'))).toEqual([200, 'version 42'])
  expect(await inPreview('down', '--preview', '42')).toMatchObject({ exitCode: 0, stdout: 'Removed from small-preview: pr-42\n' })
  expect([(await visit(uri))[0], (await visit(uri.replace('pr-42', 'pr-43')))[0]]).toEqual([404, 200])
  // Forgotten ones go by themselves, and the service with the last.
  expect((await inPreview('down', '--expired-previews')).stdout).toBe('No preview of small-preview is over.\n')
  expect((await inPreview('down', '--preview', '43')).exitCode).toBe(0)
  expect((await inPreview('down', '--preview', '43')).stdout).toBe('There is no such preview of small-preview.\n')
  expect([(await visit(uri.replace('pr-42---', '')))[0], await page()]).toEqual([404, before[0]])
  expect(await inPreview('down')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--preview') })
})
