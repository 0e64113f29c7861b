import { join, posix } from 'node:path'
import type { Component } from '@shiplock/advisories'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import type { BlobStore, KeptFile } from '../../system/blob-store.ts'
import { installedEntries, StrangeLinkError } from '../../system/installed-tree.ts'
import { readFromSnapshot, type Snapshot } from '../../system/snapshot.ts'
import { refused, type ServiceLock } from './lock.ts'
import { neededWorkspaces } from './needed-workspaces.ts'
import type { InstalledPackage, ProductionPackages } from './production-packages.ts'
import { workspaceFiles } from './workspace-package.ts'

export interface KeepInput {
  readonly lock: ServiceLock
  readonly snapshot: Snapshot
  readonly blobs: BlobStore
  /** Where the package manager installed them: the folder of the lock file. */
  readonly installed: string
}

/**
 * Keeps the files of installed packages by content, where Node finds them in the image as it does in the tree. Nothing but
 * what the lock file names: a package manager that was led to install another is found out here.
 */
export function keepPackages(input: KeepInput): Result<ProductionPackages, StageFailure> {
  try {
    const kept = new Keeper(input)
    const failure = kept.keep()
    return failure ? fail(failure) : ok(kept.result())
  } catch (error) {
    if (error instanceof StrangeLinkError) return fail(refused(error.message))
    throw error
  }
}

/** Of what a package manager may write: more than any service that fits Cloud Run needs. */
const mostBytes = 4e9
const mostFiles = 400_000

class Keeper {
  readonly #input: KeepInput
  readonly #needed: ReadonlySet<string>
  readonly #locked: ReadonlyMap<string, Component>
  readonly #files: KeptFile[] = []
  readonly #links: { path: string; target: string }[] = []
  readonly #packages: InstalledPackage[] = []
  #bytes = 0

  constructor(input: KeepInput) {
    this.#input = input
    this.#needed = neededWorkspaces(input.lock)
    this.#locked = new Map(input.lock.lock.components.map((component) => [`${component.name}@${component.version}`, component]))
  }

  keep(): StageFailure | undefined {
    const { lock } = this.#input
    for (const folder of new Set([lock.service, '', ...this.#needed])) {
      const failure = (this.#needed.has(folder) && folder !== lock.service ? this.#keepWorkspace(folder) : undefined) ?? this.#keepModules(folder)
      if (failure) return failure
    }
    return undefined
  }

  result(): ProductionPackages {
    const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1)
    return { files: this.#files.toSorted(byPath), links: this.#links.toSorted(byPath), packages: this.#packages.toSorted(byPath) }
  }

  #keepModules(folder: string): StageFailure | undefined {
    const { lock, blobs, installed } = this.#input
    const modules = posix.join(placeOf(lock, folder), 'node_modules')
    for (const entry of installedEntries(installed, join(folder, 'node_modules'))) {
      const path = posix.join(modules, entry.path)
      const failure = entry.kind === 'file' ? this.#add(blobs.keepFile(entry.file, path)) : entry.kind === 'package' ? this.#addPackage(entry.manifest, path) : this.#link(entry.folder, path)
      if (failure) return failure
    }
    return undefined
  }

  #add(file: KeptFile): StageFailure | undefined {
    this.#bytes += file.size
    if (this.#bytes > mostBytes || this.#files.length >= mostFiles) return refused(`the production packages are more than ${mostBytes / 1e9} GB or ${mostFiles} files`)
    this.#files.push(file)
    return undefined
  }

  #addPackage(manifest: string, path: string): StageFailure | undefined {
    const named = namedBy(manifest)
    const component = named && this.#locked.get(named)
    if (!component) return refused(`${path} was installed as ${named ?? 'a package without a name'}, which ${this.#input.lock.name} does not have`)
    const { name, version, purl, integrity, resolved, licence } = component
    this.#packages.push({ name, version, purl, path, ...(integrity !== undefined && { integrity }), ...(resolved !== undefined && { resolved }), ...(licence !== undefined && { licence }) })
    return undefined
  }

  #link(folder: string, path: string): StageFailure | undefined {
    const { lock } = this.#input
    if (!lock.manifests.has(folder)) return refused(`${path} leads to ${folder}, which is no workspace`)
    // Package managers link workspaces that nobody asked for, and the service itself.
    if (this.#needed.has(folder) && folder !== lock.service) this.#links.push({ path, target: posix.relative(posix.dirname(path), placeOf(lock, folder)) })
    return undefined
  }

  #keepWorkspace(folder: string): StageFailure | undefined {
    const { lock, snapshot, blobs } = this.#input
    const inTree = posix.join(lock.folder, folder)
    const listed = workspaceFiles(snapshot, inTree)
    if (!listed.ok) return listed.failure
    for (const name of listed.value) {
      const content = readFromSnapshot(snapshot, posix.join(inTree, name))
      if (!content.ok) return content.failure
      const failure = this.#add({ path: posix.join(placeOf(lock, folder), name), digest: blobs.put(content.value), size: content.value.length, isExecutable: snapshot.files.get(posix.join(inTree, name))?.mode === 'executable' })
      if (failure) return failure
    }
    return undefined
  }
}

/**
 * Where a folder of the lock file's is in the image. The service is `/app`; the packages of a folder above it are where Node
 * looks next, and other workspaces aside, where none of their names can be one of the system's.
 */
function placeOf({ service }: ServiceLock, folder: string): string {
  if (folder === service) return 'app'
  if (service === '') return posix.join('app', folder)
  return folder === '' ? '' : posix.join('workspaces', folder)
}

function namedBy(manifest: string): string | undefined {
  try {
    const { name, version }: { name?: unknown; version?: unknown } = JSON.parse(manifest)
    return typeof name === 'string' && typeof version === 'string' ? `${name}@${version}` : undefined
  } catch {
    // Whoever published it wrote something that is no JSON: then nothing says what it is.
    return undefined
  }
}
