import { isAction } from '../reference.ts'
import { entriesOf, get, scalarOf } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const appTokenScope: WorkflowRule = {
  id: 'workflows/app-token-scope',
  title: 'A token of a GitHub App may do all that the app may',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-250',
  fix: 'Name what the job does (`permission-contents: read`, …), and where it reaches beyond this repository the `repositories` that it needs.',
  *examine(file) {
    for (const step of file.steps) {
      if (!step.uses || !isAction(step, 'actions/create-github-app-token', 'tibdex/github-app-token')) continue
      const isLimited = entriesOf(step.with).some(({ key }) => key.text.startsWith('permission-') || key.text === 'permissions')
      const owner = get(step.with, 'owner')
      const isEverywhere = owner !== undefined && !get(step.with, 'repositories')
      const keeps = scalarOf(get(step.with, 'skip-token-revoke'))?.text === 'true'
      if (!isLimited) yield { at: step.uses.node, message: `no \`permission-…\` limits the token, so it may do all that the app may${isEverywhere ? ', in every repository of the owner' : ''}` }
      else if (isEverywhere) yield { at: step.uses.node, message: 'no `repositories` limits the token, so it reaches every repository of the owner', severity: 'low' }
      if (keeps) yield { at: step.uses.node, message: '`skip-token-revoke` leaves the token valid after the job', severity: 'low' }
    }
  },
}
