import { get, scalarOf } from '../tree.ts'
import { writableScopes } from '../events.ts'
import type { WorkflowRule } from '../workflow.ts'

export const broadPermissions: WorkflowRule = {
  id: 'workflows/broad-permissions',
  title: 'Jobs inherit rights to write that are given to the whole workflow',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-250',
  fix: 'Move the scope to the one job that needs it, and leave `permissions: {}` or `contents: read` at the top.',
  *examine(file) {
    const scopes = writableScopes(file.permissions)
    const [first, ...others] = file.jobs.filter((job) => !get(job.node, 'permissions'))
    if (file.permissions && scopes.length > 0 && first && others.length > 0)
      yield { at: file.permissions, message: `\`${scopes.join('`, `')}\` may be written by job ${first.id.text} and ${others.length} more`, related: others.map((job) => job.id) }
    if (file.permissions && scalarOf(file.permissions)?.text === 'read-all')
      yield { at: file.permissions, message: '`read-all` lets every job read all that the repository has, security alerts and packages too' }
  },
}
