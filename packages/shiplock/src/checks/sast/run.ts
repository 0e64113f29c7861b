import { posix } from 'node:path'
import { decodeHead, encodedHead, linkModules, loadedFiles, type Bound, type FileHead } from '@shiplock/analyser'
import { modelFiles } from '@shiplock/analyser/node'
import type { FindingDraft } from '@shiplock/findings'
import type { CheckContext, CheckOutcome } from '../check.ts'
import { unlessAllExcluded } from '../exclusion.ts'
import type { SastOptions } from './index.ts'
import { judgeUnits, revision } from './units.ts'
import { isLeftOut, problemFindings } from './problems.ts'
import { publishedFolders } from './published.ts'
import { isCommand, isTest, selectSources, type Selection } from './selection.ts'

export async function run(context: CheckContext<SastOptions>): Promise<CheckOutcome> {
  const { files, options, signal, remember } = context
  const paths = files.paths.filter((path) => !files.isLink(path))
  const commands = new Set<string>()
  for (const path of paths) if (!posix.basename(path).includes('.') && files.size(path) <= longestCommand && isCommand(await files.text(path))) commands.add(path)
  const selection = selectSources(paths, options, commands)
  if (selection.judged.length === 0) return unlessAllExcluded('sast', selection.exclusion) ?? { kind: 'completed', findings: [], summary: summaryOf(selection, [], new Map()) }
  const documents = new Map<string, string>()
  for (const path of files.paths) if (path.endsWith('.json') && !files.isLink(path)) documents.set(path, await files.text(path))
  const heads: FileHead[] = []
  /** Models that were made just now: they need not be read again. */
  const made = new Map<string, string>()
  const make = async function* (some: readonly string[]) {
    for await (const [path, model] of modelFiles(some, { read: files.text, size: files.size, signal })) {
      made.set(path, model)
      yield [path, encodedHead(model)] as const
    }
  }
  const look = async (some: readonly string[]) => {
    const found: FileHead[] = []
    for await (const [, head] of remember(some, `heads, ${revision}, ${heads.length > 0}`, make)) found.push(decodeHead(head))
    heads.push(...found)
    return found
  }
  // A test, or what lies in a folder called `build`, is part of the program where its code loads it.
  const waiting = new Set(selection.ifLoaded)
  for (let latest = await look(selection.judged); latest.length > 0; ) {
    const loaded = waiting.size === 0 ? [] : [...loadedFiles(latest, [...heads.map(({ path }) => path), ...waiting], documents)].filter((path) => waiting.delete(path))
    latest = loaded.length === 0 ? [] : await look(loaded)
  }
  signal.throwIfAborted()
  heads.sort((a, b) => (a.path < b.path ? -1 : 1))

  const modules = linkModules(heads, documents)
  const isPublished = options.libraryMode === 'auto' ? publishedFolders(documents) : () => options.libraryMode === 'on'
  const { findings, bounds } = await judgeUnits({ context, heads, modules, isPublished, made })
  const started = scriptsOf(documents)
  const isLoaded = (path: string) => modules.loaded.has(path) || started.includes(posix.basename(path))
  const unread: FindingDraft[] = []
  for (const head of heads) if (head.problems.length > 0) unread.push(...problemFindings(head, await files.text(head.path), isLoaded(head.path)))
  const minified = heads.filter((head) => isLeftOut(head, isLoaded(head.path))).map(({ path }) => path)
  const judged = heads.map(({ path }) => path)
  const left = (count: number, kind: (path: string) => boolean) => count - judged.filter((path) => !selection.judged.includes(path) && kind(path)).length
  return { kind: 'completed', findings: [...findings, ...unread], summary: summaryOf({ ...selection, judged, tests: left(selection.tests, isTest), generated: left(selection.generated, (path) => !isTest(path)) }, minified, bounds) }
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
  units: 'imports between parts of a program that is too large to be looked at as one',
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
