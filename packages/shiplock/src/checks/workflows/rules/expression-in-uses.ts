import { get, scalarOf } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const expressionInUses: WorkflowRule = {
  id: 'workflows/expression-in-uses',
  title: 'What runs is computed',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-829',
  fix: 'Write the action and its commit as they are; GitHub reads no expression there.',
  *examine(file) {
    for (const owner of [...file.jobs, ...file.steps]) {
      const uses = scalarOf(get(owner.node, 'uses'))
      if (uses?.text.includes('${{')) yield { at: uses, message: `\`${uses.text}\`: GitHub reads no expression in \`uses\`, and nobody could review what would run` }
    }
  },
}
