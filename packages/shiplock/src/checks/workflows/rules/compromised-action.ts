import { compromised, isMaliciousCommit } from '../compromised.ts'
import { actionOf } from '../reference.ts'
import type { WorkflowRule } from '../workflow.ts'

export const compromisedAction: WorkflowRule = {
  id: 'workflows/compromised-action',
  title: 'An action whose tags were moved to malicious code is named by a tag or branch',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-506',
  fix: 'Name a version from after the incident by its full commit SHA, or use another tool; rotate the secrets of runs from its time.',
  *examine(file) {
    for (const { uses } of file.steps) {
      const incident = compromised.get(actionOf(uses) ?? '')
      if (!incident || uses?.kind !== 'repository') continue
      if (isMaliciousCommit(uses)) yield { at: uses.node, message: `${uses.node.text} is the malicious commit itself`, severity: 'critical' }
      else if (!uses.isCommit) {
        const wasMoved = !incident.isSafe(uses.ref)
        yield { at: uses.node, message: `${uses.node.text}: tags of ${uses.owner}/${uses.name} were moved to a credential stealer ${incident.when}, and \`${uses.ref}\` ${wasMoved ? 'can be moved again' : 'is from after it, yet not a commit'}`, ...(!wasMoved && { severity: 'medium' }) }
      }
    }
  },
}
