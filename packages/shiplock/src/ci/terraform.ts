import { actions } from './actions.ts'
import type { CiFacts } from './facts.ts'
import { begin, signIn } from './steps.ts'
import type { Job, RunStep, Workflow } from './workflow.ts'

/** What the infrastructure would become. Applying it is a person's, with `terraform apply` of the plan that was read. */
export function terraformWorkflow(facts: CiFacts): Workflow | undefined {
  if (!facts.terraform) return undefined
  const { directory, planners } = facts.terraform
  const names = Object.keys(planners)
  const job = (name: string): Job => ({
    why: `${name}: the plan, by an identity that may only read. A plan shows names, so it is not in the log of a pull request.`,
    name: `Plan of ${name}`,
    if: "github.event_name != 'pull_request'",
    'runs-on': facts.runner,
    'timeout-minutes': 20,
    permissions: { contents: ['read', 'the tree'], 'id-token': ['write', 'who plans, for Google Cloud'] },
    concurrency: { group: `terraform-${name}`, 'cancel-in-progress': false },
    steps: [
      ...begin({ ...facts, install: null }),
      { name: 'Terraform', uses: actions.setupTerraform, with: { terraform_wrapper: false } },
      signIn(facts, planners[name]!),
      inFolder(`${directory}/${name}`, 'init -input=false', 'Init'),
      inFolder(`${directory}/${name}`, 'plan -input=false -lock=false -no-color', 'Plan'),
    ],
  })
  return {
    path: '.github/workflows/terraform.yml',
    why: 'Terraform: format and validity of every change, and of the main branch what it would do.',
    name: 'Terraform',
    on: { pull_request: { paths: [`${directory.split('/')[0]}/**`] }, workflow_call: {}, workflow_dispatch: {} },
    jobs: {
      validate: {
        why: 'Without credentials and without state: what does not need the cloud.',
        name: 'Validate',
        'runs-on': facts.runner,
        'timeout-minutes': 15,
        permissions: { contents: ['read', 'the tree'] },
        steps: [...begin({ ...facts, install: null }), { name: 'Terraform', uses: actions.setupTerraform, with: { terraform_wrapper: false } }, { name: 'Format', run: `terraform fmt -check -recursive ${directory.split('/')[0]}` }, ...names.flatMap((name) => [inFolder(`${directory}/${name}`, 'init -backend=false -input=false', `Init ${name}`), inFolder(`${directory}/${name}`, 'validate', `Validate ${name}`)])],
      },
      ...Object.fromEntries(names.map((name) => [`plan-${name}`, job(name)])),
    },
  }
}

const inFolder = (folder: string, words: string, name: string): RunStep => ({ name, run: `terraform -chdir=${folder} ${words}` })
