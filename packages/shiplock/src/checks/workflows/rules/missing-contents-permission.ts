import { isCheckout } from '../checkout.ts'
import { get } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const missingContentsPermission: WorkflowRule = {
  id: 'workflows/missing-contents-permission',
  title: 'A job checks out what its token may not read',
  severity: 'low',
  confidence: 'low',
  fix: 'Add `contents: read` to the permissions of the job: a list of scopes takes all others away.',
  *examine(file) {
    for (const job of file.jobs) {
      const own = get(job.node, 'permissions')
      const checkout = job.steps.find((step) => isCheckout(step) && !get(step.with, 'token') && !get(step.with, 'repository') && !get(step.with, 'ssh-key'))
      // `{}` and `contents: none` are meant as they are.
      if (!own || own.kind !== 'mapping' || own.entries.length === 0 || !checkout?.uses || get(own, 'contents')) continue
      yield { at: own, message: `job ${job.id.text} lists no \`contents\`, so its checkout fails in a private repository`, related: [checkout.uses.node] }
    }
  },
}
