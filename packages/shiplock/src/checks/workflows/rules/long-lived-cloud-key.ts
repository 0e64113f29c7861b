import { actionOf } from '../reference.ts'
import { entriesOf, get, scalarOf, type Node, type ScalarNode } from '../tree.ts'
import type { Problem, WorkflowFile, WorkflowRule } from '../workflow.ts'

/** Inputs that take a key that never expires, by action. */
const keys: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'google-github-actions/auth': { credentials_json: 'a key of a Google service account' },
  'google-github-actions/setup-gcloud': { service_account_key: 'a key of a Google service account' },
  'google-github-actions/deploy-cloudrun': { credentials: 'a key of a Google service account' },
  'aws-actions/configure-aws-credentials': { 'aws-access-key-id': 'an access key of AWS' },
  'azure/login': { creds: 'a secret of an Azure service principal' },
}

export const longLivedCloudKey: WorkflowRule = {
  id: 'workflows/long-lived-cloud-key',
  title: 'A key that never expires opens the cloud',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-324',
  fix: 'Let the cloud trust the OIDC token of the workflow (`id-token: write`): Workload Identity Federation at Google, a role at AWS, a federated credential at Azure.',
  *examine(file) {
    for (const step of file.steps) {
      const action = actionOf(step.uses) ?? ''
      for (const [input, what] of Object.entries(keys[action] ?? {})) {
        const value = scalarOf(get(step.with, input))
        if (value && hasSecret(file, value)) yield { at: value, message: `\`${input}\` of ${action} is ${what}, which stays valid until somebody deletes it` }
      }
    }
    for (const owner of [file.root, ...file.jobs.map((job) => job.node), ...file.steps.map((step) => step.node)]) yield* findVariables(file, get(owner, 'env'))
  },
}

function* findVariables(file: WorkflowFile, env: Node | undefined): Generator<Problem> {
  for (const { key, value } of entriesOf(env)) {
    if (!/^(?:AWS_ACCESS_KEY_ID|ARM_CLIENT_SECRET|AZURE_CLIENT_SECRET|AZURE_CREDENTIALS|GOOGLE_CREDENTIALS|GCP_SA_KEY)$/.test(key.text)) continue
    const node = scalarOf(value)
    if (node && hasSecret(file, node)) yield { at: node, message: `${key.text} is a key that stays valid until somebody deletes it` }
  }
}

const hasSecret = (file: WorkflowFile, node: ScalarNode) => file.expressionsIn(node).some(({ values }) => values.some((path) => path.startsWith('secrets.')))
