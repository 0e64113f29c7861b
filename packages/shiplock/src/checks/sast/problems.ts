import type { FileModel } from '@shiplock/analyser'
import type { FindingDraft } from '@shiplock/findings'
import { unreadableFile } from './rules/unreadable-file.ts'

/** What could not be read of a file; a minified one is told in the summary, since nobody wrote it. */
export function problemFinding({ path, problems, functions }: FileModel, text: string): FindingDraft | undefined {
  const problem = problems.find(({ kind }) => kind !== 'minified')
  if (!problem) return undefined
  const isRead = functions.length > 0
  const startLine = text.slice(0, problem.at).split('\n').length
  const what = problem.kind === 'syntax' ? `its syntax is wrong: ${problem.message}` : problem.message
  return { rule: unreadableFile.id, message: isRead ? `Not all of the file may have been read: ${what}` : `The file was not read: ${what}`, location: { path, startLine } }
}
