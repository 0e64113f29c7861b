import { get, scalarOf } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const writeAllPermissions: WorkflowRule = {
  id: 'workflows/write-all-permissions',
  title: 'The token may write everything',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-250',
  fix: 'Replace `write-all` by the scopes that the job needs.',
  *examine(file) {
    for (const [owner, name] of [[file.root, 'every job'] as const, ...file.jobs.map((job) => [job.node, `job ${job.id.text}`] as const)]) {
      const value = file.kind === 'workflow' ? scalarOf(get(owner, 'permissions')) : undefined
      if (value?.text === 'write-all') yield { at: value, message: `\`write-all\` lets ${name} write code, releases, packages and deployments` }
    }
  },
}
