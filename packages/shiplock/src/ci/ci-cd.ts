import { production, type CiFacts, type ReleaseEnvironment } from './facts.ts'
import { begin, keepReport, releasing, shiplock, signIn, toCodeScanning } from './steps.ts'
import type { CalledWorkflow, Job, Workflow } from './workflow.ts'

const isOpen = "github.event_name != 'pull_request' || github.event.action != 'closed'"
const isOwn = "github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository"
const isPush = "github.event_name == 'push'"

/** From a pull request to its preview, and from the main branch to users. */
export function ciCd(facts: CiFacts): Workflow {
  const { environments, branch, preview, terraform } = facts
  return {
    path: '.github/workflows/ci-cd.yml',
    why: 'A pull request is checked without credentials and judged by the policy of its merge base; the main branch is released step by step. Every line below `run` can be run on a laptop.',
    name: 'CI and delivery',
    on: { pull_request: { branches: [branch], types: ['opened', 'synchronize', 'reopened', 'closed'] }, push: { branches: [branch] } },
    concurrency: { group: '${{ github.workflow }}-${{ github.ref }}', 'cancel-in-progress': "${{ github.event_name == 'pull_request' }}" },
    jobs: {
      check: check(facts),
      verdict: verdict(facts),
      ...(preview === undefined ? {} : { preview: openPreview(facts, preview), 'close-preview': closePreview(facts, preview) }),
      ...(terraform && environments.length > 0 ? { terraform: plan() } : {}),
      ...Object.fromEntries(environments.map((environment, index) => [environment.name, release(facts, environment, environments[index - 1])])),
    },
  }
}

function check(facts: CiFacts): Job {
  return {
    why: 'Each check by itself and beside the others, so that the slowest says how long all take. Runs code of the change, so it has no credentials.',
    name: '${{ matrix.check }}',
    if: isOpen,
    'runs-on': facts.runner,
    'timeout-minutes': 20,
    permissions: { contents: ['read', 'the tree and its merge base'], 'pull-requests': ['read', 'whether code owners approved what would loosen the policy'], 'security-events': ['write', 'findings to code scanning'] },
    strategy: { 'fail-fast': false, matrix: { check: facts.treeChecks } },
    steps: [
      ...begin(facts, { history: true, packages: true }),
      shiplock(facts, 'check --only "$CHECK" --report report', { name: 'Check', env: { CHECK: '${{ matrix.check }}', GITHUB_TOKEN: '${{ github.token }}' } }),
      toCodeScanning('shiplock/${{ matrix.check }}'),
    ],
  }
}

function verdict(facts: CiFacts): Job {
  return {
    why: `One verdict on all of it, with annotations and the job summary: the one job to require of a pull request.${facts.hasService ? ' Builds the image, scans it, runs it on a Cloud Run on the runner and probes it. No credentials.' : ''}`,
    name: 'Verdict',
    if: isOpen,
    'runs-on': facts.runner,
    'timeout-minutes': 40,
    permissions: { contents: ['read', 'the tree and its merge base'], 'pull-requests': ['read', 'whether code owners approved what would loosen the policy'] },
    steps: [
      ...begin(facts, { history: true, packages: true }),
      shiplock(facts, 'run --format github --report report', { name: 'Run', env: { GITHUB_TOKEN: '${{ github.token }}' } }),
      keepReport('report'),
    ],
  }
}

const pullRequest = '${{ github.event.pull_request.number }}'

function openPreview(facts: CiFacts, account: string): Job {
  return {
    why: 'A revision of the change on the preview service, which has an identity and a policy of its own and reaches nothing of production. Not for forks: their code gets no token.',
    name: 'Preview',
    needs: ['verdict'],
    if: `${isOwn} && github.event.action != 'closed'`,
    'runs-on': facts.runner,
    'timeout-minutes': 30,
    permissions: releasing,
    environment: { name: 'preview', url: '${{ steps.release.outputs.url }}' },
    concurrency: { group: `preview-${pullRequest}`, 'cancel-in-progress': false },
    steps: [
      ...begin(facts, { history: true, packages: true }),
      signIn(facts, account),
      shiplock(facts, 'run --preview "$PULL_REQUEST" --target cloud-run --untrusted --report report', { why: 'Code of the change runs behind a wall or not at all: there is a token beside it.', id: 'release', name: 'Release', env: { PULL_REQUEST: pullRequest, SHIPLOCK_TRUST_POLICY: '${{ vars.SHIPLOCK_TRUST_POLICY }}' } }),
      keepReport('preview'),
    ],
  }
}

function closePreview(facts: CiFacts, account: string): Job {
  return {
    why: 'What a closed pull request leaves is taken away; what this misses, nightly.yml finds.',
    name: 'Close the preview',
    if: `${isOwn} && github.event.action == 'closed'`,
    'runs-on': facts.runner,
    'timeout-minutes': 10,
    permissions: releasing,
    environment: { name: 'preview' },
    concurrency: { group: `preview-${pullRequest}`, 'cancel-in-progress': false },
    steps: [...begin(facts), signIn(facts, account), shiplock(facts, 'down --preview "$PULL_REQUEST" --target cloud-run', { name: 'Take it away', env: { PULL_REQUEST: pullRequest } })],
  }
}

const plan = (): CalledWorkflow => ({
  why: 'What the infrastructure would become is shown before anything is released onto it; nothing is applied here.',
  name: 'Terraform',
  if: isPush,
  permissions: { contents: ['read', 'the tree'], 'id-token': ['write', 'who plans, for Google Cloud; it may only read there'] },
  calls: './.github/workflows/terraform.yml',
})

/** The first environment decides and signs; each that follows takes the very image that the one before it proved. */
function release(facts: CiFacts, { name, account }: ReleaseEnvironment, before: ReleaseEnvironment | undefined): Job {
  const needs = ['check', 'verdict', ...(facts.terraform ? ['terraform'] : []), ...(before ? [before.name] : [])]
  const env = { SHIPLOCK_TRUST_POLICY: '${{ vars.SHIPLOCK_TRUST_POLICY }}' }
  const into = `--target cloud-run${name === production ? '' : ` --environment ${name}`} --report report`
  const first = shiplock(facts, `run ${into} --untrusted`, { why: 'Derives everything again, whatever the jobs before it said, and signs only that. Code of the repository runs behind a wall or not at all.', id: 'release', name: 'Build, attest, release', env })
  const next = shiplock(facts, `deploy "$IMAGE" ${into}`, { why: 'By digest, and admitted by what is signed of it. Canary, and back where in doubt.', id: 'release', name: 'Release', env: { ...env, IMAGE: `\${{ needs.${before?.name}.outputs.image }}` } })
  return {
    why: `${before ? `To ${name} behind the protection rules of its environment: who has to approve, and from which branch.` : 'The deciding job: the only one that signs. It reads no cache that code of the repository could have written.'}`,
    name: name.charAt(0).toUpperCase() + name.slice(1),
    needs,
    if: isPush,
    'runs-on': facts.runner,
    'timeout-minutes': 60,
    permissions: releasing,
    environment: { name, url: '${{ steps.release.outputs.url }}' },
    // Two merges release one after the other, and the second waits instead of breaking the first off half way.
    concurrency: { group: `release-${name}`, 'cancel-in-progress': false },
    outputs: { image: '${{ steps.release.outputs.image }}' },
    steps: [...begin(facts, { packages: true }), signIn(facts, account), shiplock(facts, `doctor --target cloud-run${name === production ? '' : ` --environment ${name}`} --quiet`, { why: 'What is missing is said before anything is half way.', name: 'Ready?' }), before ? next : first, keepReport(name)],
  }
}

