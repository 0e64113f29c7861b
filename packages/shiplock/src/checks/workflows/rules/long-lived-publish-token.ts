import { isAction } from '../reference.ts'
import { isSecret } from '../secrets.ts'
import { entriesOf, get, scalarOf, type ScalarNode } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const longLivedPublishToken: WorkflowRule = {
  id: 'workflows/long-lived-publish-token',
  title: 'A token that never expires publishes packages',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-324',
  fix: 'Name this workflow as a trusted publisher at the registry, give the job `id-token: write`, and delete the token.',
  *examine(file) {
    for (const step of file.steps) {
      const hasSecret = (node: ScalarNode | undefined) => node !== undefined && file.expressionsIn(node).some(({ values }) => values.some(isSecret))
      const password = isAction(step, 'pypa/gh-action-pypi-publish') ? scalarOf(get(step.with, 'password')) : undefined
      if (password && hasSecret(password)) yield { at: password, message: 'the package is published with a token that stays valid until somebody deletes it' }
      const publish = file.scriptOf(step).find(({ text }) => /^(?:npm|pnpm) publish\b(?!.*--registry[= ]https:\/\/npm\.pkg\.github\.com)/.test(text))
      if (!publish) continue
      for (const owner of [step.node, step.job?.node, file.root])
        for (const { key, value } of entriesOf(get(owner, 'env')))
          if ((key.text === 'NODE_AUTH_TOKEN' || key.text === 'NPM_TOKEN') && hasSecret(scalarOf(value))) yield { at: value, message: `${key.text} publishes the package and stays valid until somebody deletes it` }
    }
  },
}
