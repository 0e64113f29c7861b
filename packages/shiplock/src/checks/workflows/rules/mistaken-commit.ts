import { knownCommits } from '../known-commits.ts'
import type { WorkflowRule } from '../workflow.ts'

export const mistakenCommit: WorkflowRule = {
  id: 'workflows/mistaken-commit',
  title: 'An action is pinned to a commit that is another version, or another action',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-829',
  fix: 'Take the commit that the tag of the version names in the action\'s own repository: `git ls-remote https://github.com/OWNER/NAME refs/tags/VERSION`.',
  *examine(file) {
    for (const { uses } of file.steps) {
      if (uses?.kind !== 'repository' || !uses.isCommit) continue
      const known = knownCommits.get(uses.ref.toLowerCase())
      if (!known) continue
      const named = `${uses.owner}/${uses.name}`
      // GitHub finds a commit of a fork by the name of the repository that was forked.
      if (known.repository !== named.toLowerCase()) yield { at: uses.node, message: `the commit of ${named} is ${known.repository} ${known.version}`, severity: 'high' }
      else {
        const said = /^[^\n]*?#\s*(v?\d[\w.]*)/.exec(file.text.slice(uses.node.end))?.[1]
        if (said !== undefined && !isVersionOf(said, known.version)) yield { at: uses.node, message: `the comment says ${said}, and the commit of ${named} is ${known.version}`, severity: 'low' }
      }
    }
  },
}

/** `v4` and `4.1` are said of v4.1.2 as well. */
const isVersionOf = (said: string, version: string) => `${version.replace(/^v/, '')}.`.startsWith(`${said.replace(/^v/, '')}.`)
