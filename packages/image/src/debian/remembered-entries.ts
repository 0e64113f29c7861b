import { ImageError } from '../error.ts'
import { readSmallFile, replaceFile } from '../node.ts'
import { digestOf } from '../oci/digest.ts'
import { canonicalJson, isRecord, parseJson } from '../oci/json.ts'
import type { LayerEntry } from '../oci/layer-entry.ts'

/** Entries whose contents are all in memory. */
export type HeldEntry = Exclude<LayerEntry, { kind: 'file' }> | (Extract<LayerEntry, { kind: 'file' }> & { readonly content: Uint8Array })

const maxRememberedBytes = 1024 * 1024 * 1024
const digestLength = 'sha256:'.length + 64

/**
 * Writes entries into one file: the digest of all that follows, a line of JSON that lists them, their contents. One file is
 * whole or not there after a power cut, which hundreds of small ones are not.
 */
export async function rememberEntries(file: string, entries: readonly HeldEntry[]): Promise<void> {
  const list = entries.map((entry) => (entry.kind === 'file' ? { kind: entry.kind, path: entry.path, mode: entry.mode, size: entry.content.length } : entry))
  const contents = entries.flatMap((entry) => (entry.kind === 'file' ? [entry.content] : []))
  const rest = Buffer.concat([canonicalJson(list), Buffer.from('\n'), ...contents])
  await replaceFile(file, Buffer.concat([Buffer.from(digestOf(rest)), rest]))
}

/** The entries of such a file; `undefined` where there is none, or a damaged one: they are made again. */
export async function recallEntries(file: string): Promise<readonly HeldEntry[] | undefined> {
  const bytes = await readSmallFile(file, maxRememberedBytes)
  if (bytes === undefined) return undefined
  const rest = bytes.subarray(digestLength)
  if (new TextDecoder().decode(bytes.subarray(0, digestLength)) !== digestOf(rest)) return undefined
  const end = rest.indexOf(10)
  try {
    return entriesOf(parseJson(rest.subarray(0, end), 'layer-invalid', file), rest.subarray(end + 1))
  } catch (error) {
    if (error instanceof ImageError) return undefined
    throw error
  }
}

/** Another version of this program may have listed them otherwise: then they are not recalled. */
function entriesOf(list: unknown, contents: Uint8Array): readonly HeldEntry[] | undefined {
  if (!Array.isArray(list)) return undefined
  let at = 0
  const entries: HeldEntry[] = []
  for (const item of list as readonly unknown[]) {
    if (!isRecord(item)) return undefined
    const { kind, path, mode, size, target } = item
    if (typeof path !== 'string') return undefined
    if (kind === 'symlink' && typeof target === 'string') entries.push({ kind, path, target })
    else if (kind === 'directory' && typeof mode === 'number') entries.push({ kind, path, mode })
    else if (kind === 'file' && typeof mode === 'number' && typeof size === 'number') {
      entries.push({ kind, path, mode, content: contents.subarray(at, at + size) })
      at += size
    } else return undefined
  }
  return at === contents.length ? entries : undefined
}
