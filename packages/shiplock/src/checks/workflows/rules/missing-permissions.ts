import type { WorkflowRule } from '../workflow.ts'

export const missingPermissions: WorkflowRule = {
  id: 'workflows/missing-permissions',
  title: 'Nothing limits what the token of a job may do',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-250',
  fix: 'Write `permissions: {}` at the top of the workflow and give each job the scopes that it needs.',
  *examine(file) {
    if (file.kind !== 'workflow' || file.permissions) return
    // What only others call runs with what the caller gives.
    if (file.events.size === 1 && file.events.has('workflow_call')) return
    const open = file.jobs.filter((job) => !job.permissions)
    const [first, ...others] = open
    if (!first) return
    yield { at: first.id, message: `job ${first.id.text}${others.length === 0 ? ' gets' : ` and ${others.length} more get`} whatever the repository's default token may do`, related: others.map((job) => job.id) }
  },
}
