import { posix } from 'node:path'
import { analyseModels, findingsOf, type FileModel } from '@shiplock/analyser'
import { modelFiles } from '@shiplock/analyser/node'
import type { CheckContext, CheckOutcome } from '../check.ts'
import { unlessAllExcluded } from '../exclusion.ts'
import type { SastOptions } from './index.ts'
import { problemFinding } from './problems.ts'
import { publishedFolders } from './published.ts'
import { isCommand, selectSources, type Selection } from './selection.ts'

/** Changes when the same text is modelled otherwise by the same version of Shiplock: never but while it is worked on. */
const revision = 'file models 2'

export async function run({ files, options, signal, remember }: CheckContext<SastOptions>): Promise<CheckOutcome> {
  const paths = files.paths.filter((path) => !files.isLink(path))
  const commands = new Set<string>()
  for (const path of paths) if (!posix.basename(path).includes('.') && files.size(path) <= longestCommand && isCommand(await files.text(path))) commands.add(path)
  const selection = selectSources(paths, options, commands)
  if (selection.judged.length === 0) return unlessAllExcluded('sast', selection.exclusion) ?? { kind: 'completed', findings: [], summary: summaryOf(selection, 0, false) }
  const models: FileModel[] = []
  const make = (paths: readonly string[]) => modelFiles(paths, { read: files.text, size: files.size, signal })
  for await (const [, text] of remember(selection.judged, revision, make)) models.push(JSON.parse(text) as FileModel)
  signal.throwIfAborted()
  models.sort((a, b) => (a.path < b.path ? -1 : 1))

  const documents = new Map<string, string>()
  for (const path of files.paths) if (path.endsWith('.json') && !files.isLink(path)) documents.set(path, await files.text(path))
  const analysis = analyseModels(models, documents, { isPublished: options.libraryMode === 'auto' ? publishedFolders(documents) : () => options.libraryMode === 'on' })
  const texts = new Map<string, string>()
  for (const path of selection.judged) texts.set(path, await files.text(path))
  const findings = findingsOf(analysis, texts)
  const unread = models.flatMap((model) => problemFinding(model, texts.get(model.path) ?? '') ?? [])
  const minified = models.filter(({ problems }) => problems.some(({ kind }) => kind === 'minified')).length
  return { kind: 'completed', findings: [...findings, ...unread], summary: summaryOf(selection, minified, analysis.isCut) }
}

/** A larger file without an extension is a binary. Bytes. */
const longestCommand = 1_000_000

/** What was looked at and what was not, so that nothing is left out in silence. */
function summaryOf({ judged, tests, generated, exclusion }: Selection, minified: number, isCut: boolean): string {
  const left = [
    [tests, 'of tests'],
    [generated, 'built or vendored'],
    [minified, 'minified'],
    [exclusion.excluded.length, 'excluded'],
  ].flatMap(([count, what]) => (count === 0 ? [] : `${count} ${what}`))
  const read = judged.length - minified
  return `${read} ${read === 1 ? 'file' : 'files'}${left.length > 0 ? `; left out: ${left.join(', ')}` : ''}${isCut ? '; the program is too large to follow every path to its end' : ''}`
}
