import type { FileHead } from '@shiplock/analyser'
import type { FindingDraft } from '@shiplock/findings'
import { unreadableFile } from './rules/unreadable-file.ts'
import { isServed, isTest } from './selection.ts'

/**
 * What could not be read of a file. A minified one that lies where pages load theirs from, and that no code of the program loads, is
 * left out, and told by its name in the summary: nobody wrote it here. Any other one is a finding, since everything could be in it.
 */
export function problemFindings(head: FileHead, text: string, isLoaded: boolean): FindingDraft[] {
  const { path, problems, isRead } = head
  const [problem] = problems
  if (!problem || isLeftOut(head, isLoaded)) return []
  const startLine = text.slice(0, problem.at).split('\n').length
  const what = problem.kind === 'syntax' ? `its syntax is wrong: ${problem.message}` : problem.kind === 'minified' ? `it is minified, and ${isLoaded ? 'the program loads it' : 'lies where sources do'}` : problem.message
  const weight = isRead || isTest(path) ? { severity: 'low' as const } : problem.kind === 'minified' ? { severity: 'medium' as const } : {}
  return [{ rule: unreadableFile.id, message: isRead ? `Not all of the file may have been read: ${what}` : `The file was not read: ${what}`, location: { path, startLine }, ...weight }]
}

export const isLeftOut = ({ path, problems }: FileHead, isLoaded: boolean): boolean => !isLoaded && isServed(path) && problems.some(({ kind }) => kind === 'minified')
