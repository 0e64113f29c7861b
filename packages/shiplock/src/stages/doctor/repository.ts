import { posix } from 'node:path'
import { lockDate, lockFileName, parseLock } from '@shiplock/image'
import type { Config } from '../../config/config.ts'
import { readTextFile } from '../../system/files.ts'
import { findInstalled } from '../../system/installed.ts'
import { openStateDirectory } from '../../system/state-directory.ts'
import { listTree } from '../../system/tree-listing.ts'
import { good, type Examination } from './examination.ts'

/** What of the repository a run counts on. */
export async function examineRepository(root: string, config: Config | undefined, { isForCloud }: { readonly isForCloud: boolean }): Promise<readonly Examination[]> {
  const listing = listTree(root)
  if (!listing.ok) return [{ topic: 'repository', name: 'tree', state: 'missing', text: listing.failure.message, ...(listing.failure.hint !== undefined && { mend: listing.failure.hint }) }]
  const { paths, commit, dirty, trackedBeside } = listing.value
  return [
    tree(paths.length, { commit, dirty, isForCloud }),
    state(root),
    ...(trackedBeside.some((path) => path.startsWith('.shiplock/')) ? [{ topic: 'repository', name: 'state', state: 'missing', text: 'git tracks .shiplock, which holds keys and results of one machine', mend: 'git rm -r --cached .shiplock' } as const] : []),
    ...(config ? [await packages(root, config), ...image(root, config, new Set(paths))] : []),
  ].filter((it) => it !== undefined)
}

function tree(files: number, { commit, dirty, isForCloud }: { readonly commit: string | undefined; readonly dirty: boolean | undefined; readonly isForCloud: boolean }): Examination {
  const state = isForCloud ? 'missing' : 'note'
  if (commit === undefined) return { topic: 'repository', name: 'git', state, text: `${files} files and no commit: the cloud takes none that is not committed`, mend: 'git init && git add --all && git commit' }
  return dirty ? { topic: 'repository', name: 'git', state, text: `${commit.slice(0, 12)} with changes that are not committed: good for the local target, refused by the cloud`, mend: 'git commit, or git stash' } : good('repository', 'git', commit.slice(0, 12))
}

function state(root: string): Examination {
  const opened = openStateDirectory(root)
  return opened.ok ? good('repository', 'state', '.shiplock can be written') : { topic: 'repository', name: 'state', state: 'missing', text: opened.failure.message, mend: opened.failure.hint ?? 'rm -r .shiplock' }
}

/** What `types`, `tests` and the build run comes from the repository's own packages. */
async function packages(root: string, config: Config): Promise<Examination | undefined> {
  if (readTextFile(posix.join(root, 'package.json')) === undefined) return undefined
  const needed = 'types' in config.checks ? ['typescript'] : []
  const installed = findInstalled(root)
  const missing = []
  for (const name of needed) if (!(await installed(name, config.service.directory))) missing.push(name)
  return missing.length === 0 ? good('repository', 'packages', 'what checks run is installed') : { topic: 'repository', name: 'packages', state: 'missing', text: `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not installed: types and tests could not look`, mend: 'npm ci (or what your package manager calls it)' }
}

/** A lock that pins what is below Node; without one the image is of this machine's libraries, which only the local target takes. */
function image(root: string, { shipsService, image: { builder, suite } }: Config, paths: ReadonlySet<string>): Examination[] {
  if (!shipsService || builder !== 'assemble') return []
  if (!paths.has(lockFileName)) return [{ topic: 'repository', name: 'image lock', state: 'note', text: `no ${lockFileName}: the image is of this machine's libraries, good for the local target alone`, mend: `shiplock image build --update (needs the Debian archive, ${suite})` }]
  try {
    return [good('repository', 'image lock', `Debian of ${lockDate(parseLock(new TextEncoder().encode(readTextFile(posix.join(root, lockFileName)))))}`)]
  } catch (error) {
    return [{ topic: 'repository', name: 'image lock', state: 'missing', text: error instanceof Error ? error.message : String(error), mend: 'shiplock image build --update' }]
  }
}
