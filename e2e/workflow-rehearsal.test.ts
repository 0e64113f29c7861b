import { spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parse } from 'yaml'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { githubClaims, jsonWebToken, startSigstore, workflow as workflowName, type LocalSigstore } from '../packages/attestation/src/testing/sigstore.ts'
import { tufRepository } from '../packages/attestation/src/testing/tuf.ts'
import { useAdvisories } from '../packages/shiplock/src/testing/advisory-index.ts'
import { account, location, project, startGoogleCloud, type GoogleCloud } from '../packages/shiplock/src/testing/google-cloud.ts'
import { cli, ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

/**
 * Every `run` line of the generated ci-cd.yml, in order, in a clean clone, with the cloud on loopback: what GitHub's runner
 * would do with the same file, less the actions of others.
 */
const isSkipped = spawnSync('sh', ['-c', 'command -v docker-registry']).status !== 0 && process.env['CI'] === undefined
if (isSkipped) process.stderr.write('SKIPPED: the workflows are not rehearsed: there is no docker-registry\n')

interface Step {
  readonly id?: string
  readonly name: string
  readonly run?: string
  readonly uses?: string
  readonly env?: Readonly<Record<string, string>>
}
interface Job {
  readonly environment?: { readonly name: string }
  readonly outputs?: Readonly<Record<string, string>>
  readonly strategy?: { readonly matrix: { readonly check: readonly string[] } }
  readonly steps?: readonly Step[]
}
interface Ended {
  readonly name: string
  readonly run: string
  readonly exitCode: number
  readonly said: string
}

let clouds: Readonly<Record<'staging' | 'production', GoogleCloud>>
let sigstore: LocalSigstore
let tokens: { readonly url: string; readonly close: () => void }
let advisories: AsyncDisposable
let repository: ScratchRepository
let elsewhere: string
let bin: string
let base: string

/** The condition that Terraform gives the provider, taken at its word: equalities, all of which must hold. */
const condition = /attribute_condition = "(.*)"/.exec(readFileSync(new URL('../terraform/bootstrap/main.tf', import.meta.url), 'utf8'))?.[1] ?? ''
const variables: Readonly<Record<string, string>> = { 'var.repository_owner_id': '2002', 'var.repository_id': '1001' }
const equalities = condition.split(' && ').map((part) => /^assertion\.(\w+) == '(.*)'$/.exec(part.replace(/\$\{([\w.]+)\}/g, (_, name: string) => variables[name] ?? '?')) ?? [])
/** Which job of which environment and branch a deployer is bound to, as modules/identity has it: `ENVIRONMENT@REF`. */
const accepts = (environment: string) => (token: string) => {
  const claims: Record<string, unknown> = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8') || '{}')
  return equalities.length === 3 && equalities.every(([, name = '', value]) => claims[name] === value) && `${String(claims['environment'])}@${String(claims['ref'])}` === `${environment}@refs/heads/main`
}
const jobClaims = { repository_owner_id: '2002', repository_id: '1001', runner_environment: 'github-hosted', ref: 'refs/heads/main' }

const config = (localPort: number) => `export default {
  attest: { signer: 'keyless' },
  targets: {
    local: { port: ${localPort} },
    'cloud-run': {
      project: '${project}', location: '${location}', repository: '${clouds.production.registry}/${project}/team/small', ingress: 'all', canary: false,
      environments: { staging: { repository: '${clouds.staging.registry}/${project}/team/small' } },
    },
  },
  ci: { google: { provider: 'projects/1/locations/global/workloadIdentityPools/github/providers/github', serviceAccounts: { production: '${account}', staging: '${account}' } } },
}
`

beforeAll(async () => {
  if (isSkipped) return
  elsewhere = mkdtempSync(join(tmpdir(), 'shiplock-rehearsal-'))
  bin = join(elsewhere, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'shiplock'), `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`)
  chmodSync(join(bin, 'shiplock'), 0o755)
  const known = join(elsewhere, 'osv')
  const osv = (id: string, ecosystem: string) => JSON.stringify({ id, modified: '2026-01-01T00:00:00Z', affected: [{ package: { ecosystem, name: 'nobody-has-this' }, ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }] }] }] })
  for (const [family, content] of [['npm', osv('GHSA-0000-0000-0000', 'npm')], ['Debian', osv('DEBIAN-CVE-2099-1', 'Debian:13')], ['Node.js', JSON.stringify({ 1: { cve: ['CVE-2099-2'], vulnerable: '4.x', patched: '^4.9.9', description: 'old', overview: 'old', severity: 'low', affectedEnvironments: ['all'] } })]] as const) {
    mkdirSync(join(known, family), { recursive: true })
    writeFileSync(join(known, family, 'one.json'), content)
  }
  advisories = await useAdvisories(known)
  clouds = { staging: await startGoogleCloud({ accepts: accepts('staging') }), production: await startGoogleCloud({ accepts: accepts('production') }) }
  sigstore = await startSigstore()
  tokens = await githubTokens()
  repository = await ScratchRepository.create({ 'shiplock.image.lock': readFileSync(new URL('../shiplock.image.lock', import.meta.url), 'utf8'), '.github/CODEOWNERS': '* @acme/owners\n' })
  repository.write('shiplock.config.ts', config(repository.port))
  const generated = await repository.shiplock(['ci', 'generate'])
  expect(generated.exitCode, generated.stderr).toBe(0)
  repository.commit('workflows')
  base = repository.git('rev-parse', 'HEAD').trim()
})
// Each begins where the branch was, however the one before it ended.
beforeEach(() => void repository?.git('reset', '--quiet', '--hard', base))
afterAll(async () => {
  await repository?.dispose()
  for (const cloud of Object.values(clouds ?? {})) await cloud[Symbol.asyncDispose]()
  await advisories?.[Symbol.asyncDispose]()
  sigstore?.close()
  tokens?.close()
  if (elsewhere) rmSync(elsewhere, { recursive: true, force: true })
})

