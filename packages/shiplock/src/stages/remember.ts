import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto'
import type { MakeTexts } from '../checks/check.ts'
import type { Store } from '../engine/cache.ts'
import { keyOfPath, readFromSnapshot, type Snapshot } from '../system/snapshot.ts'

export interface RememberRequest {
  readonly check: string
  readonly key: string
  readonly paths: readonly string[]
  readonly snapshot: Snapshot
  readonly store: Store
  readonly make: MakeTexts
  /** A key that only who has the file can have. */
  readonly contentKey: (path: string) => Buffer
}

/** key of the path → [digest of the content, sealed text], of some of the files. */
type Shelf = Record<string, readonly [digest: string, sealed: string]>

/** Files that share an entry of the store: one changed file writes that many again. */
const filesOnShelf = 32

/**
 * Texts that a check made of single files: only files whose content is new are made again. Each is sealed with a key that
 * is made of the file's content, since it may hold what the file holds, a password say, and the store is not for secrets.
 */
export async function* remember(request: RememberRequest): AsyncGenerator<readonly [path: string, text: string]> {
  const { paths, snapshot, store, make } = request
  const count = 2 ** Math.ceil(Math.log2(Math.max(1, paths.length / filesOnShelf)))
  const shelves = Map.groupBy(paths, (path) => createHash('sha256').update(path).digest().readUInt32BE() % count)
  const changed = new Map<number, Shelf>()
  const waiting = new Map<number, number>()
  const stale: { readonly path: string; readonly shelf: number }[] = []
  for (const [shelf, own] of shelves) {
    const known = parse(store.get(entryOf(request, count, shelf)))
    const kept: Shelf = Object.create(null)
    const missing: string[] = []
    for (const path of own) {
      const entry = known[keyOfPath(path)]
      const text = entry?.[0] === snapshot.files.get(path)?.digest && entry ? unseal(entry[1], keyOf(request, path)) : undefined
      if (text === undefined) missing.push(path)
      else {
        kept[keyOfPath(path)] = entry!
        yield [path, text]
      }
    }
    if (missing.length > 0) {
      changed.set(shelf, kept)
      waiting.set(shelf, missing.length)
      stale.push(...missing.map((path) => ({ path, shelf })))
    }
  }
  if (stale.length === 0) return
  let at = 0
  for await (const [path, text] of make(stale.map((one) => one.path))) {
    const expected = stale[at]
    if (expected?.path !== path) throw new Error(`check ${request.check} gave ${path} where ${expected?.path} was asked for`)
    at += 1
    const shelf = changed.get(expected.shelf)!
    shelf[keyOfPath(path)] = [snapshot.files.get(path)?.digest ?? '', seal(text, keyOf(request, path))]
    const left = waiting.get(expected.shelf)! - 1
    waiting.set(expected.shelf, left)
    if (left === 0) {
      store.set(entryOf(request, count, expected.shelf), JSON.stringify(shelf))
      changed.delete(expected.shelf)
    }
    yield [path, text]
  }
  if (at !== stale.length) throw new Error(`check ${request.check} gave no answer for ${stale[at]?.path}`)
}

/** What a check made of all of these files together, sealed with a key that is made of all their contents. */
export async function rememberTogether(request: Omit<RememberRequest, 'make'>, make: () => Promise<string>): Promise<string> {
  const { check, key, paths, snapshot, store, contentKey } = request
  const about = JSON.stringify(['together', check, key, paths.map((path) => [path, snapshot.files.get(path)?.digest ?? ''])])
  const entry = createHash('sha256').update(about).digest('hex')
  const contents = createHash('sha256')
  for (const path of paths) contents.update(contentKey(path))
  const sealKey = createHmac('sha256', contents.digest()).update(about).digest()
  const known = store.get(entry)
  const text = known === undefined ? undefined : unseal(known, sealKey)
  if (text !== undefined) return text
  const made = await make()
  store.set(entry, seal(made, sealKey))
  return made
}

const entryOf = ({ check, key }: RememberRequest, count: number, shelf: number) => createHash('sha256').update(JSON.stringify(['remember', 3, check, key, count, shelf])).digest('hex')

/** Of the content, and of what it is for: the same key never seals two texts. */
function keyOf({ check, key, contentKey }: RememberRequest, path: string): Buffer {
  return createHmac('sha256', contentKey(path)).update(JSON.stringify([check, key, path])).digest()
}

/** Keys that are made of the contents of files, each read once; `whenChanged` is what is thrown where it was edited since the run began. */
export function contentKeys(snapshot: Snapshot, whenChanged: (path: string) => Error): (path: string) => Buffer {
  const known = new Map<string, Buffer>()
  return (path) => {
    let key = known.get(path)
    if (!key) {
      const content = readFromSnapshot(snapshot, path)
      if (!content.ok) throw whenChanged(path)
      known.set(path, (key = createHmac('sha256', content.value).update('remembered').digest()))
    }
    return key
  }
}

// One key, one text: a counter that begins at nothing repeats nothing.
const start = Buffer.alloc(12)

function seal(text: string, key: Buffer): string {
  const cipher = createCipheriv('aes-256-gcm', key, start)
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64')
}

function unseal(sealed: string, key: Buffer): string | undefined {
  const bytes = Buffer.from(sealed, 'base64')
  if (bytes.length < 16) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, start)
  decipher.setAuthTag(bytes.subarray(-16))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8')
  } catch {
    // Damaged, or put there for another file: as if it were not there.
    return undefined
  }
}

function parse(text: string | undefined): Shelf {
  return text === undefined ? {} : JSON.parse(text)
}
