import { scalarsWithin } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const unmaskedSecret: WorkflowRule = {
  id: 'workflows/unmasked-secret',
  title: 'A part of a secret is not masked in the log',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-532',
  fix: 'Make each field a secret of its own: only the whole text of a secret is masked.',
  *examine(file) {
    for (const node of scalarsWithin(file.root))
      for (const expression of file.expressionsIn(node))
        if (expression.calls.some(({ name, arguments: [first] }) => name === 'fromjson' && first?.path?.startsWith('secrets.')) && expression.values.some((path) => /^secrets\.[^.]+\.[^.]/.test(path)))
          yield { at: expression, message: `\`${expression.source}\` is a field of a secret, which GitHub does not mask` }
  },
}
