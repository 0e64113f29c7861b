import { scannerOf } from '../scanners.ts'
import { entryOf, get, scalarOf } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const ignoredSecurityStep: WorkflowRule = {
  id: 'workflows/ignored-security-step',
  title: 'A security scan may fail without a consequence',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-754',
  fix: 'Remove `continue-on-error`, and accept what is known in a baseline or a waiver of the scanner.',
  *examine(file) {
    for (const step of file.steps) {
      const scanner = scannerOf(file, step)
      if (scanner === undefined) continue
      for (const owner of [step.node, step.job?.node]) {
        const entry = entryOf(owner, 'continue-on-error')
        if (entry && scalarOf(get(owner, 'continue-on-error'))?.value === true) yield { at: entry.key, message: `what ${scanner} finds, or that it could not run, is ignored` }
      }
    }
  },
}
