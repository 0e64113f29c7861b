import { actionOf, majorOf } from '../reference.ts'
import { get, scalarOf } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

/** The last version that GitHub or its authors have switched off or given up, with what takes its place. */
const retired: Readonly<Record<string, readonly [last: number, instead: string]>> = {
  'actions/upload-artifact': [3, 'v4 or later'],
  'actions/download-artifact': [3, 'v4 or later'],
  'actions/cache': [2, 'v4 or later'],
  'actions/cache/restore': [2, 'v4 or later'],
  'actions/cache/save': [2, 'v4 or later'],
  'actions/checkout': [2, 'a version on a Node.js that runners still have'],
  'actions/setup-node': [2, 'a version on a Node.js that runners still have'],
  'actions/setup-python': [2, 'a version on a Node.js that runners still have'],
  'actions/github-script': [5, 'a version on a Node.js that runners still have'],
  'actions/upload-pages-artifact': [2, 'v3 or later'],
  'actions/deploy-pages': [3, 'v4 or later'],
  'github/codeql-action/init': [2, 'v3 or later'],
  'github/codeql-action/analyze': [2, 'v3 or later'],
  'github/codeql-action/autobuild': [2, 'v3 or later'],
  'github/codeql-action/upload-sarif': [2, 'v3 or later'],
  'google-github-actions/setup-gcloud': [0, 'google-github-actions/auth'],
}

/** Whose repositories are archived: nobody mends them. */
const archived: Readonly<Record<string, string>> = {
  'actions/create-release': '`gh release create`',
  'actions/upload-release-asset': '`gh release upload`',
  'actions/setup-ruby': 'ruby/setup-ruby',
  'actions-rs/toolchain': '`rustup toolchain install`',
  'actions-rs/cargo': '`cargo` itself',
  'actions-rs/clippy-check': '`cargo clippy`',
  'actions-rs/audit-check': 'rustsec/audit-check',
  'returntocorp/semgrep-action': 'the image semgrep/semgrep',
  'aquasecurity/tfsec-action': 'aquasecurity/trivy-action',
}

export const deprecatedAction: WorkflowRule = {
  id: 'workflows/deprecated-action',
  title: 'An action that nobody keeps',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-1104',
  fix: 'Move to the version or the action that has taken its place.',
  *examine(file) {
    const using = file.kind === 'action' ? scalarOf(get(get(file.root, 'runs'), 'using')) : undefined
    if (using && /^node1[26]$/.test(using.text)) yield { at: using, message: `the action runs on ${using.text}, which runners no longer have`, fix: 'Move to `using: node24`.' }
    for (const { uses } of file.steps) {
      const action = actionOf(uses)
      if (!uses || action === undefined) continue
      const [last, instead] = retired[action] ?? []
      const major = majorOf(uses)
      if (archived[action] !== undefined) yield { at: uses.node, message: `${uses.node.text} is archived: nobody mends it`, fix: `Use ${archived[action]} instead.` }
      else if (last !== undefined && instead !== undefined && major !== undefined && major <= last) yield { at: uses.node, message: `${uses.node.text} is retired`, fix: `Move to ${instead}.` }
    }
  },
}
