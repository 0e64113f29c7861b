import type { WorkflowRule } from '../workflow.ts'
import { compromised } from '../compromised.ts'
import { actionOf } from '../reference.ts'

export const unpinnedAction: WorkflowRule = {
  id: 'workflows/unpinned-action',
  title: 'An action of somebody else is named by a tag or branch',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-829',
  fix: 'Name the action by the full commit SHA, with the version in a comment behind it; Dependabot and Renovate keep both up to date.',
  *examine(file, { firstParty }) {
    for (const { uses } of file.steps) {
      if (uses?.kind !== 'repository' || uses.isCommit || firstParty.includes(uses.owner.toLowerCase())) continue
      if (compromised.has(actionOf(uses) ?? '')) continue
      yield { at: uses.node, message: `${uses.node.text} runs whatever ${uses.owner} moves \`${uses.ref}\` to` }
    }
  },
}
