import type { WorkflowRule } from '../workflow.ts'

export const unpinnedFirstPartyAction: WorkflowRule = {
  id: 'workflows/unpinned-first-party-action',
  title: "An action of GitHub's own is named by a tag or branch",
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-829',
  fix: 'Name the action by the full commit SHA, with the version in a comment behind it; Dependabot and Renovate keep both up to date.',
  *examine(file, { firstParty }) {
    for (const { uses } of file.steps)
      if (uses?.kind === 'repository' && !uses.isCommit && firstParty.includes(uses.owner.toLowerCase()))
        yield { at: uses.node, message: `${uses.node.text} names no commit: \`${uses.ref}\` can be moved` }
  },
}