/** What tells a job of GitHub Actions who it is, for Sigstore. */
async function githubTokens() {
  const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ value: jsonWebToken(githubClaims) })))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the server does not listen')
  return { url: `http://127.0.0.1:${address.port}/token?job=1`, close: () => void server.close() }
}

/** The policy that an administrator gave the environments: the deciding workflow, by its name and its repository's number. */
let policy: string
async function trustPolicy(): Promise<string> {
  const { mirrorUrl, rootFile } = await tufRepository(sigstore.trustedRoot)
  const output = join(elsewhere, 'trust.json')
  const written = await repository.shiplock(['trust', '--target', 'cloud-run', '--keyless', workflowName, '--repository-id', '1001', '--output', output, '--tuf-mirror', mirrorUrl, '--tuf-root', rootFile])
  expect(written.exitCode, written.stderr).toBe(0)
  return readFileSync(output, 'utf8')
}

/** Runs the jobs of a workflow one after the other, as far as they go: the first step that fails ends it. */
async function rehearse(jobs: readonly string[], { claims = jobClaims, tamper }: { claims?: Readonly<Record<string, string>>; tamper?: (clone: string) => void } = {}): Promise<{ ended: Ended[]; outputs: Map<string, Readonly<Record<string, string>>> }> {
  const clone = mkdtempSync(join(elsewhere, 'clone-'))
  expect(spawnSync('git', ['clone', '--quiet', repository.root, clone]).status).toBe(0)
  // As `npm ci` would: the compiler of the repository.
  expect(spawnSync('cp', ['-al', join(repository.root, 'node_modules'), join(clone, 'node_modules')]).status).toBe(0)
  const file: { jobs: Readonly<Record<string, Job>> } = parse(readFileSync(join(clone, '.github/workflows/ci-cd.yml'), 'utf8'))
  const ended: Ended[] = []
  const outputs = new Map<string, Readonly<Record<string, string>>>()
  for (const id of jobs) {
    const job = file.jobs[id]
    if (!job?.steps) throw new Error(`the workflow has no job ${id} with steps`)
    for (const check of job.strategy?.matrix.check ?? ['']) {
      // A runner is new for each job.
      rmSync(join(clone, '.shiplock'), { recursive: true, force: true })
      rmSync(join(clone, 'report'), { recursive: true, force: true })
      tamper?.(clone)
      const steps: Record<string, Record<string, string>> = {}
      const value = (expression: string): string => expression.replace(/\$\{\{ (.*?) \}\}/g, (_, inner: string) => {
        const [, job, output] = /^needs\.([\w-]+)\.outputs\.(\w+)$/.exec(inner) ?? []
        if (job !== undefined && output !== undefined) return outputs.get(job)?.[output] ?? ''
        const [, step, name] = /^steps\.([\w-]+)\.outputs\.(\w+)$/.exec(inner) ?? []
        if (step !== undefined && name !== undefined) return steps[step]?.[name] ?? ''
        const known: Readonly<Record<string, string>> = { 'matrix.check': check, 'github.token': 'a-token-of-the-job', 'vars.SHIPLOCK_TRUST_POLICY': policy }
        if (known[inner] === undefined) throw new Error(`the rehearsal does not know ${inner}`)
        return known[inner]
      })
      for (const step of job.steps) {
        if (step.run === undefined) continue
        const env = { ...environmentOf(job, { ...claims, environment: job.environment?.name ?? '' }), ...Object.fromEntries(Object.entries(step.env ?? {}).map(([name, content]) => [name, value(content)])), GITHUB_OUTPUT: join(elsewhere, 'output'), GITHUB_STEP_SUMMARY: join(elsewhere, 'summary') }
        writeFileSync(env.GITHUB_OUTPUT, '')
        writeFileSync(env.GITHUB_STEP_SUMMARY, '')
        const child = spawn('bash', ['-e', '-o', 'pipefail', '-c', step.run], { cwd: clone, env, stdio: ['ignore', 'pipe', 'pipe'] })
        const [out, err, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)))])
        ended.push({ name: check === '' ? `${id}: ${step.name}` : `${id} ${check}: ${step.name}`, run: step.run, exitCode, said: `${out}${err}` })
        if (step.id !== undefined) steps[step.id] = Object.fromEntries(readFileSync(env.GITHUB_OUTPUT, 'utf8').split('\n').flatMap((line) => (line.includes('=') ? [[line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]] : [])))
        if (exitCode !== 0) break
      }
      // What a runner would end with the machine.
      await new Promise((resolve) => spawn(join(bin, 'shiplock'), ['down'], { cwd: clone, stdio: 'ignore' }).on('close', resolve))
      if (ended.at(-1)?.exitCode !== 0) return { ended, outputs }
      outputs.set(id, Object.fromEntries(Object.entries(job.outputs ?? {}).map(([name, content]) => [name, value(content)])))
    }
  }
  return { ended, outputs }
}

