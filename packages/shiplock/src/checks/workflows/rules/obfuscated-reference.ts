import { get, scalarOf } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const obfuscatedReference: WorkflowRule = {
  id: 'workflows/obfuscated-reference',
  title: 'What runs is written so that it is not recognised',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-506',
  fix: 'Write the name as everybody does: `owner/name/path@commit`, without `.`, `..` and empty parts.',
  *examine(file) {
    for (const owner of [...file.jobs, ...file.steps]) {
      const uses = scalarOf(get(owner.node, 'uses'))
      if (!uses || uses.text.includes('${{') || uses.text.startsWith('docker://')) continue
      const [path = ''] = uses.text.replace(/^\.\//, '').split('@', 1)
      if (path.split('/').some((part, index, all) => part === '' ? index < all.length - 1 : part === '.' || part === '..')) yield { at: uses, message: `\`${uses.text}\` names what it runs by a detour, which lists of allowed and of bad actions do not see` }
    }
  },
}
