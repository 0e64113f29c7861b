import { get, scalarOf } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const alwaysTrueCondition: WorkflowRule = {
  id: 'workflows/always-true-condition',
  title: 'A condition that is always true',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-571',
  fix: 'Put the whole condition into one `${{ }}`, or leave the braces out, with nothing before or behind.',
  *examine(file) {
    for (const owner of [...file.jobs, ...file.steps]) {
      const node = scalarOf(get(owner.node, 'if'))
      if (!node || !node.text.includes('${{')) continue
      const isWhole = file.expressionsIn(node).length === 1 && node.text.startsWith('${{') && node.text.endsWith('}}')
      if (!isWhole && file.condition(owner)?.isValid)
        yield { at: node, message: node.text.startsWith('${{') && node.text.trimEnd().endsWith('}}') && file.expressionsIn(node).length === 1 ? 'a line break behind `}}` makes the condition a text that is not empty, which is always true' : '`${{ }}` beside other text makes the condition a text that is not empty, which is always true' }
    }
  },
}
