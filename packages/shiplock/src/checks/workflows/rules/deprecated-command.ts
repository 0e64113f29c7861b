import type { WorkflowRule } from '../workflow.ts'

const replacements: Readonly<Record<string, string>> = { 'set-output': 'GITHUB_OUTPUT', 'save-state': 'GITHUB_STATE', 'set-env': 'GITHUB_ENV', 'add-path': 'GITHUB_PATH' }

export const deprecatedCommand: WorkflowRule = {
  id: 'workflows/deprecated-command',
  title: 'A command on standard output that GitHub has withdrawn',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-477',
  fix: 'Write to the file instead: `echo "name=value" >> "$GITHUB_OUTPUT"`.',
  *examine(file) {
    for (const step of file.steps) {
      for (const line of file.scriptOf(step)) {
        const command = /^(?:echo|printf)\b.*?::(set-output|save-state|set-env|add-path)\b/.exec(line.text)?.[1]
        if (command !== undefined) yield { at: line, message: `\`::${command}\` is replaced by the file \`$${replacements[command] ?? ''}\`, since any output could hold it` }
      }
    }
  },
}