/** What a runner gives a job: nothing of ours but the machine's programs. Only a job that releases has somebody to be. */
function environmentOf(job: Job, claims: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const home = mkdtempSync(join(elsewhere, 'home-'))
  const base = { PATH: `${bin}:${process.env['PATH']}`, HOME: home, CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'acme/shop', SHIPLOCK_ADVISORIES: process.env['SHIPLOCK_ADVISORIES'] ?? '', NODE_COMPILE_CACHE: join(tmpdir(), 'shiplock-story-compile-cache') }
  const { environment } = job
  if (environment?.name !== 'staging' && environment?.name !== 'production') return base
  const cloud = clouds[environment.name]
  // As google-github-actions/auth leaves it, with the job's own token.
  const credentials = JSON.parse(readFileSync(cloud.env['GOOGLE_APPLICATION_CREDENTIALS']!, 'utf8'))
  writeFileSync(join(home, 'oidc'), jsonWebToken({ ...githubClaims, ...claims }))
  writeFileSync(join(home, 'credentials.json'), JSON.stringify({ ...credentials, credential_source: { file: join(home, 'oidc') } }))
  return { ...base, ...cloud.env, GOOGLE_APPLICATION_CREDENTIALS: join(home, 'credentials.json'), ACTIONS_ID_TOKEN_REQUEST_URL: tokens.url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'job', RUNNER_ENVIRONMENT: 'github-hosted', SHIPLOCK_FULCIO_URL: sigstore.url, SHIPLOCK_REKOR_URL: sigstore.url }
}

const served = async (name: 'staging' | 'production') => {
  const answer = await fetch(clouds[name].emulator.front.url)
  return answer.ok ? answer.text() : undefined
}
const failed = (ended: readonly Ended[]) => ended.filter(({ exitCode }) => exitCode !== 0)
const releaseJobs = ['staging', 'production']

test.skipIf(isSkipped)('the environments are given a policy that trusts the deciding workflow of this very repository', async () => {
  policy = await trustPolicy()
  expect(JSON.parse(policy).identities).toMatchObject([{ kind: 'keyless', subject: workflowName, repositoryId: '1001', runner: 'github-hosted' }])
})

