import { actions } from './actions.ts'
import { ciCd } from './ci-cd.ts'
import type { CiFacts } from './facts.ts'
import { nightly } from './nightly.ts'
import { releaseWorkflow } from './release.ts'
import { renderAction, renderWorkflow, renderYaml } from './render-workflow.ts'
import { setupFolder } from './steps.ts'
import { terraformWorkflow } from './terraform.ts'
import type { CompositeAction, Workflow } from './workflow.ts'

export interface CiFile {
  readonly path: string
  readonly text: string
}

export const workflowsOf = (facts: CiFacts): readonly Workflow[] => [ciCd(facts), terraformWorkflow(facts), nightly(facts), releaseWorkflow(facts)].filter((it) => it !== undefined)

/** Every file of GitHub's that follows from the config. */
export function ciFiles(facts: CiFacts): readonly CiFile[] {
  const setup = facts.install === null ? [] : [setupAction(facts.install)]
  return [
    ...workflowsOf(facts).map((workflow) => ({ path: workflow.path, text: renderWorkflow(workflow) })),
    ...setup.map((action) => ({ path: action.path, text: renderAction(action) })),
    { path: '.github/dependabot.yml', text: renderYaml(dependabot(facts), 'Newer versions as pull requests, a week after they came out: what is malicious is often found by then. Fixes of known flaws do not wait.') },
  ]
}

/** A release of Shiplock, never the checkout's own packages. */
const setupAction = (version: string): CompositeAction => ({
  path: `${setupFolder}/action.yml`,
  why: 'Puts a pinned release of Shiplock on PATH, and the wall that code of the repository runs behind.',
  name: 'Shiplock',
  description: `Installs Shiplock ${version} and bubblewrap.`,
  inputs: { packages: { description: 'Whether the packages of the repository are installed too, by its lock file and without running a script of theirs.', default: 'false' } },
  steps: [
    { name: 'Node', uses: actions.setupNode, with: { 'node-version': 24, 'package-manager-cache': false } },
    { name: 'Shiplock', run: `npm install --global --ignore-scripts --no-audit --no-fund shiplock@${version}` },
    { why: 'Ubuntu lets nobody make a namespace unless a profile says so.', name: 'The wall', run: 'sudo apt-get install --yes --no-install-recommends bubblewrap\nsudo sysctl --quiet --write kernel.apparmor_restrict_unprivileged_userns=0' },
    { why: 'For its own tests, compiler and linter. Shiplock itself never runs from there.', name: 'Packages of the repository', if: "inputs.packages == 'true' && hashFiles('package-lock.json', 'npm-shrinkwrap.json') != ''", run: 'npm ci --ignore-scripts --no-audit --no-fund' },
  ],
})

function dependabot({ terraform }: CiFacts): object {
  const weekly = (ecosystem: string, directory: string) => ({ 'package-ecosystem': ecosystem, directory, schedule: { interval: 'weekly' }, cooldown: { 'default-days': 7 }, 'open-pull-requests-limit': 5 })
  return {
    version: 2,
    updates: [
      { ...weekly('npm', '/'), groups: { development: { 'dependency-type': 'development', 'update-types': ['minor', 'patch'] } } },
      weekly('github-actions', '/'),
      ...(terraform ? Object.keys(terraform.planners).map((name) => weekly('terraform', `/${terraform.directory}/${name}`)) : []),
    ],
  }
}
