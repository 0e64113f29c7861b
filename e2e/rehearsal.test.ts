import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSigstore, type LocalSigstore } from '../packages/attestation/src/testing/sigstore.ts'
import { tufRepository } from '../packages/attestation/src/testing/tuf.ts'
import { useAdvisories } from '../packages/shiplock/src/testing/advisory-index.ts'
import { startGitHubIdentity, type GitHubIdentity, type JobClaims } from '../packages/shiplock/src/testing/github-identity.ts'
import { account, location, project, startGoogleCloud, type GoogleCloud } from '../packages/shiplock/src/testing/google-cloud.ts'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'
import { takenTokens } from '../packages/shiplock/src/testing/token-exchange.ts'
import { rehearse, type JobEnd, type JobFacts } from '../packages/shiplock/src/testing/workflow-rehearsal.ts'

/**
 * What a pull request meets in the workflow that `shiplock ci generate` writes, and which tokens open the cloud: every `run` step in clean clones,
 * each `if` and `${{ }}` by GitHub's own library, with GitHub's tokens, Sigstore, the registries and Google Cloud on loopback. The way from a merge to users is in workflow-rehearsal.test.ts.
 */
const isSkipped = spawnSync('sh', ['-c', 'command -v docker-registry && command -v bwrap']).status !== 0 && process.env['CI'] === undefined
if (isSkipped) process.stderr.write('SKIPPED: the workflows are not rehearsed: there is no docker-registry, or no bubblewrap\n')

const [ownerId, repositoryId, main] = ['77', '1001', 'refs/heads/main']
const pull = 'refs/pull/7/merge'
const workflowPath = '.github/workflows/ci-cd.yml'
const provider = 'projects/1/locations/global/workloadIdentityPools/github/providers/github'

let identity: GitHubIdentity
let sigstore: LocalSigstore
let clouds: Readonly<Record<'staging' | 'production', GoogleCloud>>
let origin: ScratchRepository
let directory: string
let advisories: AsyncDisposable
let trust: Readonly<Record<string, string>> = {}
/** Ids of the jobs that ran, in order. */
let asked: string[] = []

/** What GitHub says of a job; a test changes what it lies about. */
const claimsOf = ({ environment }: Pick<JobFacts, 'environment'>, ref = main): JobClaims => ({
  repository: 'acme/small', repository_id: repositoryId, repository_owner_id: ownerId, ref, runner_environment: 'github-hosted',
  sub: environment === undefined ? `repo:acme/small:ref:${ref}` : `repo:acme/small:environment:${environment}`,
  ...(environment !== undefined && { environment }),
  workflow_uri: `https://github.com/acme/small/${workflowPath}@${ref}`,
})

interface Push {
  readonly only?: readonly string[]
  readonly claims?: (job: JobFacts) => Partial<JobClaims>
  readonly isExpired?: boolean
  readonly vars?: Readonly<Record<string, string>>
  readonly event?: object
  readonly ref?: string
  readonly commit?: string
}

function onGitHub({ only, claims, isExpired = false, vars, event, ref = main, commit = origin.git('rev-parse', 'HEAD').trim() }: Push = {}): Promise<readonly JobEnd[]> {
  asked = []
  return rehearse({
    origin: origin.root,
    workflow: workflowPath,
    commit,
    directory,
    github: { event_name: event ? 'pull_request' : 'push', ref, repository: 'acme/small', event: event ?? {}, ...(event && { base_ref: 'main' }) },
    vars: (environment) => vars ?? (environment !== undefined && trust[environment] !== undefined ? { SHIPLOCK_TRUST_POLICY: trust[environment] } : {}),
    ...(only && { only }),
    surroundings: (job) => {
      if (asked.at(-1) !== job.id) asked.push(job.id)
      const cloud = job.environment === undefined ? undefined : clouds[job.environment === 'staging' ? 'staging' : 'production']
      const { GOOGLE_APPLICATION_CREDENTIALS: _, ...endpoints } = cloud?.env ?? {}
      const told = { ...claimsOf(job, ref), ...claims?.(job) }
      return {
        ...endpoints,
        ...(cloud && { REHEARSAL_GOOGLE: cloud.env['CLOUDSDK_API_ENDPOINT_OVERRIDES_IAM'] ?? '' }),
        ...(job.mayAsk ? (isExpired ? identity.expired(told) : identity.jobEnvironment(told)) : { RUNNER_ENVIRONMENT: 'github-hosted' }),
        GITHUB_WORKFLOW_REF: `acme/small/${workflowPath}@${ref}`,
        SHIPLOCK_FULCIO_URL: sigstore.url,
        SHIPLOCK_REKOR_URL: sigstore.url,
        SHIPLOCK_ADVISORIES: process.env['SHIPLOCK_ADVISORIES'] ?? '',
        NODE_COMPILE_CACHE: join(tmpdir(), 'shiplock-story-compile-cache'),
      }
    },
  })
}

