import { isCheckout, keepsCredentials } from '../checkout.ts'
import { isSecret } from '../secrets.ts'
import { get, scalarOf } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const personalAccessToken: WorkflowRule = {
  id: 'workflows/personal-access-token',
  title: 'A checkout leaves a token of a person in the clone',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-522',
  fix: 'Add `persist-credentials: false`, and use a GitHub App token (`actions/create-github-app-token`) that is limited to what the job does.',
  *examine(file) {
    for (const step of file.steps) {
      const token = scalarOf(get(step.with, 'token'))
      if (!isCheckout(step) || !keepsCredentials(step) || !token) continue
      const [expression] = file.expressionsIn(token)
      const secret = expression?.values.find(isSecret)
      if (expression && secret !== undefined) yield { at: token, message: `\`${expression.source}\` is not the token of this run: it outlives the job, and every later step can read it from the clone` }
    }
  },
}
