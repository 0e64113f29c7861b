import { get, scalarOf } from '../tree.ts'
import type { WorkflowFile, WorkflowRule } from '../workflow.ts'

export const inputInjection: WorkflowRule = {
  id: 'workflows/input-injection',
  title: 'An input that a caller chooses becomes part of a shell script',
  severity: 'low',
  confidence: 'medium',
  cwe: 'CWE-94',
  fix: 'Hand the input over in `env` and use the variable, quoted: a caller may pass on what a stranger wrote.',
  *examine(file) {
    for (const { run } of file.steps) {
      if (!run) continue
      const named = new Set<string>()
      for (const expression of file.expressionsIn(run)) {
        const name = expression.values.flatMap((path) => /^inputs\.([^.?*]+)$/.exec(path)?.[1] ?? []).find((input) => isText(file, input))
        if (name === undefined || named.has(name)) continue
        named.add(name)
        yield { at: expression, message: `the input \`${name}\` is pasted into the script before the shell reads it` }
      }
    }
  },
}

/** Inputs of an action are text; those of a reusable workflow say what they are. One of both kinds is not judged. */
function isText(file: WorkflowFile, name: string): boolean {
  if (file.kind === 'action') return true
  if (!file.events.has('workflow_call') || file.events.has('workflow_dispatch')) return false
  const inputs = get(file.events.get('workflow_call'), 'inputs')
  const input = inputs?.kind === 'mapping' ? inputs.entries.find(({ key }) => key.text.toLowerCase() === name)?.value : undefined
  return scalarOf(get(input, 'type'))?.text === 'string'
}
