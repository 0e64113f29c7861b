import { entryOf, get, scalarOf } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const insecureCommands: WorkflowRule = {
  id: 'workflows/insecure-commands',
  title: 'Whatever a program prints may set variables',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-77',
  fix: 'Remove `ACTIONS_ALLOW_UNSECURE_COMMANDS`, and write to `$GITHUB_ENV` and `$GITHUB_PATH` where a variable is to be set.',
  *examine(file) {
    for (const owner of [file.root, ...file.jobs.map((job) => job.node), ...file.steps.map((step) => step.node)]) {
      const entry = entryOf(get(owner, 'env'), 'ACTIONS_ALLOW_UNSECURE_COMMANDS')
      if (entry && scalarOf(entry.value)?.text.toLowerCase() === 'true') yield { at: entry.key, message: '`ACTIONS_ALLOW_UNSECURE_COMMANDS` lets any line of output, such as a commit message, set variables and PATH' }
    }
  },
}