const results = (ends: readonly JobEnd[]) => Object.fromEntries(ends.map(({ name, result }) => [name, result]))
const log = (ends: readonly JobEnd[]) => ends.flatMap(({ name, ran }) => ran.filter(({ exitCode }) => exitCode !== 0).map(({ line, exitCode, output }) => `${name}: ${line} → ${exitCode}\n${output}`)).join('\n')

const config = (port: number) => `export default {
  attest: { signer: 'keyless' },
  targets: {
    local: { port: ${port} },
    'cloud-run': {
      project: '${project}', location: '${location}', repository: '${clouds.production.registry}/${project}/team/small', ingress: 'all', canary: false,
      preview: { serviceAccount: 'small-preview@${project}.iam.gserviceaccount.com', isPublic: true },
      environments: { staging: { repository: '${clouds.staging.registry}/${project}/team/small' } },
    },
  },
  ci: {
    google: {
      provider: '${provider}',
      serviceAccounts: { staging: '${account}', production: '${account}', preview: '${account}' },
    },
  },
}
`

beforeAll(async () => {
  if (isSkipped) return
  directory = mkdtempSync(join(tmpdir(), 'shiplock-rehearsal-'))
  const known = join(directory, 'osv')
  // Of other packages than these: what is known is looked at, and nothing of it is found.
  const osv = (id: string, ecosystem: string) => JSON.stringify({ id, modified: '2026-01-01T00:00:00Z', affected: [{ package: { ecosystem, name: 'nobody-has-this' }, ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }] }] }] })
  for (const [family, text] of [['npm', osv('GHSA-0000-0000-0000', 'npm')], ['Debian', osv('DEBIAN-CVE-2099-1', 'Debian:13')], ['Node.js', JSON.stringify({ 1: { cve: ['CVE-2099-2'], vulnerable: '4.x', patched: '^4.9.9', description: 'old', overview: 'old', severity: 'low', affectedEnvironments: ['all'] } })]] as const) {
    mkdirSync(join(known, family), { recursive: true })
    writeFileSync(join(known, family, 'one.json'), text)
  }
  advisories = await useAdvisories(known)
  identity = await startGitHubIdentity()
  sigstore = await startSigstore()
  // The door and who may stand for the deployer, as Terraform has them: by its environment, from the main branch.
  const cloud = (boundTo: readonly string[]) => startGoogleCloud({ accepts: takenTokens({ publicKey: identity.publicKey, provider, ownerId, repositoryId, boundTo }) })
  clouds = { staging: await cloud([`staging@${main}`]), production: await cloud([`production@${main}`, `preview@${pull}`]) }
  origin = await ScratchRepository.create({ '.github/CODEOWNERS': '* @acme/owners\n', 'shiplock.image.lock': readFileSync(new URL('../shiplock.image.lock', import.meta.url), 'utf8') })
  origin.write('shiplock.config.ts', config(origin.port))
  const generated = await origin.shiplock(['ci', 'generate'])
  expect(generated.exitCode, generated.stderr).toBe(0)
  origin.commit('deliver by Shiplock')
})
afterAll(async () => {
  await origin?.dispose()
  for (const cloud of Object.values(clouds ?? {})) await cloud[Symbol.asyncDispose]()
  await identity?.[Symbol.asyncDispose]()
  sigstore?.close()
  await advisories?.[Symbol.asyncDispose]()
  if (directory) rmSync(directory, { recursive: true, force: true })
})

