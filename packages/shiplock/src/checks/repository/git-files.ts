import type { FindingDraft } from '@shiplock/findings'
import type { Manifests } from './manifests.ts'
import { gitignoreEnv } from './rules/gitignore-env.ts'
import { gitignoreNodeModules } from './rules/gitignore-node-modules.ts'
import { leavesOut } from './ignore-file.ts'
import { baseName, finding, isSample, textOf, type Tree } from './tree.ts'

export async function findGitGaps(tree: Tree, manifests: Manifests): Promise<FindingDraft[]> {
  const manifest = manifests.get('package.json')
  if (!manifest) return []
  const ignored = (await textOf(tree, '.gitignore')) ?? ''
  const path = tree.has('.gitignore') ? '.gitignore' : 'package.json'
  const findings: FindingDraft[] = []
  if (!leavesOut(ignored, /^(?:(?:\*\*\/)?node_modules|\*)$/)) findings.push(finding(gitignoreNodeModules, 'git is not told to ignore node_modules', path))
  const isService = manifest['private'] === true || tree.paths.some((other) => baseName(other) === 'Dockerfile' && !isSample(other))
  if (isService && !leavesOut(ignored, /^(?:\*\*\/)?(?:\.env(?:\*|\.\*|\*\.\*)?|\*\.env|\*|\.\*)$/)) findings.push(finding(gitignoreEnv, 'git is not told to ignore .env', path))
  return findings
}
