import { get, scalarOf } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const inheritedSecrets: WorkflowRule = {
  id: 'workflows/inherited-secrets',
  title: 'A reusable workflow gets every secret',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-250',
  fix: 'Name the secrets that the called workflow needs under `secrets`.',
  *examine(file) {
    for (const job of file.jobs) {
      const secrets = scalarOf(get(job.node, 'secrets'))
      if (secrets?.text === 'inherit' && job.uses) yield { at: secrets, message: `${job.uses.node.text} gets every secret that job ${job.id.text} could read`, ...(job.uses.kind === 'local' && { severity: 'low' }) }
    }
  },
}
