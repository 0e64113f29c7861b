import { privilegedEvents } from '../events.ts'
import { actionOf } from '../reference.ts'
import { get, scalarOf } from '../tree.ts'
import { writtenByStranger } from '../attacker.ts'
import type { WorkflowRule } from '../workflow.ts'

/** Inputs that an action runs as code. */
const codeInputs: Readonly<Record<string, readonly string[]>> = {
  'actions/github-script': ['script'],
  'azure/cli': ['inlinescript'],
  'azure/powershell': ['inlinescript'],
  'appleboy/ssh-action': ['script'],
  'nick-fields/retry': ['command'],
  'nick-invision/retry': ['command'],
  'cypress-io/github-action': ['command'],
  'docker/metadata-action': [],
  'jannekem/run-python-script-action': ['script'],
  'mikefarah/yq': ['cmd'],
  'addnab/docker-run-action': ['run'],
  'reactivecircus/android-emulator-runner': ['script'],
}

export const scriptInjection: WorkflowRule = {
  id: 'workflows/script-injection',
  title: "A stranger's text becomes part of a script that an action runs",
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-94',
  fix: 'Hand the value over in `env` and read it there (`process.env.TITLE`), or take it from `context.payload`.',
  *examine(file) {
    const isPrivileged = file.kind === 'action' || privilegedEvents(file).length > 0
    for (const step of file.steps) {
      for (const name of codeInputs[actionOf(step.uses) ?? ''] ?? []) {
        const script = scalarOf(step.with?.kind === 'mapping' ? step.with.entries.find(({ key }) => key.text.toLowerCase() === name)?.value : get(step.with, name))
        if (!script) continue
        for (const expression of file.expressionsIn(script))
          if (writtenByStranger(file, step, expression) !== undefined)
            yield { at: expression, message: `\`${expression.source}\` is pasted into \`${name}\` of ${actionOf(step.uses)} before it runs, so whoever writes it runs code`, ...(!isPrivileged && { severity: 'medium' }) }
      }
    }
  },
}
