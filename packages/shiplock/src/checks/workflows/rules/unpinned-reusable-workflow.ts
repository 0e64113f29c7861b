import type { WorkflowRule } from '../workflow.ts'

export const unpinnedReusableWorkflow: WorkflowRule = {
  id: 'workflows/unpinned-reusable-workflow',
  title: 'A reusable workflow of another repository is named by a tag or branch',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-829',
  fix: 'Name the workflow by the full commit SHA, with the version in a comment behind it.',
  *examine(file, { firstParty }) {
    for (const { uses } of file.jobs) {
      if (uses?.kind !== 'repository' || uses.isCommit) continue
      // The generators of SLSA provenance can only be verified when they are named by a tag.
      if (uses.owner === 'slsa-framework' && uses.name === 'slsa-github-generator') continue
      yield { at: uses.node, message: `${uses.node.text} runs whatever \`${uses.ref}\` is moved to, with the permissions and secrets of this job`, ...(firstParty.includes(uses.owner.toLowerCase()) && { severity: 'low' }) }
    }
  },
}