/** The policies as administrators would have them written once; a variable of each environment keeps its own. */
async function policies(): Promise<Readonly<Record<string, string>>> {
  const { mirrorUrl, rootFile } = await tufRepository(sigstore.trustedRoot)
  const written: Record<string, string> = {}
  for (const [name, ref, ...more] of [['staging', main], ['production', main], ['preview', pull, '--preview']] as const) {
    const { exitCode, stdout, stderr } = await origin.shiplock(['trust', '--target', 'cloud-run', ...more, '--keyless', `https://github.com/acme/small/${workflowPath}@${ref}`, '--repository-id', repositoryId, '--tuf-mirror', mirrorUrl, '--tuf-root', rootFile])
    expect(exitCode, stderr).toBe(0)
    written[name] = stdout
  }
  return written
}

/** As GitHub makes a pull request: a commit on a branch, and the merge of it that the jobs check out. */
function pullRequest({ from = 'acme/small', action = 'opened' }: { readonly from?: string; readonly action?: string } = {}): Push {
  origin.git('checkout', '--quiet', '-B', 'change', 'main')
  origin.edit('src/server.mjs', (source) => source.replace(/version \w+/, 'version of-seven'))
  origin.commit('a change')
  const head = origin.git('rev-parse', 'HEAD').trim()
  origin.git('checkout', '--quiet', '--detach', 'main')
  origin.git('-c', 'user.name=GitHub', '-c', 'user.email=noreply@github.example', 'merge', '--quiet', '--no-ff', '-m', 'Merge', 'change')
  const commit = origin.git('rev-parse', 'HEAD').trim()
  origin.git('update-ref', pull, commit)
  origin.git('checkout', '--quiet', 'main')
  return { ref: pull, commit, event: { action, pull_request: { number: 7, head: { sha: head, repo: { full_name: from } }, base: { ref: 'main', sha: origin.git('rev-parse', 'main').trim() } } } }
}

test.skipIf(isSkipped)('a pull request from a fork is checked like any other, and gets no token, no preview and no word in code scanning', async () => {
  trust = await policies()
  const ends = await onGitHub(pullRequest({ from: 'eve/small' }))
  expect(log(ends)).toBe('')
  expect(results(ends)).toMatchObject({ sast: 'success', types: 'success', Verdict: 'success', Preview: 'skipped', 'Close the preview': 'skipped', Staging: 'skipped', Production: 'skipped' })
  expect(ends.flatMap(({ scanning }) => scanning)).toEqual([])
  expect(asked).toEqual(['check', 'verdict'])
  expect(ends.find(({ id }) => id === 'verdict')?.summary).toContain('Shiplock: Allowed')
}, 600_000)

test.skipIf(isSkipped)('one of the repository is shown on a service of its own by the workflow, and taken away when it closes', async () => {
  trust = await policies()
  const [shown] = await onGitHub({ ...pullRequest(), only: ['preview'] })
  expect(shown?.result, log(shown ? [shown] : [])).toBe('success')
  expect(shown?.url).toContain('pr-7---small-preview')
  const closed = await onGitHub({ ...pullRequest({ action: 'closed' }), only: ['check', 'verdict', 'preview', 'close-preview', 'staging'] })
  expect(results(closed), log(closed)).toMatchObject({ Verdict: 'skipped', Preview: 'skipped', 'Close the preview': 'success', Staging: 'skipped' })
}, 600_000)

test.skipIf(isSkipped).each<readonly [string, Push]>([
  ['has run out', { isExpired: true }],
  ['is of a job without the environment', { claims: () => ({ environment: 'none' }) }],
  ['is of another environment', { claims: () => ({ environment: 'preview' }) }],
  ['is of another branch', { claims: () => ({ ref: 'refs/heads/mine' }) }],
  ['is of another repository that took the name', { claims: () => ({ repository_id: '2002' }) }],
])('a token that %s opens nothing, which is said before anything is touched', async (_, push) => {
  const before = clouds.staging.requests.length
  const ends = await onGitHub({ ...push, only: ['staging'] })
  expect(ends.flatMap(({ ran }) => ran)).toMatchObject([{ line: expect.stringContaining('shiplock doctor'), exitCode: 3, output: expect.stringContaining('nobody is signed in to Google Cloud') }])
  expect(new Set(clouds.staging.requests.slice(before))).toEqual(new Set(['POST /sts/v1/token']))
})
