import { fail, ok, type Result } from '@shiplock/findings'
import { purlOf } from '../component.ts'
import type { LockDocument } from '../lock-document.ts'
import { readLockDocument } from '../lock-file.ts'
import type { Hash, SbomComponent } from './sbom-component.ts'

/** A lock file with its name: what a bundle was made from is installed by it. */
export interface LockText {
  /** Of the repository, or of the image. */
  readonly path: string
  readonly text: string
  /** The folder of the workspace whose packages are meant; all workspaces where it is absent. `.` is the folder of the lock file. */
  readonly workspace?: string
}

/** What a lock file installs without development, and what each of them needs. A bundle holds these or fewer. */
export async function lockedComponents({ path, text, workspace }: LockText): Promise<Result<readonly { readonly component: SbomComponent; readonly depends: readonly string[] }[], string>> {
  const read = await readLockDocument(path.slice(path.lastIndexOf('/') + 1), text)
  if (!read.ok) return fail(read.failure)
  const document = read.value
  const purlAt = (key: string) => {
    const entry = document.entries.get(key)
    return entry === undefined || entry.isWorkspace ? undefined : purlOf(entry.name, entry.version)
  }
  return ok(
    [...reachedBy(document, workspace)].flatMap(([key, needs]) => {
      const [entry, purl] = [document.entries.get(key), purlAt(key)]
      if (entry === undefined || purl === undefined) return []
      const component: SbomComponent = { ref: purl, type: 'library', name: entry.name, version: entry.version, purl, licences: entry.licence === undefined ? [] : [entry.licence], hashes: hashesOf(entry.integrity), locations: [{ path }] }
      return [{ component, depends: needs.flatMap((it) => purlAt(it) ?? []) }]
    }),
  )
}

/** Everything that what the repository asks for leads to without development, with what each of it asks for. */
function reachedBy(document: LockDocument, workspace: string | undefined): Map<string, string[]> {
  const reached = new Map<string, string[]>()
  const queue: string[] = []
  for (const [folder, { dependencies }] of document.roots) {
    if (workspace !== undefined && folder !== (workspace === '.' ? '' : workspace)) continue
    for (const [name, { range, isDev }] of dependencies) {
      const key = isDev ? undefined : document.resolve(folder, name, range)
      if (key !== undefined) queue.push(key)
    }
  }
  for (let next = 0; next < queue.length; next += 1) {
    const key = queue[next] ?? ''
    if (reached.has(key)) continue
    const needs = [...(document.entries.get(key)?.dependencies ?? [])].flatMap(([name, { range, isDev }]) => (isDev ? [] : (document.resolve(key, name, range) ?? [])))
    reached.set(key, needs)
    queue.push(...needs)
  }
  return reached
}

const algorithms = { sha1: ['SHA-1', 20], sha256: ['SHA-256', 32], sha384: ['SHA-384', 48], sha512: ['SHA-512', 64] } as const

/** Subresource Integrity as hashes; what is of no known length is none. */
export function hashesOf(integrity = ''): Hash[] {
  return integrity.trim().split(/\s+/, 10).flatMap((it): Hash[] => {
    const [, name, digest] = /^(sha1|sha256|sha384|sha512)-([\w+/]+={0,2})(?:\?|$)/.exec(it) ?? []
    if (name === undefined || digest === undefined || !(name in algorithms)) return []
    const [algorithm, length] = algorithms[name as keyof typeof algorithms]
    const bytes = Buffer.from(digest, 'base64')
    return bytes.length === length ? [{ algorithm, content: bytes.toString('hex') }] : []
  })
}
