import { count } from '@shiplock/findings'
import { visible } from '../escape.ts'

/** What was mended, as a summary of the difference: a line a file. */
export function renderFixes({ files, refused }: Fixes): string {
  const width = Math.max(0, ...files.map(({ path }) => visible(path).length))
  const mended = files.toSorted(byPath).map(({ path, added, removed }) => `  ${visible(path).padEnd(width)}  +${added} -${removed}`)
  const left = refused.toSorted(byPath).map(({ path, why }) => `  ${visible(path)}: ${visible(why)}`)
  return [
    files.length === 0 ? 'Nothing was mended.' : `Mended ${count(files.length, 'file')}; git diff shows how.`,
    ...mended,
    ...(left.length > 0 ? ['Not mended:', ...left] : []),
  ].join('\n')
}

export interface Fixes {
  readonly files: readonly { readonly path: string; readonly added: number; readonly removed: number }[]
  readonly refused: readonly { readonly path: string; readonly why: string }[]
}

const byPath = (a: { readonly path: string }, b: { readonly path: string }) => (a.path < b.path ? -1 : Number(a.path > b.path))
