import { count, type FindingDraft } from '@shiplock/findings'
import { withoutExcluded } from '../exclusion.ts'
import { unseenFiles } from './rules/unseen-files.ts'
import { finding, textOf, type Tree } from './tree.ts'

/** Where files that are tracked all the same are left out: the outermost such folder. */
const neverSeen = /^(.*?(?:^|\/)(?:\.git|\.shiplock|node_modules))(?:\/|$)/

/**
 * What is committed and in no tree that is checked: installed packages, our own state, other repositories. One finding for
 * each folder, since there may be thousands of files in it.
 */
export async function findUnseen(tree: Tree, exclude: readonly string[]): Promise<FindingDraft[]> {
  const pathsOf = (is: 'tracked' | 'repository') => (tree.unseen ?? []).filter((it) => it.is === is).map(({ path }) => path)
  const folders = Map.groupBy(withoutExcluded(pathsOf('tracked'), exclude).kept, (path) => neverSeen.exec(path)?.[1] ?? path)
  const repositories = withoutExcluded([...new Set([...pathsOf('repository'), ...(await submodules(tree))])], exclude).kept
  return [
    ...[...folders].map(([folder, paths]) => finding(unseenFiles, `${folder} is in the repository (${count(paths.length, 'file')}), and no check looks into it`, paths[0])),
    ...repositories.toSorted().map((path): FindingDraft => ({ ...finding(unseenFiles, `${path} is another repository, and no check looks into it`, tree.has('.gitmodules') ? '.gitmodules' : undefined), severity: 'low' })),
  ]
}

/** As `.gitmodules` names them: of one that was never fetched there is no folder. */
async function submodules(tree: Tree): Promise<string[]> {
  const text = (await textOf(tree, '.gitmodules')) ?? ''
  return text.split('\n').flatMap((line) => /^\s*path\s*=\s*(.*\S)\s*$/i.exec(line.slice(0, 5000))?.[1]?.replace(/^"(.*)"$/, '$1') ?? [])
}
