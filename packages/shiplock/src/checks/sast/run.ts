import { posix } from 'node:path'
import { analyseModels, findingsOf, loadedFiles, type Bound, type FileModel } from '@shiplock/analyser'
import { modelFiles } from '@shiplock/analyser/node'
import type { CheckContext, CheckOutcome } from '../check.ts'
import { unlessAllExcluded } from '../exclusion.ts'
import type { SastOptions } from './index.ts'
import { isLeftOut, problemFinding } from './problems.ts'
import { publishedFolders } from './published.ts'
import { isCommand, isTest, selectSources, type Selection } from './selection.ts'

/** Changes when the same text is modelled otherwise by the same version of Shiplock: never but while it is worked on. */
const revision = 'file models 5'

export async function run({ files, options, signal, remember }: CheckContext<SastOptions>): Promise<CheckOutcome> {
  const paths = files.paths.filter((path) => !files.isLink(path))
  const commands = new Set<string>()
  for (const path of paths) if (!posix.basename(path).includes('.') && files.size(path) <= longestCommand && isCommand(await files.text(path))) commands.add(path)
  const selection = selectSources(paths, options, commands)
  if (selection.judged.length === 0) return unlessAllExcluded('sast', selection.exclusion) ?? { kind: 'completed', findings: [], summary: summaryOf(selection, [], new Map()) }
  const documents = new Map<string, string>()
  for (const path of files.paths) if (path.endsWith('.json') && !files.isLink(path)) documents.set(path, await files.text(path))
  const models: FileModel[] = []
  const make = (some: readonly string[]) => modelFiles(some, { read: files.text, size: files.size, signal })
  const judge = async (some: readonly string[]) => {
    const made: FileModel[] = []
    for await (const [, text] of remember(some, revision, make)) made.push(JSON.parse(text) as FileModel)
    models.push(...made)
    return made
  }
  // A test, or what lies in a folder called `build`, is part of the program where its code loads it.
  const waiting = new Set(selection.ifLoaded)
  for (let latest = await judge(selection.judged); latest.length > 0; ) {
    const loaded = waiting.size === 0 ? [] : [...loadedFiles(latest, [...models.map(({ path }) => path), ...waiting], documents)].filter((path) => waiting.delete(path))
    latest = loaded.length === 0 ? [] : await judge(loaded)
  }
  signal.throwIfAborted()
  models.sort((a, b) => (a.path < b.path ? -1 : 1))

  const analysis = analyseModels(models, documents, { isPublished: options.libraryMode === 'auto' ? publishedFolders(documents) : () => options.libraryMode === 'on' })
  const texts = new Map<string, string>()
  for (const { path } of models) texts.set(path, await files.text(path))
  const findings = findingsOf(analysis, texts)
  const started = scriptsOf(documents)
  const isLoaded = (index: number, path: string) => analysis.program.loaded.has(index) || started.includes(posix.basename(path))
  const unread = models.flatMap((model, index) => problemFinding(model, texts.get(model.path) ?? '', isLoaded(index, model.path)) ?? [])
  const minified = models.filter((model, index) => isLeftOut(model, isLoaded(index, model.path))).map(({ path }) => path)
  const judged = models.map(({ path }) => path)
  const left = (count: number, kind: (path: string) => boolean) => count - judged.filter((path) => !selection.judged.includes(path) && kind(path)).length
  return { kind: 'completed', findings: [...findings, ...unread], summary: summaryOf({ ...selection, judged, tests: left(selection.tests, isTest), generated: left(selection.generated, (path) => !isTest(path)) }, minified, analysis.bounds) }
}

/** The commands that manifests name: `"start": "node public/a.min.js"` loads a file as an import does. */
function scriptsOf(documents: ReadonlyMap<string, string>): string {
  return [...documents].flatMap(([path, text]) => (posix.basename(path) === 'package.json' ? (/"scripts"\s*:\s*\{[^}]*\}/.exec(text) ?? []) : [])).join('\n')
}

/** A larger file without an extension is a binary. Bytes. */
const longestCommand = 1_000_000

/** What was looked at and what was not, so that nothing is left out in silence. */
function summaryOf({ judged, tests, generated, exclusion }: Selection, minified: readonly string[], bounds: ReadonlyMap<Bound, number>): string {
  const left = [
    [tests, 'of tests'],
    [generated, 'built or vendored'],
    [minified.length, `minified (${namesOf(minified)})`],
    [exclusion.excluded.length, 'excluded'],
  ].flatMap(([count, what]) => (count === 0 ? [] : `${count} ${what}`))
  const read = judged.length - minified.length
  const cut = [...bounds].map(([bound, count]) => `${boundWords[bound]} (${count})`)
  return `${read} ${read === 1 ? 'file' : 'files'}${left.length > 0 ? `; left out: ${left.join(', ')}` : ''}${cut.length > 0 ? `; not followed to the end: ${cut.join(', ')}` : ''}`
}

const mostNames = 5
const namesOf = (paths: readonly string[]) => `${paths.slice(0, mostNames).join(', ')}${paths.length > mostNames ? ` and ${paths.length - mostNames} more` : ''}`

/** What was more than is followed; the number behind it says at how many places. */
const boundWords: Readonly<Record<Bound, string>> = {
  conditions: 'files with conditions of too many terms',
  facts: 'the program as a whole, which is too large',
  fields: 'fields below three others',
  functions: 'values that may be too many functions',
  guards: 'checks that ask too many others',
  listeners: 'events with too many listeners',
  paths: 'the ways to all fields',
  patterns: 'regular expressions too large to be judged',
  targets: 'calls that may mean too many functions',
  templates: 'templates with too long expressions',
  values: 'values made of too much untrusted input',
  writers: 'fields of requests that too many handlers write',
}
