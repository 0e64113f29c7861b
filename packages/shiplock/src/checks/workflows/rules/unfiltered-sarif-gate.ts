import { isAction } from '../reference.ts'
import { get, scalarOf } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const unfilteredSarifGate: WorkflowRule = {
  id: 'workflows/unfiltered-sarif-gate',
  title: 'A scan fails on severities that it is told to leave out',
  severity: 'low',
  confidence: 'high',
  fix: 'Add `limit-severities-for-sarif: true`, or scan once for the report and once for the gate.',
  *examine(file) {
    for (const step of file.steps) {
      if (!isAction(step, 'aquasecurity/trivy-action') || scalarOf(get(step.with, 'format'))?.text !== 'sarif') continue
      const severity = scalarOf(get(step.with, 'severity'))
      const exitCode = scalarOf(get(step.with, 'exit-code'))
      const isLimited = scalarOf(get(step.with, 'limit-severities-for-sarif'))
      if (severity && exitCode && exitCode.text !== '0' && (!isLimited || isLimited.text === 'false')) yield { at: severity, message: `with \`format: sarif\` trivy-action does not pass on \`severity: ${severity.text}\`, and \`exit-code\` fails on anything` }
    }
  },
}
