import type { Edit, FindingDraft, Rule } from '@shiplock/findings'
import type { TreeFiles } from '../check.ts'

/** The files that are looked at. */
export type Tree = TreeFiles

/** Larger ones are not what their names say. Bytes. */
export const largest = 1_048_576

/** Text of a small regular file; undefined where there is none. */
export const textOf = async (tree: Tree, path: string): Promise<string | undefined> => (tree.has(path) && !tree.isLink(path) && tree.size(path) <= largest ? await tree.text(path) : undefined)

export const finding = (rule: Rule, message: string, path?: string, line?: number): FindingDraft => ({
  rule: rule.id,
  message,
  ...(path !== undefined && { location: { path, ...(line !== undefined && { startLine: line, endLine: line }) } }),
})

/** A line at the end of a file that is there; another one may be put behind it. */
export function appended(path: string, text: string, line: string): Edit {
  const lines = text.split('\n')
  const at = { startLine: lines.length, startColumn: (lines.at(-1)?.length ?? 0) + 1 }
  return { path, ...at, endLine: at.startLine, endColumn: at.startColumn, text: lines.at(-1) === '' ? `${line}\n` : `\n${line}` }
}

/** Files that are made to be wrong, or to be copied. */
export const isSample = (path: string): boolean => /(?:^|\/)(?:__tests__|__fixtures__|tests?|specs?|fixtures?|testdata|mocks?|e2e|examples?|samples?|templates?|demos?|benchmarks?)\//i.test(path)

export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** With the slash at its end; empty for the root. */
export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1)
