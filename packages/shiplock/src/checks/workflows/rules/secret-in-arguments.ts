import { isSecret } from '../secrets.ts'
import type { WorkflowRule } from '../workflow.ts'

export const secretInArguments: WorkflowRule = {
  id: 'workflows/secret-in-arguments',
  title: 'A secret is pasted into a command',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-214',
  fix: 'Hand the secret over in `env` of the step, and let the program read the variable or its standard input.',
  *examine(file) {
    for (const step of file.steps) {
      for (const line of file.scriptOf(step)) {
        // Built into the shell: these start no program with the secret among its arguments.
        if (/^(?:echo|printf|export|\w+=|if\b|\[|test\b|cat\s*<<|Write-|\$)/i.test(line.text)) continue
        if (!/^[\w./~"-]+\s/.test(line.text)) continue
        const secret = line.expressions.find(({ values }) => values.some(isSecret))
        if (secret && !isRedirected(line.text, secret.source)) yield { at: secret, message: `\`${secret.source}\` is an argument of \`${/^\S+/.exec(line.text)?.[0] ?? ''}\`, which every process of the machine can read` }
      }
    }
  },
}

const isRedirected = (line: string, source: string) => (line.split(source)[0] ?? '').includes('<<<')
