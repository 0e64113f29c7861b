import { basename, dirname, posix } from 'node:path'
import { largestLockFile, readLockFile, readManifest, type LockFile, type Manifest } from '@shiplock/advisories'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { readFromSnapshot, type Snapshot } from '../../system/snapshot.ts'

/** The package manager that wrote a lock file; the two Yarns have nothing in common but the name. */
export type Manager = 'npm' | 'pnpm' | 'yarn' | 'yarn-classic'

/** The lock file that the service is installed from, and the manifests that it speaks of. */
export interface ServiceLock {
  readonly manager: Manager
  /** Relative to the root of the tree; `''` is the root. */
  readonly folder: string
  readonly name: string
  readonly text: string
  readonly lock: LockFile
  /** Of the service, relative to `folder`; `''` where the lock file is beside its package.json. */
  readonly service: string
  /** Folders with a package.json that the lock file speaks of, relative to `folder`, and their text. */
  readonly manifests: ReadonlyMap<string, string>
}

const names: readonly (readonly [name: string, manager: 'npm' | 'pnpm' | 'yarn'])[] = [
  ['npm-shrinkwrap.json', 'npm'],
  ['package-lock.json', 'npm'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
]

/** Finds the lock file in the service's folder or the nearest above. Fails with a sentence where there is none, or two. */
export async function findLock(snapshot: Snapshot, directory: string): Promise<Result<ServiceLock, StageFailure>> {
  const service = directory === '.' ? '' : directory
  const folder = foldersUp(service).find((it) => [...names.map(([name]) => name), 'bun.lock', 'bun.lockb'].some((name) => snapshot.files.has(posix.join(it, name))))
  if (folder === undefined) return fail(refused('there is no lock file to install from', 'commit the one that your package manager writes; or bundle the service and set image.dependencies to `none`'))
  const here = names.filter(([name]) => snapshot.files.has(posix.join(folder, name)))
  const managers = new Set(here.map(([, manager]) => manager))
  const [first] = here
  if (!first) return fail(refused(`${posix.join(folder, 'bun.lock')} is of Bun, which is not known to install without running what it installs`, 'bundle the service and set image.dependencies to `none`, or build the image from a Dockerfile'))
  if (managers.size > 1) return fail(refused(`${folder === '' ? 'the root' : folder} has lock files of ${[...managers].join(' and ')}`, 'keep the one of the package manager that you use'))
  return readLock(snapshot, { folder, name: first[0], manager: first[1], service: posix.relative(folder, service) })
}

async function readLock(snapshot: Snapshot, { folder, name, manager, service }: Pick<ServiceLock, 'folder' | 'name' | 'service'> & { readonly manager: 'npm' | 'pnpm' | 'yarn' }): Promise<Result<ServiceLock, StageFailure>> {
  const path = posix.join(folder, name)
  const file = snapshot.files.get(path)
  if (file?.mode === 'symlink' || (file?.size ?? 0) > largestLockFile) return fail(refused(`${path} is no file of a size that lock files have`))
  const text = textOf(snapshot, path)
  if (!text.ok) return text
  const parsed = new Map<string, Manifest>()
  const texts = new Map<string, string>()
  for (const manifest of manifestsBelow(snapshot, folder)) {
    const content = textOf(snapshot, manifest)
    if (!content.ok) return content
    const read = readManifest(content.value)
    const at = posix.relative(folder, dirname(manifest))
    // One that nobody asks for may be broken: it is missed below where it is needed.
    if (!read.ok) continue
    parsed.set(at, read.value)
    texts.set(at, content.value)
  }
  const lock = await readLockFile(name, text.value, parsed)
  if (!lock.ok) return fail(refused(`${path}: ${lock.failure}`))
  const wanted = new Set(['', service, ...lock.value.workspaces])
  const manifests = new Map([...texts].filter(([at]) => wanted.has(at)))
  if (!manifests.has(service)) return fail(refused(`${posix.join(folder, service, 'package.json')} is not there, or is no JSON object`))
  if (!lock.value.workspaces.has(service)) return fail(refused(`${path} does not speak of ${service}`, `make it a workspace of ${folder === '' ? 'the root' : folder}, or give it a lock file of its own`))
  return ok({ manager: manager === 'yarn' && !/^__metadata:/m.test(text.value) ? 'yarn-classic' : manager, folder, name, text: text.value, lock: lock.value, service, manifests })
}

/** Those of folders with a lock file of their own belong to that. */
const manifestsBelow = ({ files }: Snapshot, folder: string): string[] => {
  const paths = [...files.keys()].filter((path) => folder === '' || path.startsWith(`${folder}/`))
  const locked = paths.filter((path) => names.some(([name]) => name === basename(path))).map((path) => dirname(path))
  const nearer = locked.filter((it) => it !== (folder === '' ? '.' : folder))
  return paths.filter((path) => basename(path) === 'package.json' && files.get(path)?.mode !== 'symlink' && !nearer.some((it) => path.startsWith(`${it}/`)))
}

function foldersUp(folder: string): string[] {
  if (folder === '') return ['']
  const above = posix.dirname(folder)
  return [folder, ...foldersUp(above === '.' ? '' : above)]
}

function textOf(snapshot: Snapshot, path: string): Result<string, StageFailure> {
  const content = readFromSnapshot(snapshot, path)
  return content.ok ? ok(content.value.toString('utf8')) : content
}

/** Why production packages cannot be had from this tree. */
export const refused = (message: string, hint?: string): StageFailure => ({ reason: 'packages-not-installed', message, ...(hint !== undefined && { hint }) })
