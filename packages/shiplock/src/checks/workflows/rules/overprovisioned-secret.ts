import { isSecret } from '../secrets.ts'
import { entriesOf, get, scalarOf } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const overprovisionedSecret: WorkflowRule = {
  id: 'workflows/overprovisioned-secret',
  title: 'Every step of the workflow gets a secret',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-250',
  fix: 'Move the variable into `env` of the step that uses it.',
  *examine(file) {
    const steps = file.steps.length
    if (file.kind !== 'workflow' || steps < 2) return
    for (const { key, value } of entriesOf(get(file.root, 'env'))) {
      const node = scalarOf(value)
      const secret = node && file.expressionsIn(node).flatMap(({ values }) => values).find((path) => isSecret(path) || path === 'secrets.github_token')
      if (node && secret !== undefined) yield { at: node, message: `${key.text} gives \`${secret.slice('secrets.'.length).toUpperCase()}\` to all ${steps} steps, with every action among them`, ...(secret === 'secrets.github_token' && { severity: 'low' }) }
    }
  },
}
