import type { FindingDraft } from '@shiplock/findings'
import type { Manifests } from './manifests.ts'
import { gitignoreEnv } from './rules/gitignore-env.ts'
import { gitignoreNodeModules } from './rules/gitignore-node-modules.ts'
import { leavesOut } from './ignore-file.ts'
import { appended, baseName, finding, isSample, textOf, type Tree } from './tree.ts'

export async function findGitGaps(tree: Tree, manifests: Manifests): Promise<FindingDraft[]> {
  const manifest = manifests.get('package.json')
  if (!manifest) return []
  const before = await textOf(tree, '.gitignore')
  const ignored = before ?? ''
  const path = tree.has('.gitignore') ? '.gitignore' : 'package.json'
  const findings: FindingDraft[] = []
  const adding = (line: string) => (before === undefined ? {} : { edits: [appended('.gitignore', before, line)] })
  if (!leavesOut(ignored, /^(?:(?:\*\*\/)?node_modules|\*)$/)) findings.push({ ...finding(gitignoreNodeModules, 'git is not told to ignore node_modules', path), ...adding('node_modules/') })
  const isService = manifest['private'] === true || tree.paths.some((other) => baseName(other) === 'Dockerfile' && !isSample(other))
  if (isService && !leavesOut(ignored, /^(?:\*\*\/)?(?:\.env(?:\*|\.\*|\*\.\*)?|\*\.env|\*|\.\*)$/)) findings.push({ ...finding(gitignoreEnv, 'git is not told to ignore .env', path), ...adding('.env') })
  return findings
}
