import { scalarsWithin } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const allSecrets: WorkflowRule = {
  id: 'workflows/all-secrets',
  title: 'Every secret is handed over at once',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-250',
  fix: 'Name the one secret that is needed; where the name is computed, choose among named ones with `case` or `if`.',
  *examine(file) {
    for (const node of scalarsWithin(file.root))
      for (const expression of file.expressionsIn(node)) {
        if (expression.calls.some(({ name, arguments: [first] }) => name === 'tojson' && first?.path === 'secrets')) yield { at: expression, message: `\`${expression.source}\` writes every secret of the repository into one string` }
        else if (expression.paths.includes('secrets.?')) yield { at: expression, message: `\`${expression.source}\` computes the name of a secret, so GitHub gives the runner all of them`, severity: 'low' }
      }
  },
}