test.skipIf(isSkipped)('a push to main passes every check by itself and together, is released to staging, and its very image to production', async () => {
  const { ended, outputs } = await rehearse(['check', 'verdict', ...releaseJobs])
  expect(failed(ended).map(({ name, said }) => `${name}\n${said}`)).toEqual([])
  expect(ended.map(({ name }) => name)).toEqual(expect.arrayContaining(['check secrets: Check', 'verdict: Run', 'staging: Ready?', 'staging: Build, attest, release', 'production: Ready?', 'production: Release']))
  expect([await served('staging'), await served('production')]).toEqual(['version 1', 'version 1'])
  const [image, next] = [outputs.get('staging')?.['image'], outputs.get('production')?.['image']]
  expect(image).toMatch(new RegExp(`^${clouds.staging.registry}/.*@sha256:[0-9a-f]{64}$`))
  // Promoted, not built again.
  expect(next?.split('@')[1]).toBe(image?.split('@')[1])
  expect(sigstore.requests.filter((it) => it === 'POST /api/v1/log/entries').length).toBeGreaterThan(2)
})

test.skipIf(isSkipped)('a red gate releases nothing', async () => {
  repository.write('src/bad.mjs', 'debugger\n')
  repository.commit('worse')
  const { ended } = await rehearse(['check', 'verdict', ...releaseJobs])
  expect(failed(ended)).toMatchObject([{ name: 'check lint: Check', exitCode: 1 }])
  // Nor would the deciding job believe a job before it that said otherwise.
  expect(failed((await rehearse(['staging'])).ended)).toMatchObject([{ name: 'staging: Build, attest, release', exitCode: 1, said: expect.stringContaining('no-debugger') }])
  expect(await served('staging')).toBe('version 1')
})

test.skipIf(isSkipped)('a red probe leaves staging as it was and production untouched', async () => {
  repository.edit('src/server.mjs', (source) => source.replace("setHeader('content-type', 'text/plain').end(page)", "setHeader('content-type', 'text/html').end(page + '<p>no header of a page</p>')"))
  repository.commit('a page without the headers of one')
  const { ended } = await rehearse(releaseJobs)
  expect(failed(ended)).toMatchObject([{ name: 'staging: Build, attest, release', exitCode: 1, said: expect.stringContaining('probe/csp-missing') }])
  expect([await served('staging'), await served('production')]).toEqual(['version 1', 'version 1'])
})

test.skipIf(isSkipped)('a canary that cannot be seen goes back, and production stays as it was', async () => {
  repository.write('shiplock.config.ts', config(repository.port).replace('canary: false', 'canary: { steps: [50, 100], minWaitSeconds: 0, maxWaitSeconds: 1 }'))
  repository.edit('src/server.mjs', (source) => source.replace('version 1', 'version 2'))
  repository.commit('a canary')
  const { ended } = await rehearse(['staging'])
  expect(failed(ended)).toMatchObject([{ name: 'staging: Build, attest, release', said: expect.stringMatching(/metrics|Monitoring/i) }])
  expect(await served('staging')).toBe('version 1')
})

test.skipIf(isSkipped).each([
  ['of another repository', { repository_id: '9999' }],
  ['of another owner', { repository_owner_id: '9999' }],
  ['of another branch, as a fork’s is', { ref: 'refs/pull/7/merge' }],
  ['of a runner of somebody’s own', { runner_environment: 'self-hosted' }],
])('a token %s is refused by the condition that Terraform has, before anything is touched', async (_, claims) => {
  const { ended } = await rehearse(['staging'], { claims: { ...jobClaims, ...claims } })
  expect(failed(ended)).toMatchObject([{ name: 'staging: Ready?', exitCode: 3, said: expect.stringContaining('nobody is signed in to Google Cloud') }])
})

test.skipIf(isSkipped)('a missing policy, and a job that may not say who it is, are named; nothing is half applied', async () => {
  const given = policy
  policy = ''
  const trustless = await rehearse(['staging'])
  policy = given
  expect(failed(trustless.ended)).toMatchObject([{ said: expect.stringContaining('nothing says whom the target cloud-run trusts') }])
  expect(await served('staging')).toBe('version 1')
})

test.skipIf(isSkipped)('what a job left in the checkout is believed by nobody: the state of a hostile job is thrown away', async () => {
  const { ended } = await rehearse(['verdict'], { tamper: (clone) => {
    mkdirSync(join(clone, '.shiplock/results'), { recursive: true })
    writeFileSync(join(clone, '.shiplock/results/anything'), 'forged')
  } })
  expect(failed(ended)).toMatchObject([{ said: expect.stringContaining('was not made here') }])
})
