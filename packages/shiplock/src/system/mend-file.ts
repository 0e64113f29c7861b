import { lstatSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fail, ok, type Result } from '@shiplock/findings'
import { writeAtomically } from './files.ts'
import { readFromSnapshot, type Snapshot } from './snapshot.ts'

/** Text of a file that may be mended, or why it may not: a link, an edit since the snapshot, bytes that are no text. */
export function readForMending(snapshot: Snapshot, path: string): Result<string, string> {
  const file = snapshot.files.get(path)
  if (!file) return fail('is not part of the tree')
  if (file.mode === 'symlink') return fail('is a link, and what it leads to may be anywhere')
  // A folder above it may have become a link since the tree was listed.
  const directory = dirname(join(snapshot.root, path))
  if (realpathSync(directory) !== join(realpathSync(snapshot.root), dirname(path))) return fail('lies behind a link')
  // Named by two paths it would be parted from the other.
  if (lstatSync(join(snapshot.root, path)).nlink > 1) return fail('has another name (a hard link) that would keep the old text')
  const content = readFromSnapshot(snapshot, path)
  if (!content.ok) return fail('was edited since it was looked at')
  const text = content.value.toString('utf8')
  return Buffer.from(text, 'utf8').equals(content.value) ? ok(text) : fail('holds bytes that are not UTF-8')
}

/** Writes the mended text in the place of the file, with the rights that it had. Looks again first. */
export function writeMended(snapshot: Snapshot, path: string, text: string): Result<void, string> {
  const before = readForMending(snapshot, path)
  if (!before.ok) return before
  const absolute = join(snapshot.root, path)
  writeAtomically(absolute, text, { mode: lstatSync(absolute).mode & 0o777, durable: true })
  return ok(undefined)
}
