import { privilegedEvents } from '../events.ts'
import { writtenByStranger } from '../attacker.ts'
import type { WorkflowRule } from '../workflow.ts'

export const templateInjection: WorkflowRule = {
  id: 'workflows/template-injection',
  title: "A stranger's text becomes part of a shell script",
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-94',
  fix: 'Hand the value over in `env` and use the variable, quoted: the shell then never reads it as code.',
  *examine(file) {
    const isPrivileged = file.kind === 'action' || privilegedEvents(file).length > 0
    for (const step of file.steps) {
      if (!step.run) continue
      for (const expression of file.expressionsIn(step.run)) {
        const path = writtenByStranger(file, step, expression)
        if (path !== undefined) yield { at: expression, message: `\`${expression.source}\` is pasted into the script before the shell reads it, so whoever writes it runs commands`, ...(!isPrivileged && { severity: 'medium' }) }
      }
    }
  },
}
