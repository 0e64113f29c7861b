import { isSecret } from '../secrets.ts'
import type { WorkflowRule } from '../workflow.ts'

export const secretInLog: WorkflowRule = {
  id: 'workflows/secret-in-log',
  title: 'A secret is printed into the log',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-532',
  fix: 'Leave the line out; to see whether a secret is set, print its length or compare it with the empty string.',
  *examine(file) {
    for (const step of file.steps) {
      for (const line of file.scriptOf(step)) {
        // What goes into a pipe, a file or a variable is not in the log, nor is what masks it.
        if (!/^(?:echo|printf|Write-Host|Write-Output)\b/i.test(line.text) || /[|>]|::add-mask::/.test(line.text.replaceAll(/\$\{\{.*?\}\}/g, ''))) continue
        const secret = line.expressions.find(({ values }) => values.some(isSecret))
        if (secret) yield { at: line, message: `\`${secret.source}\` goes into the log, where only its exact text is masked: not its base64, nor a part of it` }
      }
    }
  },
}
