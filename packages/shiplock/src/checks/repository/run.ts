import type { FindingDraft } from '@shiplock/findings'
import type { CheckContext, CheckOutcome } from '../check.ts'
import { filesSummary, unlessAllExcluded, withoutExcluded } from '../exclusion.ts'
import { findContainerGaps } from './container-files.ts'
import type { RepositoryOptions } from './index.ts'
import { findByName, findLinksOut } from './file-names.ts'
import { findGitGaps } from './git-files.ts'
import { findManifestGaps, readManifests } from './manifests.ts'
import { findOwnerGaps } from './owners.ts'
import { findSkippedTls } from './skipped-tls.ts'
import type { Tree } from './tree.ts'
import { findUnseen } from './unseen.ts'

export async function run({ files, options }: CheckContext<RepositoryOptions>): Promise<CheckOutcome> {
  const exclusion = withoutExcluded(files.paths, options.exclude)
  const nothing = unlessAllExcluded('repository', exclusion)
  if (nothing) return nothing
  const { kept: paths } = exclusion
  const known = new Set(paths)
  const tree: Tree = { ...files, paths, has: (path) => known.has(path) }
  const { manifests, findings: unparsable } = await readManifests(tree)
  const findings: FindingDraft[] = [
    ...unparsable,
    ...findByName(tree),
    ...(await findLinksOut(tree)),
    ...(await findUnseen(tree, options.exclude)),
    ...findManifestGaps(tree, manifests),
    ...(await findGitGaps(tree, manifests)),
    ...(await findContainerGaps(tree)),
    ...(await findOwnerGaps(tree)),
    ...(await findSkippedTls(tree, manifests)),
  ]
  return { kind: 'completed', findings, summary: filesSummary(exclusion, 'no files') }
}
